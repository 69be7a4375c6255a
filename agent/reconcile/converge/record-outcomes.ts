import type { DesiredHost, DesiredStack } from "../../model/desired.ts";
import { holdfastError } from "../../model/error.ts";
import type { Plan, StackPlan } from "../../model/plan.ts";
import type { AppliedStack } from "../../plan/applied-stack.ts";
import { type Attempt, fingerprintStep, recordFailures } from "../../plan/backoff.ts";
import { describeStop, type HealRecord, recordHeal } from "../../plan/heal-budget.ts";
import { describeDone, describeFailedStep, describeGone } from "../../plan/history/describe-happening.ts";
import { maskOutput, maskStack } from "../../plan/masking/mask-stack.ts";
import { countStep } from "../../plan/metrics/counts.ts";
import { describeRemoved } from "../../plan/plan-removal.ts";
import { describeStep } from "../../plan/render-plan.ts";
import type { Clock, Log, Store } from "../../ports.ts";
import { type Memory, type TickOutcome, UNREADABLE } from "../memory.ts";
import { keys } from "../store-keys.ts";
import type { Journal } from "../tell/journal.ts";
import { noteVerification } from "../verify/note-verification.ts";
import type { Failure, Outcome } from "./converge-stack.ts";
import { noteApplied } from "./note-applied.ts";
import { forgetStack, readRemovals } from "./removals.ts";

export interface RecordRequest {
  readonly desired: DesiredHost;
  readonly plan: Plan;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly ports: { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly journal: Journal };
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
  for (const outcome of outcomes.values()) countSteps(outcome, memory);
  let failed = false;
  let waiting = false;
  const removed: string[] = [];
  for (const stack of desired.stacks) {
    const planned = plan.stacks.find((item) => item.stack === stack.name);
    const outcome = settleWait(stack, outcomes.get(stack.name), request);
    if (outcome !== undefined) {
      noteDone(stack.name, outcome, request);
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
    request.ports.journal.note(describeGone({ stack: stack.name, revision: stack.revision }, outcome.taken, planned.stays));
    forgetStack(planned.stack, request.ports);
    removed.push(planned.stack);
  }
  const progressed = [...outcomes.values()].some((outcome) => outcome.taken.length > 0);
  return { result: failed ? "failed" : waiting ? "waiting" : "converged", progressed, removed };
}

function countSteps(outcome: Outcome, { counts }: Memory): void {
  for (const { action } of outcome.taken) countStep(counts, action, "success");
  if (outcome.result !== "failed") return;
  for (const { step, error } of outcome.failures) if (error.code !== "aborted") countStep(counts, step.action, "failure");
}

// A hold that somebody asked for is no failure.
function isStuck(plan: StackPlan | undefined): boolean {
  return ["backing-off", "healing-stopped", "quarantined", "preflight"].includes(plan?.held?.reason ?? "");
}

/** A wait that has lasted longer than the stack may take is a failure. */
function settleWait(stack: DesiredStack, outcome: Outcome | undefined, { memory, ports }: RecordRequest): Outcome | undefined {
  if (outcome?.result !== "waiting") return outcome;
  const nowMs = ports.clock.nowMs();
  const known = memory.waiting.get(stack.name);
  const since = known?.value === outcome.waitsFor ? known.sinceMs : nowMs;
  memory.waiting.set(stack.name, { value: outcome.waitsFor, sinceMs: since });
  if (known?.value !== outcome.waitsFor)
    ports.journal.tell({
      event: "waiting",
      stack: stack.name,
      revision: stack.revision,
      text: `waits until ${outcome.waitsFor}`,
    });
  // How long an image or a hook takes is their own matter.
  if (outcome.patient || nowMs - since < stack.verifyTimeoutMs) return outcome;
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
  const { store, clock, log, journal } = ports;
  const key = keys.attempts(stack.name);
  // Being stopped is no failure: the next start takes the step again, without delay and without an alert.
  const real = failures.filter(({ error }) => error.code !== "aborted");
  if (real.length === 0) return;
  // A registry or an engine may repeat what it was given.
  const failed = real.map(({ step, error }) => ({ step, error: maskStack(error.message, stack), cause: error }));
  const before = store.read<Attempt[]>(key) ?? [];
  const attempts = recordFailures(before, stack.inputs, plan.steps, failed, clock.nowMs());
  store.write(key, attempts);
  const subject = { stack: stack.name, revision: stack.revision };
  for (const { step, error, cause } of failed) {
    if (UNREADABLE.includes(cause.code)) memory.storeDamaged = true;
    log.error({ ...subject, step: describeStep(step), error, hint: cause.hint }, "step failed");
    const fingerprint = fingerprintStep(stack.inputs, step);
    // The same failure at each attempt is told once.
    if (!before.some((attempt) => attempt.fingerprint === fingerprint && attempt.error === error))
      journal.note(describeFailedStep(subject, step, error, maskOutput(cause.output ?? "", stack)));
  }
}

function noteSuccess(stack: DesiredStack, planned: StackPlan | undefined, { plan, ports, memory }: RecordRequest): void {
  const { store, clock, log, journal } = ports;
  // A stack that is not ours is not recorded as ours.
  if (plan.drift.some((item) => item.stack === stack.name && item.kind === "not-adopted")) return;
  if (store.read(keys.attempts(stack.name)) !== undefined) store.remove(keys.attempts(stack.name));
  noteApplied(stack, store);
  const subject = { stack: stack.name, revision: stack.revision };
  const done = memory.done.get(stack.name);
  memory.done.delete(stack.name);
  if (done !== undefined) journal.note(describeDone(subject, done));
  if (planned === undefined || planned.steps.length === 0) return;
  const healed = memory.healed.some((item) => item.stack === stack.name);
  if (healed) {
    const record = recordHeal(store.read<HealRecord>(keys.heal(stack.name)), clock.nowMs());
    store.write(keys.heal(stack.name), record);
    if (record.stoppedAtMs !== undefined) journal.note({ event: "healing-stopped", ...subject, text: describeStop(record) });
  }
  log.info({ ...subject, steps: planned.steps.length }, "stack converged");
}

/** What was done, and the drift of the host that it has mended: it is told although it is gone. */
function noteDone(stack: string, outcome: Outcome, { plan, memory }: RecordRequest): void {
  const texts = new Set(outcome.taken.flatMap((step) => step.causes.map((cause) => cause.text)));
  const healed = plan.drift.filter(
    (item) => item.stack === stack && item.origin === "host" && item.mode === "heal" && texts.has(item.cause),
  );
  if (healed.length > 0) memory.healed = [...memory.healed, ...healed];
  if (outcome.taken.length === 0) return;
  const before = memory.done.get(stack) ?? { steps: [], healed: [] };
  memory.done.set(stack, { steps: [...before.steps, ...outcome.taken], healed: [...before.healed, ...healed] });
}
