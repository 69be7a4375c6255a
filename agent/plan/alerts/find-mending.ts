import type { Plan } from "../../model/plan.ts";

/** What is done about drift that stands: steps are being taken, or wait for another stack, a service or their next attempt. */
export type Mending = "healing" | "waits";

/** By stack, what is done about its drift now; stacks of which nothing is done are absent. `waiting` names those whose steps wait. */
export function findMending({ stacks }: Plan, waiting: ReadonlySet<string>): Map<string, Mending> {
  return new Map(
    stacks.flatMap(({ stack, steps, held }): [string, Mending][] => {
      if (held !== undefined) return held.reason === "backing-off" ? [[stack, "waits"]] : [];
      if (steps.length === 0) return [];
      return [[stack, waiting.has(stack) ? "waits" : "healing"]];
    }),
  );
}
