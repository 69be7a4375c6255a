import type { DesiredHost, DesiredStack } from "../../model/desired.ts";
import { toHoldfastError } from "../../model/error.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import type { Attempt } from "../../plan/backoff.ts";
import { chooseRollback, type Quarantine } from "../../plan/health/choose-rollback.ts";
import { addSample, judgeVerification, SAMPLE_SPACING_MS, type Verification } from "../../plan/health/judge-verification.ts";
import { describeTakenBack } from "../../plan/history/describe-happening.ts";
import type { Clock, Log, Store } from "../../ports.ts";
import { explainFailure } from "../converge/explain-failure.ts";
import { findTrusted } from "../desire/find-trusted.ts";
import { isHeld } from "../manual-holds.ts";
import type { Memory } from "../memory.ts";
import { keys } from "../store-keys.ts";
import type { Journal } from "../tell/journal.ts";
import { judgeHere } from "./judge-stacks.ts";
import { type KeepPorts, keepVerified } from "./keep-verified.ts";

export type VerifyPorts = KeepPorts & {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
};

/**
 * Judges the stacks that were changed: one that works is kept as verified, one that does not get healthy in its time is rolled
 * back, or stopped where there is nothing to go back to.
 */
export async function verifyStacks(desired: DesiredHost, ports: VerifyPorts, memory: Memory, signal: AbortSignal): Promise<void> {
  const names = new Set(desired.stacks.map((stack) => stack.name));
  for (const name of memory.samples.keys()) if (!names.has(name)) forgetSamples(name, memory);
  for (const stack of desired.stacks) {
    // What somebody works on says nothing about its revision.
    const held = desired.suspended || isHeld(stack.name, ports);
    const verification = held ? undefined : readVerification(stack, ports, memory);
    if (verification === undefined || (verification.state !== "pending" && verification.revision === stack.revision)) {
      forgetSamples(stack.name, memory);
      continue;
    }
    // What the host lacks is no fault of the revision: its time begins anew with the next step.
    if (memory.plan?.stacks.find((item) => item.stack === stack.name)?.held?.reason === "preflight") {
      forgetSamples(stack.name, memory);
      continue;
    }
    await verifyStack(stack, verification, desired, ports, memory, signal).catch((cause: unknown) => {
      const error = toHoldfastError(cause);
      if (signal.aborted || error.handling === "bug") throw cause;
      // It is judged at the next look; what runs, runs.
      ports.log.warn({ stack: stack.name, error: error.message, hint: error.hint }, "stack cannot be judged");
    });
  }
}

function forgetSamples(stack: string, { samples, lateLooks }: Memory): void {
  samples.delete(stack);
  lateLooks.delete(stack);
}

async function verifyStack(
  stack: DesiredStack,
  verification: Verification,
  desired: DesiredHost,
  ports: VerifyPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, log } = ports;
  const containers = (memory.observed?.containers ?? []).filter((item) => item.project === stack.name && !item.oneOff);
  if (verification.state === "pending" && (await sample(stack, containers, ports, memory, signal))) {
    const late = clock.nowMs() - verification.changedAtMs >= stack.verifyTimeoutMs;
    memory.lateLooks.set(stack.name, late ? (memory.lateLooks.get(stack.name) ?? 0) + 1 : 0);
  }
  const state = judgeVerification({
    verification,
    samples: memory.samples.get(stack.name) ?? [],
    lateLooks: memory.lateLooks.get(stack.name) ?? 0,
    converged: isConverged(stack.name, memory),
    timeoutMs: stack.verifyTimeoutMs,
    nowMs: clock.nowMs(),
  });
  const judged = { ...verification, state, revision: stack.revision };
  if (state === "verified") {
    try {
      const again = store.read<Quarantine>(keys.quarantine(stack.name)) !== undefined;
      await keepVerified(stack, desired.path, containers, { nowMs: clock.nowMs(), again }, ports, signal);
    } catch (cause) {
      // It works all the same; only going back to it would not.
      if (signal.aborted) throw cause;
      log.warn({ stack: stack.name, error: toHoldfastError(cause).message }, "the verified revision cannot be kept");
    }
    if (verification.state === "pending") log.info({ stack: stack.name, revision: stack.revision }, "stack verified");
  }
  if (state === "failed" && verification.state === "pending") await takeBack(stack, containers, desired, ports, memory, signal);
  if (JSON.stringify(judged) !== JSON.stringify(verification)) store.write(keys.verification(stack.name), judged);
  if (state !== "pending") forgetSamples(stack.name, memory);
}

