import type { DesiredService, DesiredStack, Json } from "../../model/desired.ts";
import type { ServiceReview } from "../../model/generated/review.ts";
import { parseDuration } from "../../model/parse-duration.ts";
import { filesOf } from "../alerts/deliveries.ts";
import { compareFields, compareFiles } from "../desire/describe-fields.ts";
import { canonicalJson } from "../desire/digest-service.ts";
import { asArray, asObject, asString } from "../desire/json.ts";
import { findRenamedService } from "./find-renamed.ts";

export type Effect = ServiceReview["effect"];

export interface ServiceRequest {
  readonly service: string;
  readonly effect: Effect;
  /** What the plan says. */
  readonly causes: readonly string[];
  readonly before: DesiredStack | undefined;
  readonly after: DesiredStack | undefined;
}

const DEFAULT_GRACE_MS = 10_000;

/** What happens to a service, why down to the field, and how long it is away. */
export function describeService(request: ServiceRequest): ServiceReview {
  const { service, effect } = request;
  const interruption = describeInterruption(request);
  return { service, effect, causes: explain(request), ...(interruption === undefined ? {} : { interruption }) };
}

function explain({ service, effect, causes, before, after }: ServiceRequest): string[] {
  const [old, now] = [find(service, before), find(service, after)];
  const own = causes.filter((text) => text.startsWith(`service ${service} `) || text.startsWith(`service ${service}:`));
  const told = (own.length > 0 ? own : causes).map((text) =>
    text.replace(new RegExp(`^service ${escapePattern(service)}:? `), ""),
  );
  if (effect === "create") return [describeNew(service, before, after), ...(now ? [`image ${now.image}`] : [])];
  if (effect === "scale") return [`replicas ${old?.replicas ?? 0} -> ${now?.replicas ?? 0}`];
  if (effect === "remove") return [describeGone(service, before, after)];
  if (effect !== "recreate" || old === undefined || now === undefined || old.digest === now.digest) return told;
  const changes = [
    ...compareFields(old.fields, now.fields),
    ...compareFiles(filesOf(old), filesOf(now)),
    ...compareContents(service, before, after),
  ];
  return changes.length === 0 ? told : changes;
}

function describeNew(service: string, before: DesiredStack | undefined, after: DesiredStack | undefined): string {
  if (before === undefined) return "new stack";
  const old = findRenamedService(service, after, before);
  return old === undefined ? "new service" : `${old} under another name`;
}

function describeGone(service: string, before: DesiredStack | undefined, after: DesiredStack | undefined): string {
  if (after === undefined) return "the stack leaves this host";
  const now = findRenamedService(service, before, after);
  return now === undefined ? "no longer in the stack" : `is called ${now} now`;
}

/** Configs and secrets whose content stands in the model itself. */
function compareContents(service: string, before: DesiredStack | undefined, after: DesiredStack | undefined): string[] {
  return ["configs", "secrets"].flatMap((group) => {
    const used = asArray(asObject(asObject(after?.model["services"])[service])[group]);
    const names = [...new Set(used.map((use) => asString(asObject(use)["source"]) ?? ""))].sort();
    return names.flatMap((name) => {
      const content = (stack: DesiredStack | undefined): Json => {
        const definition = asObject(asObject(stack?.model[group])[name]);
        return [definition["content"] ?? null, definition["environment"] ?? null];
      };
      return canonicalJson(content(before)) === canonicalJson(content(after)) ? [] : [`${group.slice(0, -1)} ${name} changed`];
    });
  });
}

function describeInterruption({ service, effect, before, after }: ServiceRequest): string | undefined {
  const old = find(service, before);
  if (old === undefined || old.oneShot || old.replicas === 0 || !["recreate", "restart"].includes(effect)) return undefined;
  const grace = asString(definitionOf(service, before)["stop_grace_period"]);
  const stop = `up to ${formatSeconds(parseDuration(grace ?? "") ?? DEFAULT_GRACE_MS)} to stop`;
  const check = asObject(definitionOf(service, effect === "restart" ? before : after)["healthcheck"]);
  if (Object.keys(check).length === 0 || check["disable"] === true) return `${stop}, then until it has started`;
  const period = parseDuration(asString(check["start_period"]) ?? "") ?? 0;
  return `${stop}, then until its health check passes${period === 0 ? "" : ` (it may take ${formatSeconds(period)})`}`;
}

function definitionOf(service: string, stack: DesiredStack | undefined) {
  return asObject(asObject(stack?.model["services"])[service]);
}

function find(name: string, stack: DesiredStack | undefined): DesiredService | undefined {
  return stack?.services.find((service) => service.name === name);
}

function formatSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 || seconds % 60 !== 0 ? `${seconds}s` : `${seconds / 60}m`;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
