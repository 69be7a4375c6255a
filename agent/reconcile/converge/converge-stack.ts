import type { DesiredStack } from "../../model/desired.ts";
import { type HoldfastError, toHoldfastError } from "../../model/error.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import type { StackPlan, Step } from "../../model/plan.ts";
import { type AppliedStack, isChanging } from "../../plan/applied-stack.ts";
import { servicesOf, withoutServices } from "../../plan/backoff.ts";
import { describeCondition, isConditionMet } from "../../plan/health/check-readiness.ts";
import { describeStep } from "../../plan/render-plan.ts";
import type { Clock, Log } from "../../ports.ts";
import { isHeld } from "../manual-holds.ts";
import { keys } from "../store-keys.ts";
import type { Journal } from "../tell/journal.ts";
import { executeStep } from "./execute.ts";
import type { ExecutePorts } from "./execute-ports.ts";
import type { LongSteps } from "./long-steps.ts";
import { noteAttempt } from "./note-applied.ts";
import { noteChanged } from "./note-hooks.ts";

/** How far a stack's plan was carried out. */
export type Outcome =
  | { readonly result: "done"; readonly taken: readonly Step[] }
  /**
   * Steps are left whose conditions do not hold yet, or a stack that comes first is not healthy: planned again from the next observation.
   * `patient` where what is waited for has a limit of its own.
   */
  | {
      readonly result: "waiting";
      readonly taken: readonly Step[];
      readonly step: Step;
      readonly waitsFor: string;
      readonly patient?: true;
    }
  | { readonly result: "failed"; readonly taken: readonly Step[]; readonly failures: readonly Failure[] };

export interface Failure {
  readonly step: Step;
  readonly error: HoldfastError;
}

export type ConvergePorts = ExecutePorts & {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly longSteps: LongSteps;
};

/**
 * Takes the steps of one stack in their order, as far as their conditions hold. Nothing is waited for here: what is left
 * is planned again from a fresh observation, so that a slow service delays no other one, no other stack and no new revision.
 */
export async function convergeStack(
  plan: StackPlan,
  stack: DesiredStack,
  ports: ConvergePorts,
  signal: AbortSignal,
): Promise<Outcome> {
  const taken: Step[] = [];
  const [first, foreign] = [plan.steps[0], findForeignHook(plan, stack, ports.longSteps)];
  // Whatever is newer must not come between a migration and its end.
  if (first !== undefined && foreign !== undefined)
    return { result: "waiting", taken, step: first, waitsFor: `${foreign} of its revision before has ended`, patient: true };
  const changing = isChanging(stack, ports.store.read<AppliedStack>(keys.applied(stack.name)));
  const failures: Failure[] = [];
  let waiting: { readonly step: Step; readonly waitsFor: string; readonly patient?: true } | undefined;
  // Services that cannot be had now: what concerns them is left, the rest of the stack is mended.
  const without = new Set<string>();
  let seen: readonly ObservedContainer[] | undefined;
  for (const planned of plan.steps) {
    const step = withoutServices(planned, without);
    if (step === undefined) continue;
    if (isHeld(stack.name, ports)) {
      // Somebody suspended it meanwhile: planned again, it will be held.
      waiting ??= { step, waitsFor: "its hold has ended" };
      break;
    }
    try {
      // Never act on a plan older than its observation: what earlier steps changed has to be seen first.
      if (step.after.length > 0) seen ??= await ports.engine.listContainers(signal);
      const waitsFor = findUnmet(step, stack, seen ?? []);
      if (waitsFor !== "") {
        waiting ??= { step, waitsFor };
        // What comes after a hook relies on what it did.
        if (step.action === "hook") break;
        for (const service of servicesOf(step)) without.add(service);
        continue;
      }
      noteAttempt(stack, ports.store);
      if ((await takeStep(step, stack, ports, signal)) === "running") {
        waiting ??= { step, waitsFor: nameLongStep(step) ?? "", patient: true };
        // All images of a change are here before its first container is replaced; what only heals need not wait for another's.
        if (step.action === "hook" || changing) break;
        for (const service of servicesOf(step)) without.add(service);
        continue;
      }
      if (step.action === "up") noteChanged(stack, ports.store);
      seen = undefined;
      taken.push(step);
    } catch (cause) {
      failures.push({ step, error: toHoldfastError(cause) });
      if (step.action !== "pull" || signal.aborted) break;
      for (const service of step.services) without.add(service);
    }
  }
  if (failures.length > 0) return { result: "failed", taken, failures };
  return waiting === undefined ? { result: "done", taken } : { result: "waiting", taken, ...waiting };
}

async function takeStep(
  step: Step,
  stack: DesiredStack,
  ports: ConvergePorts,
  signal: AbortSignal,
): Promise<"ended" | "running"> {
  const take = async (): Promise<void> => {
    logStep(step, stack, ports);
    await executeStep(step, stack, ports, signal);
  };
  const key = keyLongStep(step, stack);
  if (key !== undefined) return ports.longSteps.take(key, take, signal, step.action === "hook" ? laneOf(stack) : key);
  await take();
  return "ended";
}

/** A hook of other inputs of this stack that still runs. */
function findForeignHook({ steps }: StackPlan, stack: DesiredStack, longSteps: LongSteps): string | undefined {
  const own = new Set(steps.map((step) => keyLongStep(step, stack)));
  return longSteps
    .running(laneOf(stack))
    .find((key) => !own.has(key))
    ?.split(" ", 2)
    .join(" ");
}

/** Hooks of a stack run one after the other, also those of two revisions. */
function laneOf({ name }: DesiredStack): string {
  return `hooks of ${name}`;
}

/** Set for a step that goes on beside the ticks; a hook of other inputs is another one, whatever its name. */
function keyLongStep(step: Step, { inputs }: DesiredStack): string | undefined {
  return step.action === "hook" ? `${nameLongStep(step)} for ${inputs}` : nameLongStep(step);
}

/** The end of such a step in words; stacks that need the same image wait for one fetch. */
function nameLongStep(step: Step): string | undefined {
  if (step.action === "pull") return `image ${step.image} is here`;
  return step.action === "hook" ? `hook ${step.hook} of ${step.stack} has ended` : undefined;
}

function findUnmet(step: Step, stack: DesiredStack, containers: readonly ObservedContainer[]): string {
  const unmet = step.after.filter((dependency) => !isConditionMet(dependency, stack.name, containers));
  return unmet.map(describeCondition).join(" and ");
}

function logStep(step: Step, stack: DesiredStack, { log, journal }: ConvergePorts): void {
  const { name, revision } = stack;
  const [text, causes] = [describeStep(step), step.causes.map((cause) => `${cause.kind}: ${cause.text}`)];
  log.info({ stack: name, revision, action: step.action, step: text, causes }, "step");
  const told = [{ text, causes: step.causes.map((cause) => cause.text) }];
  journal.tell({ event: "step", stack: name, revision, text, steps: told });
}
