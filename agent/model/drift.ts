import type { DriftMode } from "./desired.ts";

/** The kinds of SPEC section 5 that are detected. */
export type DriftKind =
  | "service-missing"
  | "replicas"
  | "stopped"
  | "paused"
  | "restarting"
  | "definition"
  | "files"
  | "image-local"
  | "orphan"
  | "foreign"
  | "unmanaged-stack"
  | "not-adopted"
  | "unhealthy";

/** One way in which the host differs from the desired state. */
export interface Drift {
  readonly stack: string;
  readonly kind: DriftKind;
  readonly mode: DriftMode;
  readonly service?: string;
  /** Name of the container, where one is meant. */
  readonly container?: string;
  readonly containerId?: string;
  readonly expected: string;
  readonly actual: string;
  /** The reason in one line, as the plan, the log, the history and the alert show it. */
  readonly cause: string;
}
