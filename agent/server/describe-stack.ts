import type { Status } from "../model/generated/status.ts";
import type { ObservedContainer } from "../model/observed.ts";
import { describeProbe } from "../model/probe.ts";
import type { ContainerReport, ProbeReport, StackReport } from "../model/stack-report.ts";
import { maskStack } from "../plan/masking/mask-stack.ts";
import { describeStep } from "../plan/render-plan.ts";
import type { Memory } from "../reconcile/memory.ts";

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
    // The others are known by a name without secrets already.
    probes: describeProbes(
      desired?.probes.map((probe) => maskStack(describeProbe(probe), desired)) ?? [],
      memory.probes.get(name),
    ),
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
