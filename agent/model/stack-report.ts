import type { Drift } from "./drift.ts";
import type { HoldStatus, StackStatus } from "./generated/status.ts";
import type { ObservedContainer } from "./observed.ts";

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
