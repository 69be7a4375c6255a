import type { DesiredHost, DesiredService, DesiredStack } from "../model/desired.ts";
import type { Drift } from "../model/drift.ts";
import type { Observed, ObservedContainer } from "../model/observed.ts";
import type { Hold, Plan, StackPlan, Step } from "../model/plan.ts";
import { type Attempt, fingerprintSteps, isBackingOff } from "./backoff.ts";
import { type AppliedStack, detectDrift, isChanging, mayHaveMoved } from "./detect-drift.ts";
import { type HealRecord, isHealingStopped } from "./heal-budget.ts";
import { mergeUps } from "./merge-ups.ts";
import { orderByDependency } from "./order-stacks.ts";
import { needsImages, planStack } from "./plan-stack.ts";

export interface PlanRequest {
  readonly desired: DesiredHost;
  readonly observed: Observed;
  readonly applied: ReadonlyMap<string, AppliedStack>;
  readonly placed: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly attempts: ReadonlyMap<string, Attempt>;
  readonly heals: ReadonlyMap<string, HealRecord>;
  readonly nowMs: number;
}

/** Everything that would be done on the host now. The same input gives the same plan, whatever the order of its parts. */
export function makePlan(unsorted: PlanRequest): Plan {
  const request = sortInput(unsorted);
  const { desired, observed } = request;
  const { stacks } = desired;
  const drift = new Map(stacks.map((stack) => [stack.name, driftOf(stack, request)]));
  const plans = stacks
    .map((stack) => planOne(stack, drift.get(stack.name) ?? [], request))
    .filter((plan) => plan.steps.length > 0 || plan.held !== undefined);
  const unmanaged = detectUnmanaged(desired, observed.containers);
  return { host: desired.host, stacks: plans, drift: [...[...drift.values()].flat(), ...unmanaged] };
}

/** Whether the plan can only be made with the list of local images: a container may be created, or a tag may have moved. */
export function wantsImages(request: PlanRequest): boolean {
  return request.desired.stacks.some((stack) => {
    const containers = containersOf(stack.name, request.observed.containers);
    const moved = stack.services.some((service) =>
      containers.some((container) => container.service === service.name && mayHaveMoved(service, container)),
    );
    return moved || needsImages(driftOf(stack, request));
  });
}

/** Stacks in the order in which they are converged. */
export function sortStacks(stacks: readonly DesiredStack[]): DesiredStack[] {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  return orderByDependency(stacks)
    .map((name) => byName.get(name))
    .filter((stack) => stack !== undefined);
}

// The engine lists containers by age, and Compose its services as its version likes.
function sortInput(request: PlanRequest): PlanRequest {
  const { desired, observed } = request;
  const containers = [...observed.containers].sort(
    (a, b) => compare(a.project, b.project) || compare(a.service, b.service) || a.number - b.number || compare(a.id, b.id),
  );
  const stacks = sortStacks(desired.stacks).map((stack) => ({
    ...stack,
    services: stack.services.toSorted((a, b) => compare(a.name, b.name)).map(sortDependencies),
  }));
  return { ...request, desired: { ...desired, stacks }, observed: { ...observed, containers } };
}

function sortDependencies(service: DesiredService): DesiredService {
  return { ...service, dependencies: service.dependencies.toSorted((a, b) => compare(a.service, b.service)) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function planOne(stack: DesiredStack, drift: readonly Drift[], request: PlanRequest): StackPlan {
  const { observed, placed } = request;
  // A project that is not ours is not touched at all, its files included.
  const blocked = drift.find((item) => item.kind === "not-adopted");
  if (blocked) return { stack: stack.name, steps: [], held: { reason: "not-adopted", text: blocked.cause } };
  const steps = mergeUps(
    planStack({
      stack,
      drift: drift.filter((item) => item.mode === "heal"),
      containers: containersOf(stack.name, observed.containers),
      placed: placed.get(stack.name) ?? {},
      ...(observed.images === undefined ? {} : { images: observed.images }),
    }),
  );
  const held = steps.length === 0 ? undefined : explainHold(stack, steps, request);
  return held === undefined ? { stack: stack.name, steps } : { stack: stack.name, steps: [], held };
}

/** Why steps are not taken now; undefined when they are. */
function explainHold(stack: DesiredStack, steps: readonly Step[], request: PlanRequest): Hold | undefined {
  const { desired, attempts, heals, applied, nowMs } = request;
  if (desired.suspended) return { reason: "suspended", text: "the host is suspended (suspend: true in its host file)" };
  const attempt = attempts.get(stack.name);
  if (attempt && isBackingOff(attempt, fingerprintSteps(stack.inputs, steps), nowMs)) {
    const text = `failed ${attempt.failures} times, next attempt at ${new Date(attempt.nextAtMs).toISOString()}: ${attempt.error}`;
    return { reason: "backing-off", text };
  }
  const undone = !isChanging(stack, applied.get(stack.name)) && isHealingStopped(heals.get(stack.name), nowMs);
  const text = "healing was stopped because it kept being undone; it resumes with a new revision or after an hour";
  return undone ? { reason: "healing-stopped", text } : undefined;
}

function driftOf(stack: DesiredStack, request: PlanRequest): Drift[] {
  const { observed, applied } = request;
  const known = applied.get(stack.name);
  return detectDrift({
    stack,
    containers: containersOf(stack.name, observed.containers),
    ...(observed.images === undefined ? {} : { images: observed.images }),
    ...(known === undefined ? {} : { applied: known }),
  });
}

function containersOf(stack: string, containers: readonly ObservedContainer[]): ObservedContainer[] {
  return containers.filter((container) => container.project === stack);
}

function detectUnmanaged(desired: DesiredHost, containers: readonly ObservedContainer[]): Drift[] {
  const known = new Set([...desired.stacks.map((stack) => stack.name), ...desired.invalid]);
  const left = new Map<string, string[]>();
  for (const { stack, name } of containers) {
    if (stack !== undefined && !known.has(stack)) left.set(stack, [...(left.get(stack) ?? []), name]);
  }
  return [...left]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stack, names]) => ({
      stack,
      kind: "unmanaged-stack",
      mode: "report",
      origin: "host",
      expected: "no container",
      actual: names.sort().join(", "),
      cause: `stack ${stack} runs here (${names.join(", ")}) but the repository no longer has it for this host`,
    }));
}