/** What is to be judged; a stack that was there before anybody verified is judged from now on. */
function readVerification(stack: DesiredStack, { store, clock }: VerifyPorts, memory: Memory): Verification | undefined {
  const quarantine = store.read<Quarantine>(keys.quarantine(stack.name));
  if (quarantine?.inputs === stack.inputs) return undefined;
  const known = store.read<Verification>(keys.verification(stack.name));
  if (known?.inputs === stack.inputs) return known;
  if (!isConverged(stack.name, memory)) return undefined;
  const { inputs, revision } = stack;
  const begun = { inputs, revision, changedAtMs: clock.nowMs(), deployed: false, blocked: false, state: "pending" } as const;
  store.write(keys.verification(stack.name), begun satisfies Verification);
  return begun;
}

function isConverged(stack: string, memory: Memory): boolean {
  const plan = memory.plan?.stacks.find((item) => item.stack === stack);
  return plan === undefined || (plan.steps.length === 0 && plan.held === undefined);
}

/** Notes how a stack is now; not when it was looked at just before. */
async function sample(
  stack: DesiredStack,
  containers: readonly ObservedContainer[],
  { clock, engine }: VerifyPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<boolean> {
  const samples = memory.samples.get(stack.name) ?? [];
  const last = samples.at(-1);
  const nowMs = clock.nowMs();
  const health = judgeHere(memory)(stack);
  // Events may ask for looks much faster than samples mean something.
  if (last?.health === "healthy" && health === "healthy" && nowMs - last.atMs < SAMPLE_SPACING_MS) return false;
  // One that has crashed and was started again in between runs like before; only looking into it tells.
  const starts: string[] = [];
  for (const { id } of health === "healthy" ? containers : [])
    starts.push(`${id} ${(await engine.readStart(id, signal))?.startedAt}`);
  const generation = starts.sort().join("\n");
  memory.samples.set(stack.name, addSample(samples, { atMs: nowMs, health, generation }));
  return true;
}

async function takeBack(
  stack: DesiredStack,
  containers: readonly ObservedContainer[],
  desired: DesiredHost,
  ports: VerifyPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, log, journal } = ports;
  const rolledBack = desired.rolledBack.includes(stack.name) || desired.invalid.includes(stack.name);
  const retrying = (store.read<Attempt[]>(keys.attempts(stack.name)) ?? []).length > 0;
  const { trusted, objections } = await findTrusted(stack.name, ports, signal);
  const choice = chooseRollback({ stack, kept: trusted, objections, rolledBack, retrying });
  if (choice.action === "leave") return;
  const failure = await explainFailure(stack, containers, ports, memory, signal);
  const reason = choice.action === "stop" ? [failure, `not rolled back: ${choice.why}`].join("\n") : failure;
  const { inputs, revision } = stack;
  const about = { inputs, revision, atMs: clock.nowMs(), reason };
  const quarantine: Quarantine =
    choice.action === "roll-back" ? { ...about, outcome: "rolled-back", to: choice.to.inputs } : { ...about, outcome: "stopped" };
  // Told first: an agent that ends in between judges once more, and tells it twice rather than never.
  journal.note(
    describeTakenBack({ stack: stack.name, revision }, reason, choice.action === "stop" ? undefined : choice.to.revision),
  );
  store.write(keys.quarantine(stack.name), quarantine);
  store.remove(keys.verification(stack.name));
  const fields = { stack: stack.name, revision, reason };
  if (choice.action === "stop") log.error({ ...fields, why: choice.why }, "stack stopped: it did not get healthy");
  else log.error({ ...fields, to: choice.to.revision }, "stack rolled back: it did not get healthy");
  memory.redesire = true;
}
