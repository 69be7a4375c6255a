import type { DesiredHost } from "../model/desired.ts";
import { judgeHealth } from "../plan/check-readiness.ts";
import type { Memory } from "./memory.ts";

/** Notes how every stack's containers are, and since when. */
export function judgeStacks(desired: DesiredHost, memory: Memory, nowMs: number): void {
  const containers = memory.observed?.containers ?? [];
  const names = new Set(desired.stacks.map((stack) => stack.name));
  for (const name of memory.health.keys()) if (!names.has(name)) memory.health.delete(name);
  for (const stack of desired.stacks) {
    const value = judgeHealth(stack, containers);
    if (memory.health.get(stack.name)?.value !== value) memory.health.set(stack.name, { value, sinceMs: nowMs });
  }
}
