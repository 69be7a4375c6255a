import type { Alert, TrackedAlert } from "../../model/alert.ts";

/** Alertmanager has forgotten an alert by itself after this long, so that a late "resolved" would be noise. */
const RESOLVED_KEPT_MS = 900_000;

/**
 * Carries the alerts that fire and those that have just ended on to the next moment. An alert that is still raised keeps
 * its start; one that is no longer raised ends, but not before it fired for `minFiringMs`, so that receivers which wait
 * before they tell (Alertmanager's `group_wait`) see a drift that was healed at once. One of which nobody can tell yet whether it
 * is over fires on.
 */
export function trackAlerts(
  previous: readonly TrackedAlert[],
  raised: readonly Alert[],
  nowMs: number,
  minFiringMs: number,
  isUndecided: (alert: Alert) => boolean = () => false,
): TrackedAlert[] {
  const before = new Map(previous.map((tracked) => [identifyAlert(tracked.alert), tracked]));
  const now = new Map(raised.map((alert) => [identifyAlert(alert), alert]));
  const firing = [...now].map(([id, alert]): TrackedAlert => {
    const known = before.get(id);
    const startsAtMs = known !== undefined && known.resolvedAtMs === undefined ? known.startsAtMs : nowMs;
    return { alert, startsAtMs };
  });
  const ended = [...before].flatMap(([id, tracked]): TrackedAlert[] => {
    if (now.has(id)) return [];
    if (tracked.resolvedAtMs !== undefined) return nowMs - tracked.resolvedAtMs < RESOLVED_KEPT_MS ? [tracked] : [];
    const { alert, startsAtMs } = tracked;
    if (isUndecided(alert)) return [tracked];
    const firesUntilMs = startsAtMs + minFiringMs;
    return [nowMs < firesUntilMs ? { alert, startsAtMs, firesUntilMs } : { alert, startsAtMs, resolvedAtMs: nowMs }];
  });
  return [...firing, ...ended].sort((a, b) => (identifyAlert(a.alert) < identifyAlert(b.alert) ? -1 : 1));
}

/** What remains after a delivery that every receiver accepted: what still fires. */
export function forgetDelivered(tracked: readonly TrackedAlert[], delivered: readonly TrackedAlert[]): TrackedAlert[] {
  const told = new Set(delivered.filter((item) => item.resolvedAtMs !== undefined).map((item) => identifyAlert(item.alert)));
  return tracked.filter((item) => item.resolvedAtMs === undefined || !told.has(identifyAlert(item.alert)));
}

/** What begins to fire between two moments, and what has ended. */
export function findNews(
  previous: readonly TrackedAlert[],
  next: readonly TrackedAlert[],
): { readonly begun: readonly Alert[]; readonly ended: readonly Alert[] } {
  const firing = (tracked: readonly TrackedAlert[]): ReadonlyMap<string, Alert> =>
    new Map(
      tracked.flatMap(({ alert, resolvedAtMs }) => (resolvedAtMs === undefined ? [[identifyAlert(alert), alert] as const] : [])),
    );
  const [before, now] = [firing(previous), firing(next)];
  return {
    begun: [...now].flatMap(([id, alert]) => (before.has(id) ? [] : [alert])),
    ended: [...before].flatMap(([id, alert]) => (now.has(id) ? [] : [alert])),
  };
}

/** An alert's identity: its name and labels, as for Alertmanager. */
export function identifyAlert(alert: Alert): string {
  return JSON.stringify([alert.name, ...Object.entries(alert.labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
