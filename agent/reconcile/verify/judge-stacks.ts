import type { DesiredHost, DesiredStack } from "../../model/desired.ts";
import type { StackHealth } from "../../plan/health/check-readiness.ts";
import { judgeStack, type Verdicts } from "../../plan/health/judge-stack.ts";
import type { Memory } from "../memory.ts";
import { listProbes } from "./sample-probes.ts";

/** What the probes said last, by stack; nothing yet of what was changed since. */
export function listVerdicts(memory: Memory): Verdicts {
  listProbes(memory);
  return new Map([...memory.probes].map(([name, { verdict }]) => [name, verdict]));
}

/** Tells of a stack how it is by what was seen last. */
export function judgeHere(memory: Memory): (stack: DesiredStack) => StackHealth {
  const verdicts = listVerdicts(memory);
  return (stack) => judgeStack(stack, memory.observed?.containers ?? [], verdicts);
}

/** Notes how every stack is, and since when. */
export function judgeStacks(desired: DesiredHost, memory: Memory, nowMs: number): void {
  const judge = judgeHere(memory);
  const names = new Set(desired.stacks.map((stack) => stack.name));
  for (const name of memory.health.keys()) if (!names.has(name)) memory.health.delete(name);
  for (const stack of desired.stacks) {
    const value = judge(stack);
    const before = memory.health.get(stack.name);
    const { inputs } = stack;
    if (before?.value === value && before.inputs === inputs) continue;
    // Another content has its own time to get healthy.
    const since = before?.inputs === inputs ? before.unwellSinceMs : undefined;
    const unwell = value === "healthy" ? {} : { unwellSinceMs: since ?? nowMs };
    memory.health.set(stack.name, { value, inputs, sinceMs: before?.value === value ? before.sinceMs : nowMs, ...unwell });
  }
}
