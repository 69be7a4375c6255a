import type { DesiredHost, DesiredService, DesiredStack } from "../model/desired.ts";
import type { Drift } from "../model/drift.ts";
import type { ManualHolds } from "../model/manual-hold.ts";
import type { Observed, ObservedContainer } from "../model/observed.ts";
import type { Hold, Plan, StackPlan } from "../model/plan.ts";
import type { Delivered } from "./alerts/deliveries.ts";
import { type AppliedStack, isChanging } from "./applied-stack.ts";
import { type Attempt, postponeFailing } from "./backoff.ts";
import { mayHaveMoved } from "./drift/detect-container.ts";
import { detectDrift } from "./drift/detect-drift.ts";
import { detectProbes } from "./drift/detect-probes.ts";
import { findGuests, type Guests } from "./drift/find-guests.ts";
import { type HealRecord, isHealingStopped } from "./heal-budget.ts";
import type { Quarantine } from "./health/choose-rollback.ts";
import type { Verdicts } from "./health/judge-stack.ts";
import { explainHold } from "./manual-holds.ts";
import { mergeUps } from "./merge-ups.ts";
import { orderByDependency } from "./order-stacks.ts";
import { type HookRecord, planHooks } from "./plan-hooks.ts";
import { describeRemoved, planRemoval } from "./plan-removal.ts";
import { needsImages, planStack } from "./plan-stack.ts";
import { listRemaining } from "./remaining-data.ts";

export interface PlanRequest {
  readonly desired: DesiredHost;
  readonly observed: Observed;
  readonly applied: ReadonlyMap<string, AppliedStack>;
  readonly placed: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly delivered: ReadonlyMap<string, Delivered>;
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  readonly heals: ReadonlyMap<string, HealRecord>;
  readonly quarantines: ReadonlyMap<string, Quarantine>;
  /** Stacks that may be removed, with the revision that no longer has them. */
  readonly removals: ReadonlyMap<string, string>;
  /** What was run of each stack's hooks. */
  readonly hooks: ReadonlyMap<string, HookRecord>;
  readonly holds: ManualHolds;
  readonly verdicts: Verdicts;
  readonly nowMs: number;
}

/** In one order, and with the containers of each project found once: a host may have many of both. */
interface SortedRequest extends PlanRequest {
  readonly projects: ReadonlyMap<string, readonly ObservedContainer[]>;
  readonly guests: Guests;
}

/** Everything that would be done on the host now. The same input gives the same plan, whatever the order of its parts. */
export function makePlan(unsorted: PlanRequest): Plan {
  const request = sortInput(unsorted);
  const { desired } = request;
  const { stacks } = desired;
  const drift = new Map(stacks.map((stack) => [stack.name, driftOf(stack, request)]));
  const plans = stacks
    .map((stack) => planOne(stack, drift.get(stack.name) ?? [], request))
    .filter((plan) => plan.steps.length > 0 || plan.held !== undefined);
  const unmanaged = detectUnmanaged(request);
  return {
    host: desired.host,
    // What leaves makes room for what comes.
    stacks: [...planRemovals(unmanaged, request), ...plans],
    drift: [...[...drift.values()].flat(), ...stacks.flatMap((stack) => findFailing(stack, request)), ...unmanaged],
  };
}

/** Whether a plan that was made without the list of local images needs it: a container may be created, or a tag may have moved. */
export function wantsImages({ drift }: Plan, { desired, observed }: Pick<PlanRequest, "desired" | "observed">): boolean {
  if (needsImages(drift)) return true;
  const projects = Map.groupBy(observed.containers, ({ project }) => project);
  return desired.stacks.some(({ name, services }) =>
    (projects.get(name) ?? []).some((container) =>
      services.some((service) => container.service === service.name && mayHaveMoved(service, container)),
    ),
  );
}

/** Stacks in the order in which they are converged. */
export function sortStacks(stacks: readonly DesiredStack[]): DesiredStack[] {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  return orderByDependency(stacks)
    .map((name) => byName.get(name))
    .filter((stack) => stack !== undefined);
}

