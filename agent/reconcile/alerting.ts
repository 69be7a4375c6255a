import type { TrackedAlert } from "../model/alert.ts";
import type { AlertmanagerSettings, AlertSettings } from "../model/desired.ts";
import { toHoldfastError } from "../model/error.ts";
import { type HostFacts, raiseAlerts } from "../plan/raise-alerts.ts";
import { forgetDelivered, trackAlerts } from "../plan/track-alerts.ts";
import type { Clock, Log, Reporter, Store } from "../ports.ts";
import { keys } from "./store-keys.ts";

export interface AlertingPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly openReporter: (settings: AlertmanagerSettings) => Reporter;
}

export interface Alerting {
  /** Takes in what is true now; what fires is kept so that it goes on firing after a restart. */
  update(facts: HostFacts, settings: AlertSettings | undefined): void;
  /** Tells every receiver the present truth; `intervalMs` says how soon it will be told again. Never throws. */
  deliver(intervalMs: number, signal: AbortSignal): Promise<void>;
  firing(): readonly TrackedAlert[];
}

const SHORTEST_LIFE_MS = 240_000;

/** Keeps the alerts of this host and delivers them; reporting can never break converging. */
export function openAlerting(ports: AlertingPorts): Alerting {
  const { store, clock, log } = ports;
  let tracked = recall(store, log);
  let reporters: readonly Reporter[] = [];
  let receivers = "";
  const failing = new Set<Reporter>();

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

  async function tell(
    reporter: Reporter,
    alerts: readonly TrackedAlert[],
    endsAtMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await reporter.deliver(alerts, endsAtMs, signal);
      if (failing.delete(reporter)) log.info({}, "alerts are delivered again");
      return true;
    } catch (cause) {
      const error = toHoldfastError(cause);
      if (!failing.has(reporter) && !signal.aborted) log.warn({ error: error.message }, "alerts cannot be delivered");
      failing.add(reporter);
      return false;
    }
  }

  return {
    update(facts, settings) {
      keep(trackAlerts(tracked, raiseAlerts(facts), clock.nowMs(), settings?.minFiringMs ?? 0));
      const wanted = JSON.stringify(settings?.alertmanagers ?? []);
      if (wanted === receivers) return;
      receivers = wanted;
      reporters = (settings?.alertmanagers ?? []).map(ports.openReporter);
      failing.clear();
    },

    async deliver(intervalMs, signal) {
      const told = tracked;
      const endsAtMs = clock.nowMs() + Math.max(4 * intervalMs, SHORTEST_LIFE_MS);
      const accepted = await Promise.all(reporters.map((reporter) => tell(reporter, told, endsAtMs, signal)));
      if (accepted.length > 0 && accepted.every(Boolean)) keep(forgetDelivered(tracked, told));
    },

    firing: () => tracked.filter((item) => item.resolvedAtMs === undefined),
  };
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
