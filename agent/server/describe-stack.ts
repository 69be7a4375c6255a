import type { Drift } from "../model/drift.ts";
import type { HoldStatus, StackStatus, Status } from "../model/generated/status.ts";
import type { ObservedContainer } from "../model/observed.ts";
import { describeProbe } from "../model/probe.ts";
import { describeStep } from "../plan/render-plan.ts";
import type { Memory } from "../reconcile/memory.ts";

/** One container of a stack. */
export interface ContainerReport extends Pick<ObservedContainer, "name" | "service" | "state" | "health" | "image" | "oneOff"> {
  readonly exitCode?: number;
  /** RFC 3339, like every time here. */
  readonly createdAt: string;
}

export interface ProbeReport {
  readonly name: string;
  readonly state: "starting" | "healthy" | "failing";
  /** What came last, in one line. */
  readonly detail?: string;
  readonly at?: string;
  readonly durationMs?: number;
}

export type DifferenceReport = Pick<Drift, "kind" | "mode" | "service" | "container" | "expected" | "actual" | "cause" | "diff">;

/** Everything that the agent knows of one stack, without asking anybody. */
export interface StackReport {
  readonly status: StackStatus;
  readonly holds: readonly HoldStatus[];
  readonly dependsOn: readonly string[];
  readonly containers: readonly ContainerReport[];
  readonly probes: readonly ProbeReport[];
  readonly drift: readonly DifferenceReport[];
  /** What would be done now; nothing of it while the stack is held. */
  readonly steps: readonly { readonly text: string; readonly causes: readonly string[] }[];
  readonly held?: string;
}

/** A stack of a status in detail; undefined when the status has no such stack. */
export function describeStack(name: string, status: Status, memory: Memory): StackReport | undefined {
  const stack = status.stacks.find((one) => one.name === name);
  if (stack === undefined) return undefined;
  const desired = memory.desired?.stacks.find((one) => one.name === name);
  const planned = memory.plan?.stacks.find((one) => one.stack === name);
  const containers = (memory.observed?.containers ?? []).filter(({ project }) => project === name);
  return {
    status: stack,
    holds: status.holds.filter((hold) => hold.stack === undefined || hold.stack === name),
    dependsOn: desired?.dependsOn ?? [],
    containers: containers.map(describeContainer).sort((a, b) => (a.name < b.name ? -1 : 1)),
    probes: describeProbes(desired?.probes.map(describeProbe) ?? [], memory.probes.get(name)),
    drift: (memory.plan?.drift ?? []).filter((drift) => drift.stack === name),
    steps: (planned?.steps ?? []).map((step) => ({ text: describeStep(step), causes: step.causes.map(({ text }) => text) })),
    ...(planned?.held === undefined ? {} : { held: planned.held.text }),
  };
}

function describeContainer(container: ObservedContainer): ContainerReport {
  const { name, service, state, health, image, oneOff, exitCode, createdAtMs } = container;
  const ended = exitCode === undefined ? {} : { exitCode };
  return { name, service, state, health, image, oneOff, ...ended, createdAt: new Date(createdAtMs).toISOString() };
}

function describeProbes(names: readonly string[], known: ReturnType<Memory["probes"]["get"]>): ProbeReport[] {
  if (known === undefined || known.histories.size === 0) return names.map((name) => ({ name, state: "starting" }));
  return [...known.histories].map(([name, { state, last, lastAtMs }]) => ({
    ...{ name, state, detail: last.detail },
    ...{ at: new Date(lastAtMs).toISOString(), durationMs: last.durationMs },
  }));
}