// The engine lists containers by age, and Compose its services as its version likes.
function sortInput(request: PlanRequest): SortedRequest {
  const { desired, observed } = request;
  const containers = [...observed.containers].sort(
    (a, b) => compare(a.project, b.project) || compare(a.service, b.service) || a.number - b.number || compare(a.id, b.id),
  );
  const stacks = sortStacks(desired.stacks).map((stack) => ({
    ...stack,
    services: stack.services.toSorted((a, b) => compare(a.name, b.name)).map(sortDependencies),
  }));
  const projects = Map.groupBy(containers, ({ project }) => project);
  return {
    ...request,
    desired: { ...desired, stacks },
    observed: { ...observed, containers },
    projects,
    guests: findGuests(containers),
  };
}

function sortDependencies(service: DesiredService): DesiredService {
  return { ...service, dependencies: service.dependencies.toSorted((a, b) => compare(a.service, b.service)) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function planOne(stack: DesiredStack, drift: readonly Drift[], request: SortedRequest): StackPlan {
  const { observed, placed, projects } = request;
  // A project that is not ours is not touched at all, its files included.
  const blocked = drift.find((item) => item.kind === "not-adopted");
  if (blocked) return { stack: stack.name, steps: [], held: { reason: "not-adopted", text: blocked.cause } };
  const own = projects.get(stack.name) ?? [];
  const quarantine = request.quarantines.get(stack.name);
  if (quarantine?.inputs === stack.inputs)
    return stopFailed(stack, quarantine, explainFreeze(stack.name, request) !== undefined ? [] : own);
  const record = request.hooks.get(stack.name);
  const bare = planStack({
    stack,
    drift: drift.filter((item) => item.mode === "heal"),
    containers: own,
    placed: placed.get(stack.name) ?? {},
    ...aboutFiles(stack, request),
    ...(observed.images === undefined ? {} : { images: observed.images }),
  });
  const changing = isChanging(stack, request.applied.get(stack.name));
  const around = { stack, containers: own, changing, ...(record === undefined ? {} : { record }) };
  const steps = mergeUps(planHooks(bare, around));
  if (steps.length === 0) return { stack: stack.name, steps };
  const held = findHold(stack, request);
  if (held !== undefined) return { stack: stack.name, steps: [], held };
  const { steps: kept, waiting } = postponeFailing(stack.inputs, steps, request.attempts.get(stack.name) ?? [], request.nowMs);
  return { stack: stack.name, steps: kept, ...describeWaiting(waiting) };
}

/** A stack that did not get healthy and has nothing to go back to: what crashes or hangs is stopped, the rest is left. */
function stopFailed(stack: DesiredStack, { reason }: Quarantine, containers: readonly ObservedContainer[]): StackPlan {
  const failing = containers.filter(
    (container) => !container.oneOff && (container.state === "restarting" || container.health === "unhealthy"),
  );
  const text = `it did not get healthy, and is not tried again until something changes: ${reason.split("\n")[0]}`;
  return {
    stack: stack.name,
    steps: failing.map(({ name, id }) => {
      const causes = [{ kind: "verification-failed" as const, text: `container ${name} did not get healthy` }];
      return { action: "stop", stack: stack.name, causes, after: [], container: name, containerId: id };
    }),
    held: { reason: "quarantined", text },
  };
}

/** Why nothing at all is changed of a stack; undefined when it may be. */
function explainFreeze(stack: string, { desired, holds, nowMs }: PlanRequest): Hold | undefined {
  const { unverified } = desired;
  if (unverified !== undefined)
    return { reason: "unverified", text: `the revision in force is not trusted any more: ${unverified}` };
  const suspended = explainHold(stack, desired, holds, nowMs);
  return suspended === undefined ? undefined : { reason: "suspended", text: suspended };
}

/** Why no step of a stack is taken now; undefined when they are. */
function findHold(stack: DesiredStack, request: PlanRequest): Hold | undefined {
  const frozen = explainFreeze(stack.name, request);
  if (frozen !== undefined) return frozen;
  const { heals, applied, nowMs } = request;
  const undone = !isChanging(stack, applied.get(stack.name)) && isHealingStopped(heals.get(stack.name), nowMs);
  const text =
    "healing was stopped because it kept being undone; it resumes with a new revision, with `holdfast sync` or after an hour";
  return undone ? { reason: "healing-stopped", text } : undefined;
}

/** The hold of a stack of which some steps are delayed. */
export function describeWaiting(waiting: readonly Attempt[]): { held?: Hold } {
  const texts = waiting.map(
    ({ failures, nextAtMs, error }) => `failed ${failures} times, next attempt at ${new Date(nextAtMs).toISOString()}: ${error}`,
  );
  return texts.length === 0 ? {} : { held: { reason: "backing-off", text: texts.join("; ") } };
}

// Nothing is done about it, so that no step depends on it.
function findFailing(stack: DesiredStack, { applied, verdicts }: PlanRequest): Drift[] {
  return detectProbes(stack, applied.get(stack.name), verdicts.get(stack.name));
}

function driftOf(stack: DesiredStack, request: SortedRequest): Drift[] {
  const { applied } = request;
  const { files: _files, containers: _containers, ...observed } = request.observed;
  const known = applied.get(stack.name);
  return detectDrift({
    ...observed,
    stack,
    guests: request.guests,
    containers: request.projects.get(stack.name) ?? [],
    ...aboutFiles(stack, request),
    ...(known === undefined ? {} : { applied: known }),
  });
}

function aboutFiles({ name }: DesiredStack, { observed, delivered }: PlanRequest) {
  return { files: observed.files?.get(name) ?? [], delivered: delivered.get(name) ?? {} };
}

/** Stacks that left: those that may be removed, and containers that carry the label of one that nobody knows. */
function detectUnmanaged({ desired, observed, removals, placed }: PlanRequest): Drift[] {
  const known = new Set([...desired.stacks.map((stack) => stack.name), ...desired.invalid]);
  const left = new Map([...removals.keys()].map((stack): [string, string[]] => [stack, []]));
  for (const { stack, project, name } of observed.containers) {
    if (stack !== undefined && project === stack) left.set(stack, [...(left.get(stack) ?? []), name]);
  }
  return [...left]
    .filter(([stack, names]) => !known.has(stack) && (names.length > 0 || placed.has(stack)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stack, names]) => {
      const found = names.length === 0 ? "files that were placed" : names.sort().join(", ");
      const sure = removals.has(stack);
      const unsure = "; Holdfast does not remember to have converged it, and leaves it (holdfast sync --allow-removal)";
      return {
        stack,
        kind: "unmanaged-stack",
        mode: sure ? desired.unmanaged : "report",
        origin: "host",
        expected: "no container",
        actual: found,
        cause: `stack ${stack} runs here (${found}) but the repository no longer has it for this host${sure ? "" : unsure}`,
      };
    });
}

function planRemovals(unmanaged: readonly Drift[], request: PlanRequest): StackPlan[] {
  const { observed, removals, placed, attempts, applied, nowMs } = request;
  // What needs another stack goes before it.
  const order = orderByDependency(
    unmanaged.map(({ stack }) => ({ name: stack, dependsOn: applied.get(stack)?.dependsOn ?? [] })),
  ).reverse();
  return unmanaged
    .toSorted((a, b) => order.indexOf(a.stack) - order.indexOf(b.stack))
    .flatMap(({ stack, mode }): StackPlan[] => {
      const revision = removals.get(stack);
      if (mode !== "heal" || revision === undefined) return [];
      const steps = planRemoval({
        stack,
        revision,
        containers: observed.containers,
        placed: Object.keys(placed.get(stack) ?? {}),
      });
      const held = explainFreeze(stack, request);
      if (held !== undefined) return [{ stack, steps: [], held }];
      const { steps: kept, waiting } = postponeFailing(
        describeRemoved(stack, revision).inputs,
        steps,
        attempts.get(stack) ?? [],
        nowMs,
      );
      const stays = listRemaining(stack, applied.get(stack)?.data ?? { volumes: [], paths: [] }, observed.volumes);
      return [{ stack, steps: kept, ...(stays.length === 0 ? {} : { stays }), ...describeWaiting(waiting) }];
    });
}
