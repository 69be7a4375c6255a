import type { DesiredStack } from "../../model/desired.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import { judgeHealth, type StackHealth } from "./check-readiness.ts";
import type { ProbesVerdict } from "./judge-probes.ts";

/** The verdicts on the stacks' probes, by stack; none for a stack whose probes were not run yet. */
export type Verdicts = ReadonlyMap<string, ProbesVerdict>;

/** The health of a stack: its containers must be healthy, and every probe must pass. */
export function judgeStack(stack: DesiredStack, containers: readonly ObservedContainer[], verdicts: Verdicts): StackHealth {
  const health = judgeHealth(stack, containers);
  if (stack.probes.length === 0 || health === "unhealthy") return health;
  const { state = "starting" } = verdicts.get(stack.name) ?? {};
  if (state === "failing") return "unhealthy";
  return state === "starting" ? "starting" : health;
}
