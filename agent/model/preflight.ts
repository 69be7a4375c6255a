import type { Severity } from "./finding.ts";

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
