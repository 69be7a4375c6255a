import type { Action } from "../../model/plan.ts";
import { createHistogram, type Histogram, observe } from "./histogram.ts";

/** How a reconciliation ended. */
export type Result = "converged" | "waiting" | "failed" | "invalid";

/** What has happened since the agent started, for metrics: grows in numbers, never in names. */
export interface Counts {
  /** How long reconciliations took, by how they ended. */
  readonly reconciliations: Readonly<Record<Result, Histogram>>;
  /** The last one that ended well, milliseconds since the epoch. */
  lastConvergedAtMs?: number;
  /** How long asking the repository took. */
  readonly polls: Readonly<Record<"success" | "failure", Histogram>>;
  readonly steps: Map<Action, { success: number; failure: number }>;
}

/** Those of an agent that has just started. */
export function createCounts(): Counts {
  return {
    reconciliations: {
      converged: createHistogram(),
      waiting: createHistogram(),
      failed: createHistogram(),
      invalid: createHistogram(),
    },
    polls: { success: createHistogram(), failure: createHistogram() },
    steps: new Map(),
  };
}

/** Counts a reconciliation that ended at `atMs`. */
export function countReconciliation(counts: Counts, result: Result, durationMs: number, atMs: number): void {
  observe(counts.reconciliations[result], durationMs / 1000);
  if (result === "converged") counts.lastConvergedAtMs = atMs;
}

/** Counts a request for the tip of the repository. */
export function countPoll(counts: Counts, result: "success" | "failure", durationMs: number): void {
  observe(counts.polls[result], durationMs / 1000);
}

/** How many steps were taken or failed since the start. */
export function sumSteps({ steps }: Counts): { readonly taken: number; readonly failed: number } {
  const all = [...steps.values()];
  return {
    taken: all.reduce((sum, { success }) => sum + success, 0),
    failed: all.reduce((sum, { failure }) => sum + failure, 0),
  };
}

/** Counts a step that was taken, or that failed. */
export function countStep(counts: Counts, action: Action, result: "success" | "failure"): void {
  const count = counts.steps.get(action) ?? { success: 0, failure: 0 };
  count[result] += 1;
  counts.steps.set(action, count);
}
