import type { DesiredStack } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import { type AppliedStack, isChanging } from "../applied-stack.ts";
import type { ProbesVerdict } from "../health/judge-probes.ts";
import { decideDriftMode } from "./drift-policy.ts";

/** What the probes of a stack find wrong with it. */
export function detectProbes(
  stack: DesiredStack,
  applied: AppliedStack | undefined,
  verdict: ProbesVerdict | undefined,
): Drift[] {
  const mode = decideDriftMode("unhealthy", stack.drift);
  if (verdict?.state !== "failing" || mode === "ignore") return [];
  return verdict.reasons.map(({ probe, detail }) => ({
    ...({ stack: stack.name, kind: "unhealthy", mode } as const),
    origin: isChanging(stack, applied) ? "revision" : "host",
    ...{ expected: "a probe that passes", actual: detail, cause: `probe ${probe}: ${detail}` },
  }));
}
