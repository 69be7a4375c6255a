import type { DesiredStack } from "../model/desired.ts";
import { type HoldfastError, toHoldfastError } from "../model/error.ts";
import type { ObservedContainer } from "../model/observed.ts";
import type { StackPlan, Step } from "../model/plan.ts";
import { describeCondition, isConditionMet } from "../plan/check-readiness.ts";
import { describeStep } from "../plan/render-plan.ts";
import type { Log } from "../ports.ts";
import { type ExecutePorts, executeStep } from "./execute.ts";

/** How far a stack's plan was carried out. */
export type Outcome =
  | { readonly result: "done"; readonly taken: readonly Step[] }
  /** Steps are left whose conditions do not hold yet: they are planned again from the next observation. */
  | { readonly result: "waiting"; readonly taken: readonly Step[]; readonly waitsFor: string }
  | { readonly result: "failed"; readonly taken: readonly Step[]; readonly error: HoldfastError };

/**
 * Takes the steps of one stack in their order, up to the first whose conditions do not hold. Nothing is waited for here:
 * what is left is planned again from a fresh observation, so that a slow service delays no other stack and a new revision.
 */
export async function convergeStack(
  plan: StackPlan,
  stack: DesiredStack,
  ports: ExecutePorts & { readonly log: Log },
  signal: AbortSignal,
): Promise<Outcome> {
  const taken: Step[] = [];
  let containers: readonly ObservedContainer[] | undefined;
  for (const step of plan.steps) {
    try {
      if (step.after.length > 0) {
        // Never act on a plan older than its observation: what earlier steps changed has to be seen first.
        containers ??= await ports.engine.listContainers(signal);
        const project = containers;
        const unmet = step.after.filter((dependency) => !isConditionMet(dependency, stack.name, project));
        if (unmet.length > 0) return { result: "waiting", taken, waitsFor: unmet.map(describeCondition).join(" and ") };
      }
      logStep(step, stack, ports.log);
      await executeStep(step, stack, ports, signal);
      containers = undefined;
      taken.push(step);
    } catch (cause) {
      return { result: "failed", taken, error: toHoldfastError(cause) };
    }
  }
  return { result: "done", taken };
}

function logStep(step: Step, stack: DesiredStack, log: Log): void {
  const causes = step.causes.map((cause) => `${cause.kind}: ${cause.text}`);
  log.info({ stack: stack.name, revision: stack.revision, action: step.action, step: describeStep(step), causes }, "step");
}
