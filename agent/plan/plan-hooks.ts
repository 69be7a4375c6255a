import type { DesiredStack, Hook } from "../model/desired.ts";
import type { ObservedContainer } from "../model/observed.ts";
import type { Cause, Step, StepOf } from "../model/plan.ts";
import { judgeHealth } from "./health/check-readiness.ts";

/** What was run of a stack's hooks. */
export interface HookRecord {
  /** What they were run for: other inputs run them again. */
  readonly inputs: string;
  /** Names of those that ended well. */
  readonly done: readonly string[];
  /** Containers were created or replaced for these inputs. */
  readonly changed: boolean;
}

export interface HookPlanRequest {
  readonly stack: DesiredStack;
  readonly containers: readonly ObservedContainer[];
  /** The stack is at a change of the desired state: what only heals runs no hook. */
  readonly changing: boolean;
  readonly record?: HookRecord;
}

/**
 * Puts the hooks that are due around the steps that create containers. What a preConverge hook needs and is not there comes
 * before it; postConverge hooks run when the stack is healthy and nothing else is left to do.
 */
export function planHooks(steps: readonly Step[], request: HookPlanRequest): Step[] {
  const { stack, containers, changing, record } = request;
  const done = record?.inputs === stack.inputs ? record.done : [];
  const due = (phase: Hook["phase"]): Hook[] =>
    stack.hooks.filter((hook) => hook.phase === phase && !done.includes(nameHook(hook)));
  const creates = steps.some(({ action }) => action === "up");
  const before = changing && creates ? due("preConverge") : [];
  if (before.length > 0) return placeBefore(before, steps, stack);
  const changed = record?.inputs === stack.inputs && record.changed;
  const ready = steps.length === 0 && changed && judgeHealth(stack, containers) === "healthy";
  return ready ? due("postConverge").map((hook) => describeHook(hook, stack)) : [...steps];
}

/** A hook's name, which its container bears: `preConverge-0`. */
export function nameHook({ phase, index }: Hook): string {
  return `${phase}-${index}`;
}

function placeBefore(hooks: readonly Hook[], steps: readonly Step[], stack: DesiredStack): Step[] {
  const needed = findNeeded(
    hooks.map(({ service }) => service),
    stack,
  );
  // On a first deployment what a hook needs is not there yet; what is there is replaced after the hook.
  const comesFirst = (step: Step): boolean =>
    step.action === "pull" ||
    step.action === "place" ||
    step.action === "start" ||
    step.action === "unpause" ||
    (step.action === "up" && !step.recreate && step.services.every((service) => needed.has(service)));
  return [
    ...steps.filter(comesFirst),
    ...hooks.map((hook) => describeHook(hook, stack)),
    ...steps.filter((step) => !comesFirst(step)),
  ];
}

function describeHook(hook: Hook, stack: DesiredStack): StepOf<"hook"> {
  const { phase, service, command, timeoutMs } = hook;
  const text = phase === "preConverge" ? "before the stack is changed" : "after the stack was changed";
  const causes: Cause[] = [{ kind: "hook", text: `${phase}: ${text}` }];
  const definition = stack.services.find(({ name }) => name === service);
  const after = phase === "preConverge" ? (definition?.dependencies ?? []) : [];
  return { action: "hook", stack: stack.name, causes, after, hook: nameHook(hook), phase, service, command, timeoutMs };
}

/** The services that others depend on or live in, directly or not. */
function findNeeded(names: readonly string[], { services }: DesiredStack): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = new Set(names);
  for (const name of walk) {
    const service = services.find((item) => item.name === name);
    for (const needed of [...(service?.dependencies ?? []).map((item) => item.service), ...(service?.sharesWith ?? [])]) {
      walk.add(needed);
      found.add(needed);
    }
  }
  return found;
}
