import type { Drift } from "../../model/drift.ts";
import type { Hold, Plan } from "../../model/plan.ts";

/** Holds under which whatever differs is only told; a step that is delayed after a failure is on its way. */
const TOLD: readonly Hold["reason"][] = ["suspended", "unverified", "healing-stopped", "quarantined"];

/** The differences that are not put right now: those that are only reported, and all of a stack that is held. */
export function findReported(plan: Plan): Drift[] {
  const left = new Set(findLeft(plan));
  return plan.drift.filter((item) => item.mode === "report" || left.has(item));
}

/** The differences that would be put right if their stack were not held. */
export function findLeft({ drift, stacks }: Plan): Drift[] {
  const held = new Set(
    stacks.filter((plan) => plan.held !== undefined && TOLD.includes(plan.held.reason)).map(({ stack }) => stack),
  );
  return drift.filter((item) => item.mode !== "report" && held.has(item.stack));
}
