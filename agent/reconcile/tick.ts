import type { DesiredHost } from "../model/desired.ts";
import { toHoldfastError } from "../model/error.ts";
import type { Plan } from "../model/plan.ts";
import type { Delivered } from "../plan/alerts/deliveries.ts";
import type { AppliedStack } from "../plan/applied-stack.ts";
import type { Attempt } from "../plan/backoff.ts";
import type { HealRecord } from "../plan/heal-budget.ts";
import type { Quarantine } from "../plan/health/choose-rollback.ts";
import { makePlan, wantsImages } from "../plan/make-plan.ts";
import { countReconciliation } from "../plan/metrics/counts.ts";
import type { HookRecord } from "../plan/plan-hooks.ts";
import { createsContainers } from "../plan/preflight/hold-unfit.ts";
import { type Finished, noteFinished, restFinished } from "../plan/rest-finished.ts";
import type { Store } from "../ports.ts";
import type { PreflightPorts } from "./converge/check-preflight.ts";
import { convergeHost } from "./converge/converge-host.ts";
import type { ConvergePorts, Outcome } from "./converge/converge-stack.ts";
import { forgetChanged } from "./converge/forget-changed.ts";
import { recordOutcomes } from "./converge/record-outcomes.ts";
import { readRemovals } from "./converge/removals.ts";
import { listStacks } from "./desire/list-stacks.ts";
import { type FollowPorts, followSource } from "./follow-source.ts";
import { endHolds, readHolds } from "./manual-holds.ts";
import type { Memory, TickOutcome } from "./memory.ts";
import type { RegistryPorts } from "./observe/check-registries.ts";
import { inspectFiles } from "./observe/inspect-files.ts";
import { observeHost } from "./observe/observe-host.ts";
import { keys } from "./store-keys.ts";
import { judgeHere, judgeStacks, listVerdicts } from "./verify/judge-stacks.ts";
import { forgetKept } from "./verify/keep-verified.ts";
import type { ProbePorts } from "./verify/sample-probes.ts";
import { type VerifyPorts, verifyStacks } from "./verify/verify-stacks.ts";

export type TickPorts = FollowPorts & ConvergePorts & VerifyPorts & RegistryPorts & PreflightPorts & ProbePorts;

export interface TickOptions {
  /** Whether to ask the repository; what is in force is looked after in any case. */
  readonly poll: boolean;
  /** Whether to see if other inputs changed, such as environment files of the host; with `poll` in any case. */
  readonly inputs?: boolean;
  /** False when the engine would have told what happened, and nothing has: then only another desired state is a reason to look. */
  readonly observe?: boolean;
}

/** More rounds than any chain of dependencies needs, so that a tick always ends. */
const ROUNDS = 50;

/**
 * One reconciliation: what should run, what does run, what to do about it, and doing it. Its phases are told in
 * ARCHITECTURE.md; each one leaves what it found in the memory, and only `apply` changes the host.
 */
export async function tick(ports: TickPorts, memory: Memory, signal: AbortSignal, options: TickOptions): Promise<TickOutcome> {
  const startedAtMs = ports.clock.nowMs();
  const result = await reconcile(ports, memory, signal, options).catch((cause: unknown) => {
    const atMs = ports.clock.nowMs();
    if (!signal.aborted) countReconciliation(memory.counts, "failed", atMs - startedAtMs, atMs);
    throw cause;
  });
  const atMs = ports.clock.nowMs();
  countReconciliation(memory.counts, result, atMs - startedAtMs, atMs);
  memory.last = { result, atMs, durationMs: atMs - startedAtMs };
  return result;
}

async function reconcile(ports: TickPorts, memory: Memory, signal: AbortSignal, options: TickOptions): Promise<TickOutcome> {
  memory.healed = [];
  const { poll, inputs = poll, observe = true } = options;
  const before = memory.desired;
  if (poll || inputs || memory.desired === undefined) await followSource(ports, memory, signal, poll);
  const { desired } = memory;
  if (desired === undefined) return memory.rejected === undefined ? "failed" : "invalid";
  // What the end of a hold lets be done is found by a look at everything.
  if (endHolds(listStacks(memory), ports)) memory.quiet = false;
  if (observe || desired !== before || !memory.quiet) {
    memory.quiet = false;
    const outcome = await converge(desired, ports, memory, signal);
    if (outcome !== "converged") return outcome;
    // That a container has stopped crashing is told by nobody.
    memory.quiet = memory.samples.size === 0 && !memory.plan?.drift.some(({ kind }) => kind === "restarting");
  }
  if (memory.rejected !== undefined || desired.invalid.length > 0) return "invalid";
  if (memory.removalHeld !== undefined) return "failed";
  return memory.sourceError === undefined ? "converged" : "failed";
}

