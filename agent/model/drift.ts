import type { DriftMode } from "./desired.ts";
import type { Remedy } from "./remedy.ts";

/** The kinds of SPEC section 5 that are detected. */
export type DriftKind =
  | "service-missing"
  | "replicas"
  | "stopped"
  | "paused"
  | "restarting"
  | "definition"
  | "files"
  | "files-edited"
  | "image-local"
  | "image-moved"
  | "limits"
  | "network"
  | "renamed"
  | "volume"
  | "network-definition"
  | "tool-changed"
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
  /** `revision`: the desired state has changed and is not converged yet; `host`: something happened here. */
  readonly origin: "revision" | "host";
  readonly service?: string;
  /** Name of the container, where one is meant. */
  readonly container?: string;
  readonly containerId?: string;
  readonly expected: string;
  readonly actual: string;
  /** The reason in one line, as the plan, the log, the history and the alert show it. */
  readonly cause: string;
  /** What was changed in a file, as a short unified diff with secrets masked. */
  readonly diff?: string;
  readonly remedy?: Remedy;
}
