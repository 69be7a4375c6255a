import type { FleetHost, FleetStack } from "../model/generated/fleet-status.ts";
import { printable } from "./tell-seldom.ts";

/** What the fleet page needs of another host's status. */
export type PeerStatus = Omit<FleetHost, "name" | "address" | "position"> & {
  /** The name that the agent has for its host. */
  readonly host: string;
  /** When the commit that is in force there was committed, milliseconds since the epoch. */
  readonly committedAtMs?: number;
};

type Fields = Readonly<Record<string, unknown>>;

const MOST_STACKS = 500;
const MOST_ALERTS = 50;

/**
 * Reads what another agent answered, of which nothing is taken on trust: it may be of another version, or no agent at all. Undefined
 * when it is no status.
 */
export function readPeerStatus(value: unknown): PeerStatus | undefined {
  const status = readFields(value);
  const host = readText(status["host"]);
  if (host === undefined || typeof status["healthy"] !== "boolean" || !Array.isArray(status["stacks"])) return undefined;
  const stacks = status["stacks"].slice(0, MOST_STACKS).flatMap(readStack);
  const commit = readFields(status["commit"]);
  const committedAtMs = Date.parse(readText(commit["at"]) ?? "");
  const last = readFields(status["last"]);
  const { healthy } = status;
  const reason = healthy ? undefined : explain(status, stacks);
  return {
    host,
    state: healthy ? "healthy" : "not-healthy",
    stacks,
    ...named("reason", reason),
    ...named("version", readText(status["version"])),
    ...named("revision", readText(status["revision"])),
    ...named("subject", readText(commit["subject"])),
    ...named("at", readTime(last["at"])),
    ...named("next", readTime(status["next"])),
    ...(Number.isNaN(committedAtMs) ? {} : { committedAtMs }),
    rejected: typeof status["rejected"] === "object" && status["rejected"] !== null,
    drift: countOf(status["drift"]),
    holds: countOf(status["holds"]),
    alerts: (Array.isArray(status["alerts"]) ? status["alerts"] : [])
      .slice(0, MOST_ALERTS)
      .flatMap((alert) => readText(readFields(alert)["name"]) ?? [])
      .filter((name) => name !== "HoldfastHeartbeat"),
  };
}

/** Why a host is not healthy: the first of what concerns all of it, or its stacks. */
function explain(status: Fields, stacks: readonly FleetStack[]): string {
  const rejected = readText(readFields(status["rejected"])["reason"]);
  const whole = [
    rejected === undefined ? undefined : `revision rejected: ${rejected}`,
    readText(status["engineError"]),
    readText(status["sourceError"]),
  ].find((text) => text !== undefined);
  if (whole !== undefined) return whole;
  const wrong = stacks.filter(({ state, health }) => state !== "converged" || health !== "healthy");
  if (wrong.length === 0) return `the last reconciliation: ${readText(readFields(status["last"])["result"]) ?? "none yet"}`;
  return wrong.map(({ name, state, health }) => `${name} ${state === "converged" ? (health ?? "unknown") : state}`).join(", ");
}

function readStack(value: unknown): FleetStack[] {
  const stack = readFields(value);
  const [name, state] = [readText(stack["name"]), readText(stack["state"])];
  if (name === undefined || state === undefined) return [];
  return [{ name, state, ...named("health", readText(stack["health"])), ...named("revision", readText(stack["revision"])) }];
}

function readFields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? printable(value) : undefined;
}

function readTime(value: unknown): string | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function countOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

function named<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string };
}
