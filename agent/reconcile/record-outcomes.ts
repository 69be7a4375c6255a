import type { DesiredHost, DesiredStack } from "../model/desired.ts";
import { holdfastError } from "../model/error.ts";
import type { Plan, StackPlan } from "../model/plan.ts";
import type { AppliedStack } from "../plan/applied-stack.ts";
import { type Attempt, recordFailures } from "../plan/backoff.ts";
import { type HealRecord, recordHeal } from "../plan/heal-budget.ts";
import { describeRemoved } from "../plan/plan-removal.ts";
import { describeStep } from "../plan/render-plan.ts";
import type { Clock, Log, Store } from "../ports.ts";
import type { Failure, Outcome } from "./converge-stack.ts";
import { type Memory, type TickOutcome, UNREADABLE } from "./memory.ts";
import { noteApplied } from "./note-applied.ts";
import { noteVerification } from "./note-verification.ts";
import { forgetStack, readRemovals } from "./removals.ts";
import { keys } from "./store-keys.ts";

export interface RecordRequest {
  readonly desired: DesiredHost;
  readonly plan: Plan;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly ports: { readonly store: Store; readonly clock: Clock; readonly log: Log };
  readonly memory: Memory;
}

export interface RoundSummary {
  readonly result: Exclude<TickOutcome, "invalid">;
  /** At least one step was taken. */
  readonly progressed: boolean;
  /** Stacks that left the repository and are gone from the host now. */
  readonly removed: readonly string[];
}

/** Keeps what came of a round: what is applied now, what failed and when to try again, what was healed, what is waited for. */
export function recordOutcomes(request: RecordRequest): RoundSummary {
  const { desired, plan, outcomes, memory } = request;
  let failed = false;
  let waiting = false;
  const removed: string[] = [];
  for (const stack of desired.stacks) {
    const planned = plan.stacks.find((item) => item.stack === stack.name);
    const outcome = settleWait(stack, outcomes.get(stack.name), request);
    if (outcome !== undefined) {
      noteHealed(stack.name, outcome, request);
      const { store, clock } = request.ports;
      noteVerification(stack, outcome, store.read<AppliedStack>(keys.applied(stack.name)), clock.nowMs(), store);
    }
    if (outcome?.result !== "waiting") memory.waiting.delete(stack.name);
    if (outcome?.result === "waiting") waiting = true;
    if (outcome?.result === "failed" || isStuck(planned)) failed = true;
    if (outcome?.result === "failed" && planned) noteFailures(stack, planned, outcome.failures, request);
    if (planned?.held === undefined && outcome?.result !== "failed" && outcome?.result !== "waiting")
      noteSuccess(stack, planned, request);
  }
  for (const planned of plan.stacks.filter(({ stack }) => !desired.stacks.some(({ name }) => name === stack))) {
    const outcome = outcomes.get(planned.stack);
    if (outcome?.result === "failed" || isStuck(planned)) failed = true;
    const stack = describeRemoved(planned.stack, readRemovals(request.ports.store).get(planned.stack) ?? "");
    if (outcome?.result === "failed") noteFailures(stack, planned, outcome.failures, request);
    if (outcome?.result !== "done") continue;
    forgetStack(planned.stack, request.ports);
    removed.push(planned.stack);
  }
  const progressed = [...outcomes.values()].some((outcome) => outcome.taken.length > 0);
  return { result: failed ? "failed" : waiting ? "waiting" : "converged", progressed, removed };
}

// A hold that somebody asked for is no failure.
function isStuck(plan: StackPlan | undefined): boolean {
  return ["backing-off", "healing-stopped", "quarantined"].includes(plan?.held?.reason ?? "");
}

/** A wait that has lasted longer than the stack may take is a failure. */
function settleWait(stack: DesiredStack, outcome: Outcome | undefined, { memory, ports }: RecordRequest): Outcome | undefined {
  if (outcome?.result !== "waiting") return outcome;
  const nowMs = ports.clock.nowMs();
  const known = memory.waiting.get(stack.name);
  const since = known?.value === outcome.waitsFor ? known.sinceMs : nowMs;
  memory.waiting.set(stack.name, { value: outcome.waitsFor, sinceMs: since });
  // How long an image or a hook takes is their own matter: both have limits of their own.
  if (outcome.step.action === "pull" || (outcome.step.action === "hook" && outcome.step.after.length === 0)) return outcome;
  if (nowMs - since < stack.verifyTimeoutMs) return outcome;
  const message = `waited ${Math.round((nowMs - since) / 1000)} s until ${outcome.waitsFor}`;
  const error = holdfastError("wait-timed-out", message, { handling: "transient" });
  return { result: "failed", taken: outcome.taken, failures: [{ step: outcome.step, error }] };
}

function noteFailures(
  stack: DesiredStack,
  plan: StackPlan,
  failures: readonly Failure[],
  { ports, memory }: RecordRequest,
): void {
  const { store, clock, log } = ports;
  const key = keys.attempts(stack.name);
  // Being stopped is no failure: the next start takes the step again, without delay and without an alert.
  const real = failures.filter(({ error }) => error.code !== "aborted");
  if (real.length === 0) return;
  const failed = real.map(({ step, error }) => ({ step, error: error.message }));
  const attempts = recordFailures(store.read<Attempt[]>(key) ?? [], stack.inputs, plan.steps, failed, clock.nowMs());
  store.write(key, attempts);
  for (const { step, error } of real) {
    if (UNREADABLE.includes(error.code)) memory.storeDamaged = true;
    log.error(
      { stack: stack.name, revision: stack.revision, step: describeStep(step), error: error.message, hint: error.hint },
      "step failed",
    );
  }
}

function noteSuccess(stack: DesiredStack, planned: StackPlan | undefined, { plan, ports, memory }: RecordRequest): void {
  const { store, clock, log } = ports;
  // A stack that is not ours is not recorded as ours.
  if (plan.drift.some((item) => item.stack === stack.name && item.kind === "not-adopted")) return;
  if (store.read(keys.attempts(stack.name)) !== undefined) store.remove(keys.attempts(stack.name));
  noteApplied(stack, store);
  if (planned === undefined || planned.steps.length === 0) return;
  const healed = memory.healed.some((item) => item.stack === stack.name);
  if (healed) store.write(keys.heal(stack.name), recordHeal(store.read<HealRecord>(keys.heal(stack.name)), clock.nowMs()));
  log.info({ stack: stack.name, revision: stack.revision, steps: planned.steps.length }, "stack converged");
}

/** Drift of the host that the steps which were taken have mended: it is told although it is gone. */
function noteHealed(stack: string, outcome: Outcome, { plan, memory }: RecordRequest): void {
  const texts = new Set(outcome.taken.flatMap((step) => step.causes.map((cause) => cause.text)));
  const healed = plan.drift.filter(
    (item) => item.stack === stack && item.origin === "host" && item.mode === "heal" && texts.has(item.cause),
  );
  if (healed.length > 0) memory.healed = [...memory.healed, ...healed];
}
