import type { TrackedAlert } from "../../model/alert.ts";
import { toHoldfastError } from "../../model/error.ts";
import { deliveryBackoffMs } from "../../plan/alerts/delivery-backoff.ts";
import { planNotifications, type ToldGroups } from "../../plan/alerts/plan-notifications.ts";
import type { Clock, Log, Notifier, Reporter } from "../../ports.ts";

/** One receiver of alerts, with its own pace: nothing of it concerns another one. */
export interface AlertChannel {
  /** The server, `alertmanager.lan:9093`: no path, and nothing secret. */
  readonly receiver: string;
  /** Tells it the present truth, unless it is left alone for a while; resolves with whether it knows now. Never throws. */
  deliver(tracked: () => readonly TrackedAlert[], intervalMs: number, signal: AbortSignal): Promise<boolean>;
  /** When it is due again; milliseconds since the epoch. */
  dueAtMs(): number;
}

export interface ChannelPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Called with each message that was sent. */
  readonly onDelivery: (receiver: string, result: "success" | "failure") => void;
}

/** What a webhook was told, where it outlives the agent. Throws nothing. */
export interface ToldMemory {
  read(): ToldGroups;
  write(told: ToldGroups): void;
}

const SHORTEST_LIFE_MS = 240_000;

/** An Alertmanager: is told everything that fires each time, and decides itself what is news. */
export function openAlertmanagerChannel(url: string, reporter: Reporter, ports: ChannelPorts): AlertChannel {
  return openChannel(url, ports, async (tracked, intervalMs, count, signal) => {
    const endsAtMs = ports.clock.nowMs() + Math.max(4 * intervalMs, SHORTEST_LIFE_MS);
    const sending = reporter.deliver(tracked, endsAtMs, signal);
    // Nothing is sent where there is nothing to tell.
    await (tracked.length === 0 ? sending : count(sending));
    return intervalMs;
  });
}

/** A webhook: is told what is news, one message per group. */
export function openWebhookChannel(url: string, notifier: Notifier, memory: ToldMemory, ports: ChannelPorts): AlertChannel {
  let told = memory.read();
  return openChannel(url, ports, async (tracked, intervalMs, count, signal) => {
    const nowMs = ports.clock.nowMs();
    const { due, putOffUntilMs = Number.POSITIVE_INFINITY } = planNotifications(tracked, told, nowMs);
    for (const { group, payload, told: next } of due) {
      await count(notifier.notify(payload, signal));
      const { [group]: _before, ...others } = told;
      told = next === undefined ? others : { ...others, [group]: next };
      // At once: what was told must not be told again after a crash.
      memory.write(told);
    }
    return Math.min(intervalMs, putOffUntilMs - nowMs);
  });
}

/** Sends what is to be told, counting each message; returns how soon it is to be called again. */
type Send = (
  tracked: readonly TrackedAlert[],
  intervalMs: number,
  count: (sending: Promise<void>) => Promise<void>,
  signal: AbortSignal,
) => Promise<number>;

function openChannel(url: string, { clock, log, onDelivery }: ChannelPorts, send: Send): AlertChannel {
  const receiver = URL.canParse(url) ? new URL(url).host : "invalid";
  let failures = 0;
  let [notBeforeMs, dueAtMs] = [0, 0];
  let delivering: Promise<boolean> | undefined;
  let next: Promise<boolean> | undefined;

  async function count(sending: Promise<void>): Promise<void> {
    await sending.then(
      () => onDelivery(receiver, "success"),
      (cause: unknown) => {
        onDelivery(receiver, "failure");
        throw cause;
      },
    );
  }

  async function deliverNow(tracked: readonly TrackedAlert[], intervalMs: number, signal: AbortSignal): Promise<boolean> {
    if (clock.nowMs() < notBeforeMs) return false;
    try {
      const againMs = await send(tracked, intervalMs, count, signal);
      if (failures > 0) log.info({ receiver }, "alerts are delivered again");
      [failures, notBeforeMs, dueAtMs] = [0, 0, clock.nowMs() + againMs];
      return true;
    } catch (cause) {
      if (signal.aborted) return false;
      // The same failure at each attempt is told once.
      if (failures === 0) log.warn({ receiver, error: toHoldfastError(cause).message }, "alerts cannot be delivered");
      failures += 1;
      notBeforeMs = clock.nowMs() + deliveryBackoffMs(failures);
      dueAtMs = notBeforeMs;
      return false;
    }
  }

  const channel: AlertChannel = {
    receiver,
    deliver(tracked, intervalMs, signal) {
      if (delivering === undefined) {
        delivering = deliverNow(tracked(), intervalMs, signal).finally(() => {
          delivering = undefined;
        });
        return delivering;
      }
      // One after the other: an older truth that overtakes a newer one would fire on what has ended.
      next ??= delivering.then(() => {
        next = undefined;
        return channel.deliver(tracked, intervalMs, signal);
      });
      return next;
    },
    dueAtMs: () => dueAtMs,
  };
  return channel;
}
