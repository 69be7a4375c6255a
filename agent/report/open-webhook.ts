import type { Notifier } from "../ports.ts";
import { openReceiver, type ReceiverOptions } from "./open-receiver.ts";

/** One receiver of Alertmanager's webhook payload, at exactly the address that is given. */
export function openWebhook(options: ReceiverOptions): Notifier {
  const receiver = openReceiver("the webhook", options);
  return { notify: (payload, signal) => receiver.post(() => new URL(options.url), payload, signal) };
}
