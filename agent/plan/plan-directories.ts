import type { DesiredHost } from "../model/desired.ts";
import type { MachineFacts } from "../model/machine.ts";
import type { Plan, StackPlan, Step } from "../model/plan.ts";
import { type Attempt, postponeFailing } from "./backoff.ts";
import { describeWaiting } from "./make-plan.ts";
import { createsContainers } from "./preflight/hold-unfit.ts";
import { listMissingDirectories } from "./preflight/list-missing-directories.ts";

export interface DirectoriesRequest {
  readonly desired: DesiredHost;
  readonly machine: MachineFacts;
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  readonly nowMs: number;
}

/**
 * Adds a step for each directory that `requires.disk` asks to be made, before a stack's other steps: Docker would make a mounted one
 * with root's mode. What the host's file asks for is made by whichever stack comes first.
 */
export function planDirectories(plan: Plan, request: DirectoriesRequest): Plan {
  return { ...plan, stacks: plan.stacks.map((one) => addDirectories(one, request)) };
}

function addDirectories(plan: StackPlan, { desired, machine, attempts, nowMs }: DirectoriesRequest): StackPlan {
  const { stack: name, held } = plan;
  const stack = desired.stacks.find((item) => item.name === name);
  if (stack === undefined || held?.reason === "preflight" || !createsContainers(plan)) return plan;
  const missing = listMissingDirectories([desired.requires ?? {}, stack.requires ?? {}], machine);
  if (missing.length === 0) return plan;
  const made = missing.map(({ path, mode }): Step => {
    const text = `requires.disk asks for the directory ${path}, which is not there`;
    return { action: "create-directory", stack: name, causes: [{ kind: "directory-missing", text }], after: [], path, mode };
  });
  const postponed = postponeFailing(stack.inputs, [...made, ...plan.steps], attempts.get(name) ?? [], nowMs);
  return { ...plan, steps: postponed.steps, ...describeWaiting(postponed.waiting) };
}
