import type { DesiredStack } from "../../model/desired.ts";
import type { ErrorCode } from "../../model/error.ts";
import type { Action } from "../../model/plan.ts";
import type { AppliedStack } from "../../plan/applied-stack.ts";
import type { Verification } from "../../plan/health/judge-verification.ts";
import type { Store } from "../../ports.ts";
import type { Outcome } from "../converge/converge-stack.ts";
import { keys } from "../store-keys.ts";

/** What fails here is no fault of the revision. */
const BEFORE_CONTAINERS: readonly Action[] = ["create-directory", "place", "pull", "hook"];
const NOT_THE_REVISION: readonly ErrorCode[] = ["engine-unreachable", "compose-missing", "state-failed", "aborted"];

/** Keeps when a stack was changed last, since its time to get healthy begins there; `applied` is what was in force before. */
export function noteVerification(
  stack: DesiredStack,
  outcome: Outcome,
  applied: AppliedStack | undefined,
  nowMs: number,
  store: Store,
): void {
  const key = keys.verification(stack.name);
  const known = store.read<Verification>(key);
  const { inputs, revision } = stack;
  const failures = outcome.result === "failed" ? outcome.failures : [];
  const blocked = failures.some(
    ({ step, error }) => BEFORE_CONTAINERS.includes(step.action) || NOT_THE_REVISION.includes(error.code),
  );
  // A change that is undone while nobody asked for another is drift; what it is healed to was judged before.
  const changing = applied?.inputs !== inputs || (applied.attempted !== undefined && known?.state !== "verified");
  const changed =
    changing && (outcome.taken.some(({ action }) => !BEFORE_CONTAINERS.includes(action)) || (failures.length > 0 && !blocked));
  const same = known?.inputs === inputs ? known : undefined;
  if (!changed && (same === undefined || same.blocked === blocked)) return;
  // Failing again and again is no progress: only the first failure starts the clock.
  const progressed = outcome.taken.some(({ action }) => !BEFORE_CONTAINERS.includes(action));
  const begun = same?.deployed ? same.changedAtMs : nowMs;
  store.write(key, {
    inputs,
    revision,
    changedAtMs: (changed && progressed) || (same?.blocked && !blocked) ? nowMs : begun,
    deployed: changed || (same?.deployed ?? false),
    blocked,
    state: changed ? "pending" : (same?.state ?? "pending"),
  } satisfies Verification);
}
