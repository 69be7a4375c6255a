import type { TrackedAlert } from "../model/alert.ts";
import type { Reporter } from "../ports.ts";
import { openReceiver, type ReceiverOptions } from "./open-receiver.ts";

export interface AlertmanagerCheck {
  /** Whether it takes alerts from here: delivers none. Throws `report-failed`. */
  check(signal: AbortSignal): Promise<void>;
}

/** One Alertmanager, by its API v2. */
export function openAlertmanager(options: ReceiverOptions): Reporter & AlertmanagerCheck {
  const receiver = openReceiver("Alertmanager", options);
  const url = (): URL => new URL(`${options.url.replace(/\/+$/, "")}/api/v2/alerts`);
  const post = (alerts: readonly TrackedAlert[], endsAtMs: number, signal: AbortSignal): Promise<void> =>
    receiver.post(
      url,
      alerts.map((alert) => describeAlert(alert, endsAtMs)),
      signal,
    );
  return {
    async deliver(alerts, endsAtMs, signal) {
      if (alerts.length > 0) await post(alerts, endsAtMs, signal);
    },
    check: (signal) => post([], 0, signal),
  };
}

// Alertmanager refuses a label or annotation without a value.
function describeAlert({ alert, startsAtMs, resolvedAtMs }: TrackedAlert, endsAtMs: number): object {
  return {
    labels: dropEmpty(alert.labels),
    annotations: dropEmpty(alert.annotations),
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(resolvedAtMs ?? endsAtMs).toISOString(),
  };
}

function dropEmpty(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}
