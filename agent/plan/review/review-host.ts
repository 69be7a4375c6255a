import type { DesiredHost, DesiredStack } from "../../model/desired.ts";
import type { HostReview, StackReview } from "../../model/generated/review.ts";
import type { StackPlan } from "../../model/plan.ts";
import { guardRemovals } from "../guard-removals.ts";
import { makePlan, sortStacks } from "../make-plan.ts";
import { assumeConverged, type ConvergedStack } from "./assume-converged.ts";
import { noteRenamedStacks } from "./find-renamed.ts";
import { reviewStack } from "./review-stack.ts";
import { summarizeHost } from "./summarize-host.ts";

export interface HostSides {
  readonly host: string;
  /** What is assumed to run; absent where the base has nothing for the host. */
  readonly base?: DesiredHost;
  /** Why there is no base, in one line, where that is not plain. */
  readonly baseProblem?: string;
  readonly head: DesiredHost | { readonly rejected: string } | { readonly leaves: true };
  /** Stacks whose removal a commit message confirms. */
  readonly confirmed: readonly string[];
  /** Names of the host's own environment files by stack, where they are not the same as before. */
  readonly hostFiles: ReadonlyMap<string, { readonly before: readonly string[]; readonly after: readonly string[] }>;
  /** Absolute directory in which a stack's files are placed. */
  readonly rootOf: (stack: string) => string;
  readonly nowMs: number;
}

/** The effect of a change on one host: the plan that the agent would make if the base had been converged there. */
export function reviewHost(sides: HostSides): HostReview {
  const { host, base, head, baseProblem } = sides;
  const notes = baseProblem === undefined ? [] : [baseProblem];
  const running = base?.stacks.map(({ name }) => name).sort() ?? [];
  if ("leaves" in head) {
    const summary = "leaves the fleet; what runs there stays";
    const note = "its agent rejects the revision, and goes on with the last one that has the host, until it is uninstalled";
    return { host, summary, leaves: true, notes: [...notes, note], stacks: [], untouched: running };
  }
  if ("rejected" in head) {
    const summary = "the revision is rejected; nothing changes";
    return { host, summary, rejected: head.rejected, notes, stacks: [], untouched: running };
  }
  const known = new Set([...head.stacks.map(({ name }) => name), ...head.invalid]);
  const removed = running.filter((name) => !known.has(name));
  const held = guardRemovals({
    managed: running,
    removed,
    limits: [...(base === undefined ? [] : [base.maxRemovals]), head.maxRemovals],
    confirmed: sides.confirmed,
  });
  const stacks = reviewStacks(sides, head, removed);
  const touched = new Set(stacks.map(({ stack }) => stack));
  const hint = `confirm it with a line "Holdfast-Allow-Removal: ${removed.join(", ")}" in a commit message`;
  return {
    host,
    summary: summarizeHost(stacks, held),
    ...(held === undefined ? {} : { held: `${held}; ${hint}` }),
    notes,
    stacks,
    untouched: [...known].filter((name) => !touched.has(name)).sort(),
  };
}

function reviewStacks(sides: HostSides, head: DesiredHost, removed: readonly string[]): StackReview[] {
  const { base, nowMs } = sides;
  const before = new Map((base?.stacks ?? []).map((stack) => [stack.name, stack]));
  const converged = new Map([...before].map(([name, stack]) => [name, assumeConverged(stack)]));
  const plans = new Map(planChange(head, removed, converged, nowMs).map((plan) => [plan.stack, plan]));
  const serviceOf = listServices(converged);
  const review = (name: string, after: DesiredStack | undefined): StackReview[] => {
    const [old, plan] = [before.get(name), plans.get(name)];
    const stack = reviewStack({ stack: name, before: old, after, plan, serviceOf, root: sides.rootOf(name) });
    const noted = noteUnknown(stack, sides, head);
    // A variable that it does not use changes what it is made from, and nothing else.
    const isSame =
      stack.change === "settings" && stack.diff === undefined && noted.notes.length === 0 && plan?.held === undefined;
    return isSame ? [] : [noted];
  };
  const after = new Map(head.stacks.map((stack) => [stack.name, stack]));
  const absent = head.invalid.filter((name) => !after.has(name)).sort();
  const reviews = [
    ...removed.flatMap((name) => review(name, undefined)),
    ...sortStacks(head.stacks).flatMap((stack) => review(stack.name, stack)),
    ...absent.map((name) => describeAbsent(name, sides, head)),
  ];
  return noteRenamedStacks(reviews, before, after, sides.rootOf);
}

function planChange(
  desired: DesiredHost,
  removed: readonly string[],
  converged: ReadonlyMap<string, ConvergedStack>,
  nowMs: number,
): readonly StackPlan[] {
  const states = [...converged];
  return makePlan({
    desired,
    observed: {
      atMs: nowMs,
      containers: states.flatMap(([, { containers }]) => containers),
      images: states.flatMap(([, { images }]) => images),
    },
    applied: new Map(states.map(([name, { applied }]) => [name, applied])),
    placed: new Map(states.map(([name, { placed }]) => [name, placed])),
    delivered: new Map(states.map(([name, { delivered }]) => [name, delivered])),
    holds: { stacks: new Map() },
    attempts: new Map(),
    heals: new Map(),
    quarantines: new Map(),
    verdicts: new Map(),
    removals: new Map(removed.map((name) => [name, desired.revision])),
    hooks: new Map(),
    nowMs,
  }).stacks;
}

function listServices(converged: ReadonlyMap<string, ConvergedStack>): ReadonlyMap<string, string> {
  return new Map([...converged.values()].flatMap(({ containers }) => containers.map(({ name, service }) => [name, service])));
}

/** What cannot be told without the host, or is kept from happening by what is wrong. */
function noteUnknown(stack: StackReview, { base, hostFiles }: HostSides, head: DesiredHost): StackReview {
  const name = stack.stack;
  if (head.invalid.includes(name)) {
    const isUnknown = !hasErrors(name, head);
    const text = isUnknown
      ? "it cannot be rendered without the host's own files"
      : "it is invalid, and stays as it is in the base";
    return { ...stack, change: isUnknown ? "unknown" : "invalid", notes: [text, ...stack.notes] };
  }
  if (base?.invalid.includes(name)) {
    const text =
      "the base of it is invalid or cannot be rendered here: an older revision may run, of which only what differs is replaced";
    return { ...stack, notes: [text, ...stack.notes] };
  }
  const files = hostFiles.get(name);
  if (files === undefined) return stack;
  const text = `hostEnvFiles ${list(files.before)} -> ${list(files.after)}: what their values change can only be told on the host`;
  const change = stack.change === "settings" ? "unknown" : stack.change;
  return { ...stack, change, notes: [text, ...stack.notes] };
}

function describeAbsent(stack: string, { base }: HostSides, head: DesiredHost): StackReview {
  const isInvalid = hasErrors(stack, head);
  const invalid = base?.invalid.includes(stack)
    ? "it is invalid, as in the base: what runs of it stays"
    : "it is invalid, and is not started";
  const text = isInvalid ? invalid : "it cannot be rendered without the host's own files";
  return {
    ...{ stack, change: isInvalid ? "invalid" : "unknown", notes: [text], services: [], untouched: [] },
    ...{ filesPlaced: [], filesRemoved: [], portsOpened: [], portsClosed: [], data: [], unpinned: [], steps: [] },
  };
}

function hasErrors(stack: string, { findings }: DesiredHost): boolean {
  return findings.some((finding) => finding.stack === stack && finding.severity === "error");
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
