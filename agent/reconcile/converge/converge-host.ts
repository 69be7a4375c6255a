import type { DesiredHost, DesiredStack } from "../../model/desired.ts";
import type { Plan, StackPlan } from "../../model/plan.ts";
import type { StackHealth } from "../../plan/health/check-readiness.ts";
import { describeRemoved } from "../../plan/plan-removal.ts";
import { type ConvergePorts, convergeStack, type Outcome } from "./converge-stack.ts";

/** Stacks that converge side by side: more do not pay on a Raspberry Pi, whose engine and disk are the limit. */
const CONCURRENCY = 3;

/** Carries out a plan, stack by stack, as `judge` says which of them are healthy; a stack that fails or waits stops no other one than those that depend on it. */
export async function convergeHost(
  plan: Plan,
  desired: DesiredHost,
  judge: (stack: DesiredStack) => StackHealth,
  ports: ConvergePorts,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const stacks = new Map(desired.stacks.map((stack) => [stack.name, stack]));
  const converge = async (plans: readonly StackPlan[]): Promise<void> => {
    const queue = plans.filter((item) => item.steps.length > 0);
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const stack = stacks.get(next.stack) ?? describeRemoved(next.stack, desired.revision);
        outcomes.set(next.stack, await convergeOne(next, stack, stacks, judge, ports, signal));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  };
  // A stack that was given another name needs the ports of the one that leaves.
  const [staying, leaving] = [
    plan.stacks.filter(({ stack }) => stacks.has(stack)),
    plan.stacks.filter(({ stack }) => !stacks.has(stack)),
  ];
  for (const one of leaving) await converge([one]);
  await converge(staying);
  return outcomes;
}

async function convergeOne(
  plan: StackPlan,
  stack: DesiredStack,
  stacks: ReadonlyMap<string, DesiredStack>,
  judge: (stack: DesiredStack) => StackHealth,
  ports: ConvergePorts,
  signal: AbortSignal,
): Promise<Outcome> {
  const unready = stack.dependsOn.filter((name) => {
    const needed = stacks.get(name);
    return needed === undefined || judge(needed) !== "healthy";
  });
  const [step] = plan.steps;
  if (step !== undefined && unready.length > 0) {
    return { result: "waiting", taken: [], step, waitsFor: unready.map((name) => `stack ${name} is healthy`).join(" and ") };
  }
  return convergeStack(plan, stack, ports, signal);
}
