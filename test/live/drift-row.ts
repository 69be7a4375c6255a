import type { DriftMode } from "../../agent/model/desired.ts";
import type { DriftKind } from "../../agent/model/drift.ts";
import type { ContainerState } from "../../agent/model/observed.ts";
import type { Action } from "../../agent/model/plan.ts";
import type { Host } from "./start-host.ts";

/** Something that is done by hand to a running stack, and what comes of it. */
export interface Row {
  /** What is done by hand. */
  readonly act: string;
  readonly by: (host: Host) => Promise<unknown>;
  readonly kind: DriftKind;
  readonly mode: DriftMode;
  /** What mends it; nothing is done about what is not healed. */
  readonly step?: Action;
  /** By container, how it is in the end; every other one of a stack runs. */
  readonly end?: Readonly<Record<string, ContainerState>>;
  /** What it is called in the log, the plan and the alert. */
  readonly told?: RegExp;
  /** How it is put right by hand, where nobody else does. */
  readonly undo?: (host: Host) => Promise<unknown>;
  /** The containers that are other ones afterwards; every other one must be the same. */
  readonly replaced?: readonly string[];
  readonly gone?: readonly string[];
  /** The volumes are gone too, and nobody can bring back what was in them. */
  readonly emptied?: true;
  /** The engine's list does not show it: it is found at an audit, or when somebody tells. */
  readonly unlisted?: boolean;
}

/** Labels that make a container look like one of Compose's, of the project web. */
export function labels(values: Readonly<Record<string, string>>): string[] {
  const { service = "", ...own } = values;
  const all = {
    "com.docker.compose.project": "web",
    "com.docker.compose.service": service,
    "com.docker.compose.container-number": "1",
    "com.docker.compose.oneoff": "False",
    // Compose takes no notice of a container without it.
    "com.docker.compose.config-hash": "other",
    ...own,
  };
  return Object.entries(all).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
}
