import type { TrackedAlert } from "../../model/alert.ts";
import type { WebhookAlert, WebhookPayload } from "../../model/webhook-payload.ts";
import { fingerprintLabels, sortLabels } from "../drift/fingerprint-labels.ts";
import { identifyAlert } from "./track-alerts.ts";

/** What a receiver was told of a group last. */
export interface ToldGroup {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Those that fired. */
  readonly alerts: readonly TrackedAlert[];
}

/** By the group's key; a group of which nothing fires is not in it. */
export type ToldGroups = Readonly<Record<string, ToldGroup>>;

/** One message that is due, and what the receiver knows once it has it. */
export interface Notification {
  readonly group: string;
  readonly payload: WebhookPayload;
  /** Absent when nothing of the group fires any more. */
  readonly told?: ToldGroup;
}

export interface NotificationPlan {
  readonly due: readonly Notification[];
  /** When one is due that was put off, milliseconds since the epoch. */
  readonly putOffUntilMs?: number;
}

/** As Alertmanager's `repeat_interval`. */
const REPEAT_MS = 4 * 60 * 60_000;
/** As `group_interval`: what changes more often is told together. */
const GROUP_INTERVAL_MS = 60_000;
const GROUP_BY: readonly string[] = ["alertname", "host"];
/** Go's zero time, which is how Alertmanager says that an alert has no end yet. */
const NO_END = "0001-01-01T00:00:00Z";

/**
 * What a webhook is to be told now, as Alertmanager decides it: a group of alerts when one of it begins or ends, and otherwise
 * again after four hours. It follows from what fires and what was told, so that an outage leaves no backlog.
 */
export function planNotifications(tracked: readonly TrackedAlert[], told: ToldGroups, nowMs: number): NotificationPlan {
  const firing = Map.groupBy(
    tracked.filter(({ resolvedAtMs }) => resolvedAtMs === undefined),
    (item) => keyOf(groupLabels(item)),
  );
  const endings = new Map(tracked.map((item) => [identifyAlert(item.alert), item.resolvedAtMs]));
  const groups = [...new Set([...firing.keys(), ...Object.keys(told)])].sort();
  const putOff: number[] = [];
  const due = groups.flatMap((group): Notification[] => {
    const [now, before] = [firing.get(group) ?? [], told[group]];
    const known = new Set(before?.alerts.map(({ alert }) => identifyAlert(alert)));
    const current = new Set(now.map(({ alert }) => identifyAlert(alert)));
    const ended = (before?.alerts ?? [])
      .filter(({ alert }) => !current.has(identifyAlert(alert)))
      .map((item): TrackedAlert => ({ ...item, resolvedAtMs: endings.get(identifyAlert(item.alert)) ?? nowMs }));
    const changed = ended.length > 0 || now.some(({ alert }) => !known.has(identifyAlert(alert)));
    const ageMs = before === undefined ? Number.POSITIVE_INFINITY : nowMs - before.atMs;
    // A clock that was set back must not silence anything.
    if (ageMs >= 0 && ageMs < (changed ? GROUP_INTERVAL_MS : REPEAT_MS)) {
      if (changed) putOff.push(nowMs - ageMs + GROUP_INTERVAL_MS);
      return [];
    }
    const payload = describe(group, [...now, ...ended]);
    return [{ group, payload, ...(now.length === 0 ? {} : { told: { atMs: nowMs, alerts: now } }) }];
  });
  return { due, ...(putOff.length === 0 ? {} : { putOffUntilMs: Math.min(...putOff) }) };
}

function describe(groupKey: string, items: readonly TrackedAlert[]): WebhookPayload {
  const alerts = items.map(describeAlert).sort((a, b) => (keyOf(a.labels) < keyOf(b.labels) ? -1 : 1));
  const [first] = items;
  return {
    receiver: "holdfast",
    status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
    alerts,
    groupLabels: first === undefined ? {} : groupLabels(first),
    commonLabels: findCommon(alerts.map(({ labels }) => labels)),
    commonAnnotations: findCommon(alerts.map(({ annotations }) => annotations)),
    externalURL: "",
    version: "4",
    groupKey,
    truncatedAlerts: 0,
  };
}

function describeAlert({ alert, startsAtMs, resolvedAtMs }: TrackedAlert): WebhookAlert {
  const labels = dropEmpty(alert.labels);
  return {
    status: resolvedAtMs === undefined ? "firing" : "resolved",
    labels,
    annotations: dropEmpty(alert.annotations),
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: resolvedAtMs === undefined ? NO_END : new Date(resolvedAtMs).toISOString(),
    generatorURL: "",
    fingerprint: fingerprintLabels(labels),
  };
}

function groupLabels({ alert }: TrackedAlert): Record<string, string> {
  return Object.fromEntries(GROUP_BY.flatMap((name) => pick(alert.labels, name)));
}

function pick(values: Readonly<Record<string, string>>, name: string): [string, string][] {
  const value = values[name];
  return value === undefined ? [] : [[name, value]];
}

/** `{}:{alertname="HoldfastDrift", host="box"}`: the route, which matches everything, and the group. */
function keyOf(labels: Readonly<Record<string, string>>): string {
  const texts = sortLabels(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{}:{${texts.join(", ")}}`;
}

function dropEmpty(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(sortLabels(values).filter(([, value]) => value !== ""));
}

function findCommon(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = all;
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)));
}
