import type { Action, Hold, Plan, StackPlan, Step } from "../../model/plan.ts";
import { type PreflightFinding, renderPreflightFinding } from "../../model/preflight.ts";

const CREATING: readonly Action[] = ["up", "hook"];

/** Whether a container comes to be by these steps: only then it matters what the host has. */
export function createsContainers({ steps }: Pick<StackPlan, "steps">): boolean {
  return steps.some(({ action }) => CREATING.includes(action));
}

/**
 * The plan without what the host is not fit for: a stack that would get containers, and that an error among the findings concerns, is
 * held. What is there already is still started and unpaused.
 */
export function holdUnfit(plan: Plan, findings: readonly PreflightFinding[]): Plan {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return plan;
  const stacks = plan.stacks.map((one): StackPlan => {
    if (!createsContainers(one)) return one;
    const own = errors.filter(({ stack }) => stack === undefined || stack === one.stack);
    return own.length === 0 ? one : { stack: one.stack, steps: keepHealing(one.steps), held: describeHold(own) };
  });
  return { ...plan, stacks };
}

function keepHealing(steps: readonly Step[]): Step[] {
  const missing = new Set(steps.flatMap((step) => (step.action === "up" ? step.services : [])));
  return steps.filter(
    ({ action, after }) =>
      (action === "start" || action === "unpause") && !after.some(({ service, required }) => required && missing.has(service)),
  );
}

function describeHold(findings: readonly PreflightFinding[]): Hold {
  const texts = findings.map(({ stack: _stack, ...finding }) => renderPreflightFinding(finding));
  return { reason: "preflight", text: `the host lacks what it needs: ${texts.join("; also ")}` };
}
