import type { DesiredStack } from "../model/desired.ts";
import type { ObservedContainer } from "../model/observed.ts";
import type { Cause, Step } from "../model/plan.ts";

export interface RemovalPlanRequest {
  readonly stack: string;
  /** The revision that no longer has it. */
  readonly revision: string;
  /** Every container of the host. */
  readonly containers: readonly ObservedContainer[];
  /** Paths of the files that Holdfast placed. */
  readonly placed: readonly string[];
}

/** The steps that take a stack away that left the repository: what is Holdfast's goes; volumes and other files stay. */
export function planRemoval({ stack, revision, containers, placed }: RemovalPlanRequest): Step[] {
  const causes: Cause[] = [
    { kind: "unmanaged-stack", text: `stack ${stack} is not in the repository since ${revision.slice(0, 12)}` },
  ];
  const about = { stack, causes, after: [] };
  // What was created last depends on what was created before.
  const own = ownContainers(stack, containers).sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1));
  return [
    ...own.map(({ id, name }): Step => ({ ...about, action: "remove", container: name, containerId: id })),
    { ...about, action: "remove-networks", project: stack },
    { ...about, action: "place", write: [], remove: [...placed].sort() },
  ];
}

/** Containers of a stack that are Holdfast's, those of one-off runs included. */
export function ownContainers(stack: string, containers: readonly ObservedContainer[]): ObservedContainer[] {
  return containers.filter((container) => container.project === stack && (container.stack === stack || container.oneOff));
}

/** A stack of which nothing is desired any more, for those who take its steps. */
export function describeRemoved(stack: string, revision: string): DesiredStack {
  return {
    ...{ name: stack, revision, inputs: `removed ${revision}`, composeVersion: "", root: "", projectDirectory: "" },
    ...{ files: [], services: [], model: {}, environment: {}, dependsOn: [], adopt: false, verifyTimeoutMs: 0 },
    ...{ probes: [], probeIntervalMs: 0, rollback: false, hooks: [], drift: { mode: "heal", rules: {} } },
  };
}
