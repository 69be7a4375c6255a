import type { JsonObject } from "./desired.ts";
import type { EngineInfo, EngineUsage } from "./engine.ts";
import type { Severity } from "./finding.ts";
import type { Requires } from "./generated/stack.ts";
import type { MachineFacts } from "./machine.ts";

/** The kinds of what can be in the way of converging; stable names. */
export type PreflightKind =
  | "platform"
  | "docker"
  | "compose"
  | "memory"
  | "gpu"
  | "disk"
  | "address"
  | "command"
  | "port"
  | "network"
  | "volume"
  | "bind"
  | "image"
  | "runtime";

/** Something about the host that is in the way of converging, or will be. */
export interface PreflightFinding {
  readonly kind: PreflightKind;
  /** What is meant, in a few words: `disk /srv`, `port 127.0.0.1:80/tcp of web`. */
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
  /** What to do about it: one sentence, or a command. */
  readonly fix: string;
  /** The stack that it concerns; the whole host without. */
  readonly stack?: string;
  /** `error` keeps what it concerns from being converged. */
  readonly severity: Severity;
}

/** A finding in one line, as the log and the alert show it. */
export function renderPreflightFinding({ what, expected, actual, fix, stack }: PreflightFinding): string {
  return `${stack === undefined ? "" : `${stack}: `}${what}: expected ${expected}, found ${actual}; ${fix}`;
}

/** What a host and its stacks need, as far as it can be checked before anything is converged. */
export interface HostNeeds {
  /** The platform that the host's file names. */
  readonly platform?: string;
  /** With its variables filled in. */
  readonly requires?: Requires;
  readonly stacks: readonly StackNeeds[];
  /** Names of stacks that are being removed: what they hold is given up. */
  readonly leaving?: readonly string[];
}

export interface StackNeeds {
  readonly name: string;
  /** With its variables filled in. */
  readonly requires?: Requires;
  /** The rendered Compose model, paths as on the host. */
  readonly model: JsonObject;
  /** The version of Compose that rendered it. */
  readonly composeVersion: string;
  /** Absolute directory of the stack's files. */
  readonly root: string;
}

/** What was found out of a host; what could not be is absent, and judged by nobody. */
export interface HostFound {
  readonly machine: MachineFacts;
  readonly engine?: EngineInfo;
  readonly usage?: EngineUsage;
  readonly composeVersion?: string;
  /** Platforms of the images that are here, by reference. */
  readonly imagePlatforms: Readonly<Record<string, string>>;
}
