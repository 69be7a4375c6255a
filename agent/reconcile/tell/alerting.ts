import { createHash } from "node:crypto";
import type { Alert, TrackedAlert } from "../../model/alert.ts";
import type { AlertSettings, ReceiverSettings } from "../../model/desired.ts";
import { toHoldfastError } from "../../model/error.ts";
import { isUndecided } from "../../plan/alerts/is-undecided.ts";
import type { ToldGroups } from "../../plan/alerts/plan-notifications.ts";
import { type HostFacts, raiseAlerts } from "../../plan/alerts/raise-alerts.ts";
import { findNews, forgetDelivered, trackAlerts } from "../../plan/alerts/track-alerts.ts";
import type { Clock, Log, Notifier, Reporter, Store } from "../../ports.ts";
import { keys } from "../store-keys.ts";
import { type AlertChannel, openAlertmanagerChannel, openWebhookChannel, type ToldMemory } from "./alert-channel.ts";

export interface AlertingPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly openReporter: (settings: ReceiverSettings) => Reporter;
  readonly openNotifier: (settings: ReceiverSettings) => Notifier;
}

/** How many messages a receiver took, or did not. */
export interface DeliveryCount {
  readonly receiver: string;
  readonly success: number;
  readonly failure: number;
}

export interface Alerting {
  /** Takes in what is true now; what fires is kept so that it goes on firing after a restart. */
  update(facts: HostFacts, settings: AlertSettings | undefined): void;
  /** Tells every receiver the present truth; `intervalMs` says how soon it will be told again. Never throws. */
  deliver(intervalMs: number, signal: AbortSignal): Promise<void>;
  /** How long until a receiver is due, milliseconds. */
  restMs(intervalMs: number): number;
  firing(): readonly TrackedAlert[];
  /** Since the start, of every receiver that there is. */
  deliveries(): readonly DeliveryCount[];
}

const SHORTEST_REST_MS = 1_000;
/** `docker compose up` may take a quarter of an hour; a reconciliation that takes longer than this does not end. */
const PULSE_MS = 20 * 60_000;

