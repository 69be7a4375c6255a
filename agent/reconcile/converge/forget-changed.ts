import type { Memory } from "../memory.ts";
import type { Outcome } from "./converge-stack.ts";

/** Has that looked at again which the steps of a round changed, or which may be the reason why one of them failed. */
export function forgetChanged(outcomes: ReadonlyMap<string, Outcome>, memory: Memory): void {
  for (const outcome of outcomes.values()) {
    const failed = outcome.result === "failed" ? outcome.failures.map(({ step }) => step) : [];
    for (const step of [...outcome.taken, ...failed]) if (step.action === "update") memory.details.invalidate(step.containerId);
    // A network that is gone lets no container start.
    if (failed.length > 0) memory.definitions.invalidate();
  }
}