/** Observes, plans and applies, and again for as long as that brings something on. */
async function converge(desired: DesiredHost, ports: TickPorts, memory: Memory, signal: AbortSignal): Promise<TickOutcome> {
  // What stands in the way is looked at anew in each tick.
  if (memory.preflight?.some(({ severity }) => severity === "error")) delete memory.preflightFacts;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      ports.longSteps.settle();
      const planned = await planFit(desired, ports, memory, signal);
      const { plan } = planned;
      const outcomes = await convergeHost(plan, planned.resting, judgeHere(memory), ports, signal);
      const summary = recordOutcomes({ desired, plan, outcomes, ports, memory });
      for (const name of summary.removed) await forgetKept(name, ports, signal);
      forgetChanged(outcomes, memory);
      memory.engineFailures = 0;
      delete memory.engineError;
      // What was done, or failed, may have changed what the host has.
      if (isChanged(outcomes)) delete memory.preflightFacts;
      if (summary.result !== "waiting" || !summary.progressed) {
        // What was done or failed is seen before it is told.
        const seen = outcomes.size > 0 ? await planFit(desired, ports, memory, signal) : planned;
        keepFinished(seen.finished, ports.store);
        judgeStacks(seen.resting, memory, ports.clock.nowMs());
        // What is not trusted is nothing to go back to.
        if (desired.unverified === undefined) await verifyStacks(seen.resting, ports, memory, signal);
        else memory.samples.clear();
        return summary.result;
      }
    }
    return "waiting";
  } catch (cause) {
    const error = toHoldfastError(cause);
    if (signal.aborted || error.handling === "bug") throw error;
    if (memory.engineError?.message !== error.message)
      ports.log.error({ error: error.message, hint: error.hint }, "the host cannot be observed");
    memory.engineFailures += 1;
    memory.engineError = error;
    return "failed";
  }
}

function isChanged(outcomes: ReadonlyMap<string, Outcome>): boolean {
  return [...outcomes.values()].some(
    ({ result, taken }) => result === "failed" || taken.some(({ action }) => action === "create-directory"),
  );
}

/** The plan without what the host is not fit for; where nothing is created, nothing of the host is looked at. */
export async function planFit(
  desired: DesiredHost,
  ports: PlanPorts & PreflightPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<Planned> {
  const planned = await observeAndPlan(desired, ports, memory, signal);
  if (!planned.plan.stacks.some(createsContainers)) {
    delete memory.preflight;
    return planned;
  }
  const { checkPreflight } = await import("./converge/check-preflight.ts");
  memory.plan = await checkPreflight(planned.plan, planned.resting, ports, memory, signal);
  return { ...planned, plan: memory.plan };
}

/** A plan, and what it was made from. */
export interface Planned {
  readonly plan: Plan;
  /** The desired state without the one-shots that have done their work and are gone. */
  readonly resting: DesiredHost;
  /** By stack, what is known of finished one-shots now. */
  readonly finished: ReadonlyMap<string, Finished>;
}

type PlanPorts = Pick<TickPorts, "engine" | "clock" | "store" | "placer" | "source" | "kept" | "log">;

/** The plan for what the host runs now; local images are listed only when the plan depends on them. */
export async function observeAndPlan(
  desired: DesiredHost,
  ports: PlanPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<Planned> {
  const { store, clock } = ports;
  const removals = readRemovals(store);
  const names = [...desired.stacks.map(({ name }) => name), ...removals.keys()];
  const byStack = <T>(key: (stack: string) => string): ReadonlyMap<string, T> =>
    new Map(names.flatMap((name): [string, T][] => pair(name, store.read<T>(key(name)))));
  const placed = byStack<Readonly<Record<string, string>>>(keys.placed);
  const files = await inspectFiles({ desired, placed, audit: memory.watch.auditedAtMs === undefined }, ports, memory.files);
  const observed = { ...(await observeHost(desired, ports, memory, signal)), files };
  memory.observed = observed;
  const { containers } = observed;
  const finished = new Map(
    desired.stacks.map((stack) => [
      stack.name,
      noteFinished(stack, containers, store.read<Finished>(keys.finished(stack.name)) ?? {}),
    ]),
  );
  const resting = {
    ...desired,
    stacks: desired.stacks.map((stack) => restFinished(stack, containers, finished.get(stack.name) ?? {})),
  };
  const request = {
    desired: resting,
    applied: byStack<AppliedStack>(keys.applied),
    placed,
    delivered: byStack<Delivered>(keys.delivered),
    attempts: byStack<readonly Attempt[]>(keys.attempts),
    heals: byStack<HealRecord>(keys.heal),
    holds: readHolds(store, names),
    removals,
    hooks: byStack<HookRecord>(keys.hooks),
    quarantines: byStack<Quarantine>(keys.quarantine),
    verdicts: listVerdicts(memory),
    nowMs: clock.nowMs(),
  };
  const plan = makePlan({ ...request, observed });
  if (wantsImages(plan, { desired: resting, observed })) {
    memory.observed = { ...observed, images: await ports.engine.listImages(signal) };
    memory.plan = makePlan({ ...request, observed: memory.observed });
  } else memory.plan = plan;
  return { plan: memory.plan, resting, finished };
}

function keepFinished(finished: ReadonlyMap<string, Finished>, store: Store): void {
  for (const [stack, digests] of finished) {
    const key = keys.finished(stack);
    if (JSON.stringify(store.read(key) ?? {}) !== JSON.stringify(digests)) store.write(key, digests);
  }
}

function pair<T>(name: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[name, value]];
}
