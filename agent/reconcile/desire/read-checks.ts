import type { DesiredStack, Variables } from "../../model/desired.ts";
import type { ParsedDocument, Pointer } from "../../model/document.ts";
import type { Finding } from "../../model/finding.ts";
import type { Fleet } from "../../model/generated/fleet.ts";
import type { Host } from "../../model/generated/host.ts";
import type { Requires, Stack } from "../../model/generated/stack.ts";
import { parseDuration } from "../../model/parse-duration.ts";
import { usesUnknown } from "../../plan/desire/interpolate-text.ts";
import { interpolateProbes } from "../../plan/health/interpolate-probes.ts";
import { interpolateRequires } from "../../plan/preflight/interpolate-requires.ts";

const DEFAULT_INTERVAL_MS = 30_000;

/** What a host's file asks of the host, with the variables of fleet and host filled in. */
export function readHostRequires(
  { path, value, locate }: ParsedDocument<Host>,
  fleet: Fleet | undefined,
): { readonly requires?: Requires; readonly findings: readonly Finding[] } {
  if (value.requires === undefined) return { findings: [] };
  const { requires, problems } = interpolateRequires(value.requires, textValues({ ...fleet?.vars, ...value.vars }));
  const findings = problems.map(({ pointer, message }) => ({ path, ...locate(pointer), ...explain(message, "requires") }));
  return { requires, findings };
}

export interface ChecksRequest {
  readonly name: string;
  readonly document: ParsedDocument<Stack>;
  /** The value of stack.yaml with the fleet's defaults below it. */
  readonly settings: Stack;
  readonly variables: Variables;
  /** False where some variables are known on the host only. */
  readonly complete: boolean;
  readonly services: readonly string[];
}

/** What a stack asks of its host beforehand, and what is probed of it afterwards. */
export function readChecks({ name, document, settings, variables, complete, services }: ChecksRequest): {
  readonly checks: Pick<DesiredStack, "probes" | "probeIntervalMs" | "requires">;
  readonly findings: readonly Finding[];
} {
  const written = settings.verify?.probes ?? [];
  const wanted = settings.requires === undefined ? undefined : interpolateRequires(settings.requires, variables);
  const { probes, problems } = interpolateProbes({ probes: written, variables, services });
  const found = [
    ...problems.map((problem) => ({ ...problem, rule: "probe" })),
    ...(wanted?.problems ?? []).map((problem) => ({ ...problem, rule: "requires" })),
  ].filter(({ pointer }) => complete || !usesUnknown(String(at(settings, pointer)), variables));
  return {
    checks: {
      probes,
      probeIntervalMs: parseDuration(settings.verify?.interval ?? "") ?? DEFAULT_INTERVAL_MS,
      ...(wanted === undefined ? {} : { requires: wanted.requires }),
    },
    findings: found.map(({ pointer, message, rule }) => ({
      ...{ path: document.path, ...document.locate(pointer), stack: name },
      ...explain(message, rule),
    })),
  };
}

function explain(message: string, rule: string): Pick<Finding, "message" | "rule" | "severity"> {
  return { message, rule: message.includes(" has no value") ? "variable-undefined" : rule, severity: "error" };
}

function at(value: unknown, pointer: Pointer): unknown {
  return pointer.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);
}

// YAML reads `0.5` and `true` as they look; a variable is a text.
function textValues(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
