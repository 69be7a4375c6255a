import type { AppliedStack } from "../../plan/applied-stack.ts";
import type { CarryRequest } from "../../plan/desire/carry-digest.ts";
import { nameTool } from "../../plan/desire/digest-service.ts";

export interface CarrySource {
  /** What was last converged of the stack. */
  readonly applied?: AppliedStack;
  /** Its services, rendered by the tools of now; undefined when that cannot be done any more. */
  readonly renderApplied?: () => Promise<AppliedStack["services"] | undefined>;
}

/**
 * What a stack that is rendered now is compared with, so that it keeps its digests where only the tools are others. With other
 * inputs too, what was converged last is rendered once more, to tell what the tools change from what the inputs change.
 */
export async function findCarried(source: CarrySource, inputs: string, composeVersion: string): Promise<CarryRequest> {
  const { applied, renderApplied } = source;
  const tool = nameTool(composeVersion);
  if (applied === undefined || applied.inputs === inputs)
    return { tool, sameInputs: applied !== undefined, services: applied?.services ?? {} };
  const services = applied.tool === tool ? applied.services : await renderApplied?.();
  return { tool, sameInputs: false, services: services ?? {} };
}
