import type { HistoryEntryReport } from "./generated/history.ts";

/** What is kept of a host's life: what its schema names. */
export type HistoryEvent = HistoryEntryReport["event"];

/** What is only of interest while it happens: a step begins, a stack waits for something. */
export type PassingEvent = "step" | "waiting";

export interface HistoryStep {
  /** The step in one line. */
  readonly text: string;
  /** Why it was taken, a line each. */
  readonly causes: readonly string[];
}

export interface HistoryDrift {
  readonly kind: string;
  readonly service?: string;
  readonly container?: string;
  readonly expected: string;
  readonly actual: string;
  readonly cause: string;
}

/** What happened, without its time. Never holds a secret: its texts are those of plans, findings and masked errors. */
export interface Happening<E = HistoryEvent> {
  readonly event: E;
  /** Without it, it concerns the whole host. */
  readonly stack?: string;
  readonly revision?: string;
  /** What and why, in one line. */
  readonly text: string;
  readonly steps?: readonly HistoryStep[];
  readonly drift?: readonly HistoryDrift[];
  /** Findings as users read them. */
  readonly findings?: readonly string[];
  /** What was written by a hook, or by a container that did not get healthy: the last lines. */
  readonly output?: readonly string[];
}

/** What happened and when, kept for `holdfast history`. */
export interface HistoryEntry extends Happening {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}
