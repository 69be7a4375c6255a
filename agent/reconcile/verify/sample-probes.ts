import type { DesiredStack } from "../../model/desired.ts";
import { toHoldfastError } from "../../model/error.ts";
import { describeProbe, type Probe, type ProbeResult } from "../../model/probe.ts";
import { judgeProbes, nextSampleAtMs, type ProbesVerdict, recordSample } from "../../plan/health/judge-probes.ts";
import { maskStack } from "../../plan/masking/mask-stack.ts";
import type { Prober } from "../../ports/prober.ts";
import type { Clock, Log } from "../../ports.ts";
import type { Memory, StackProbes } from "../memory.ts";

export interface ProbePorts {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly log: Log;
}

/** A probe that is to be run, and when. */
export interface PlannedProbe {
  readonly stack: DesiredStack;
  readonly probe: Probe;
  /** How it is told; two that read the same are numbered. */
  readonly name: string;
  readonly atMs: number;
}

/** What could not be asked at all is asked again after this long. */
const BLOCKED_MS = 5_000;

/** Every probe of the stacks that have containers, with the time when it is due. Forgets what was known of others. */
export function listProbes(memory: Memory): PlannedProbe[] {
  const stacks = (memory.desired?.stacks ?? []).filter(({ probes }) => probes.length > 0);
  const planned = stacks.flatMap((stack) => {
    const known = openProbes(stack, memory);
    if (known === undefined) return [];
    return nameProbes(stack).map(({ probe, name }): PlannedProbe => {
      const atMs = Math.max(nextSampleAtMs(known.histories.get(name), stack.probeIntervalMs), known.blocked.get(name) ?? 0);
      return { stack, probe, name, atMs };
    });
  });
  const names = new Set(planned.map(({ stack }) => stack.name));
  for (const name of memory.probes.keys()) if (!names.has(name)) memory.probes.delete(name);
  return planned;
}

/** Runs a probe and notes what came of it; tells whether its stack is to be looked at for that. Throws bugs. */
export async function runProbe(
  { stack, probe, name }: PlannedProbe,
  ports: ProbePorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<boolean> {
  const { prober, clock, log } = ports;
  const known = memory.probes.get(stack.name);
  if (known === undefined) return false;
  const containers = (memory.observed?.containers ?? []).filter(({ project }) => project === stack.name);
  let result: ProbeResult;
  try {
    result = await prober.probe(probe, { containers }, signal);
  } catch (cause) {
    const error = toHoldfastError(cause);
    if (signal.aborted) return false;
    if (error.handling === "bug") throw cause;
    log.debug({ stack: stack.name, probe: name, error: error.message }, "probe cannot be run");
    known.blocked.set(name, clock.nowMs() + BLOCKED_MS);
    return false;
  }
  // What it looked at is another one by now.
  if (memory.probes.get(stack.name) !== known) return false;
  const nowMs = clock.nowMs();
  const masked = { ...result, detail: maskStack(result.detail, stack) };
  known.histories.set(name, recordSample(known.histories.get(name), masked, nowMs));
  const before = known.verdict;
  const names = nameProbes(stack).map((one) => one.name);
  known.verdict = judgeProbes(names, known.histories, { timeoutMs: stack.verifyTimeoutMs, nowMs });
  const changed = identify(before) !== identify(known.verdict);
  if (changed && (before.state === "failing" || known.verdict.state === "failing")) tell(stack, known.verdict, log);
  return changed;
}

/** What is known of a stack's probes: nothing yet of other inputs or containers than before; undefined without any container. */
function openProbes(stack: DesiredStack, memory: Memory): StackProbes | undefined {
  const containers = (memory.observed?.containers ?? []).filter(({ project, oneOff }) => project === stack.name && !oneOff);
  if (containers.length === 0) return undefined;
  const of = [stack.inputs, ...containers.map(({ id }) => id).sort()].join("\n");
  const known = memory.probes.get(stack.name);
  if (known?.of === of) return known;
  const names = nameProbes(stack).map(({ name }) => name);
  const fresh: StackProbes = { of, histories: new Map(), blocked: new Map(), verdict: judgeProbes(names, new Map()) };
  memory.probes.set(stack.name, fresh);
  return fresh;
}

function nameProbes(stack: DesiredStack): { probe: Probe; name: string }[] {
  const seen = new Map<string, number>();
  return stack.probes.map((probe) => {
    const text = maskStack(describeProbe(probe), stack);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return { probe, name: count === 1 ? text : `${text} (${count})` };
  });
}

// A detail may differ at each look, which makes no difference to anybody.
function identify({ state, reasons }: ProbesVerdict): string {
  return JSON.stringify([state, state === "failing" ? reasons.map(({ probe }) => probe) : []]);
}

function tell(stack: DesiredStack, { state, reasons }: ProbesVerdict, log: Log): void {
  const failing = reasons.map(({ probe, detail }) => `${probe}: ${detail}`);
  if (state === "failing") log.warn({ stack: stack.name, probes: failing }, "probes fail");
  else log.info({ stack: stack.name }, "probes do not fail any more");
}