/** Keeps the alerts of this host and delivers them; reporting can never break converging. */
export function openAlerting(ports: AlertingPorts): Alerting {
  const { store, clock, log } = ports;
  let tracked = recall(store, log);
  let alertmanagers: readonly AlertChannel[] = [];
  let webhooks: readonly AlertChannel[] = [];
  let receivers = "";
  let updatedAtMs = clock.nowMs();
  const counts = new Map<string, { success: number; failure: number }>();
  const channelPorts = {
    ...{ clock, log },
    onDelivery(receiver: string, result: "success" | "failure") {
      const count = counts.get(receiver);
      if (count !== undefined) count[result] += 1;
    },
  };

  function keep(next: readonly TrackedAlert[]): void {
    if (JSON.stringify(next) === JSON.stringify(tracked)) return;
    tracked = next;
    try {
      store.write(keys.alerts, tracked);
    } catch (cause) {
      // Only a restart would miss it.
      log.warn({ error: toHoldfastError(cause).message }, "alerts cannot be kept");
    }
  }

  function open({ alertmanagers: urls, webhooks: hooks }: AlertSettings): void {
    const wanted = JSON.stringify([urls, hooks]);
    if (wanted === receivers) return;
    receivers = wanted;
    alertmanagers = urls.map((one) => openAlertmanagerChannel(one.url, ports.openReporter(one), channelPorts));
    const notified = hooks.map((one) => keys.notified(identify(one.url)));
    webhooks = hooks.map((one, index) => {
      const memory = openTold(notified[index] ?? "", store, log);
      return openWebhookChannel(one.url, ports.openNotifier(one), memory, channelPorts);
    });
    forgetOthers(notified, store, log);
    const names = new Set([...alertmanagers, ...webhooks].map(({ receiver }) => receiver));
    for (const name of counts.keys()) if (!names.has(name)) counts.delete(name);
    for (const name of names) if (!counts.has(name)) counts.set(name, { success: 0, failure: 0 });
  }

  /** What is true, by all that is known: that reconciliations finish is so only while they do. */
  function present(intervalMs: number): readonly TrackedAlert[] {
    if (clock.nowMs() - updatedAtMs <= Math.max(4 * intervalMs, PULSE_MS)) return tracked;
    return tracked.filter(({ alert }) => alert.name !== "HoldfastHeartbeat");
  }

  return {
    update(facts, settings) {
      updatedAtMs = clock.nowMs();
      const { undecided } = facts;
      const isOpen = (alert: Alert): boolean => undecided !== undefined && isUndecided(alert, undecided);
      const next = trackAlerts(tracked, raiseAlerts(facts), clock.nowMs(), settings?.minFiringMs ?? 0, isOpen);
      logNews(tracked, next, log);
      keep(next);
      // Before anything of the repository has been read, nobody knows whom to tell, nor whom no more.
      if (settings !== undefined) open(settings);
    },

    async deliver(intervalMs, signal) {
      const asked = alertmanagers;
      let told: readonly TrackedAlert[] | undefined;
      // Of several that begin later, the first is the oldest truth: what it did not hold is not forgotten.
      const snapshot = (): readonly TrackedAlert[] => {
        told ??= tracked;
        return present(intervalMs);
      };
      const [accepted] = await Promise.all([
        Promise.all(asked.map((channel) => channel.deliver(snapshot, intervalMs, signal))),
        Promise.all(webhooks.map((channel) => channel.deliver(() => present(intervalMs), intervalMs, signal))),
      ]);
      if (asked === alertmanagers && told !== undefined && accepted.every(Boolean)) keep(forgetDelivered(tracked, told));
    },

    restMs(intervalMs) {
      const due = [...alertmanagers, ...webhooks].map((channel) => channel.dueAtMs() - clock.nowMs());
      return Math.max(SHORTEST_REST_MS, Math.min(intervalMs, ...due));
    },

    firing: () => tracked.filter((item) => item.resolvedAtMs === undefined),
    deliveries: () => [...counts].map(([receiver, count]) => ({ receiver, ...count })),
  };
}

function logNews(previous: readonly TrackedAlert[], next: readonly TrackedAlert[], log: Log): void {
  const { begun, ended } = findNews(previous, next);
  const describe = ({ name, labels: { stack, kind }, annotations: { summary } }: Alert): object => ({
    alert: name,
    ...(stack === undefined ? {} : { stack }),
    ...(kind === undefined ? {} : { kind }),
    summary,
  });
  for (const alert of begun) {
    const level = alert.severity === "critical" ? "error" : alert.severity === "warning" ? "warn" : "info";
    log[level](describe(alert), "alert fires");
  }
  for (const alert of ended) log.info(describe(alert), "alert ended");
}

/** An address may hold what only its owner should know. */
function identify(url: string): string {
  return createHash("sha256").update(url).digest("hex").slice(0, 16);
}

/** What a webhook was told; without a store that works, for as long as the agent lives. */
function openTold(key: string, store: Store, log: Log): ToldMemory {
  return {
    read() {
      try {
        return store.read<ToldGroups>(key) ?? {};
      } catch (cause) {
        log.warn({ error: toHoldfastError(cause).message }, "what a webhook was told cannot be recalled");
        return {};
      }
    },
    write(told) {
      try {
        store.write(key, told);
      } catch (cause) {
        log.warn({ error: toHoldfastError(cause).message }, "what a webhook was told cannot be kept");
      }
    },
  };
}

function forgetOthers(known: readonly string[], store: Store, log: Log): void {
  try {
    for (const key of store.list(keys.notified("")).keys()) if (!known.includes(key)) store.remove(key);
  } catch (cause) {
    log.warn({ error: toHoldfastError(cause).message }, "what a webhook was told cannot be forgotten");
  }
}

function recall(store: Store, log: Log): readonly TrackedAlert[] {
  try {
    return store.read<TrackedAlert[]>(keys.alerts) ?? [];
  } catch (cause) {
    // What is still true is raised again; only its start is lost.
    log.warn({ error: toHoldfastError(cause).message }, "alerts cannot be recalled");
    return [];
  }
}
