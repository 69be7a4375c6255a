// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * What `holdfast history --output json` and `GET /v1/history` tell: what happened on a host, the newest last.
 */
export interface HistoryReport {
  /**
   * Name of the host.
   */
  host: string;
  /**
   * What happened, the newest last.
   */
  entries: HistoryEntryReport[];
}
/**
 * One thing that happened.
 */
export interface HistoryEntryReport {
  /**
   * When, RFC 3339.
   */
  at: string;
  /**
   * What kind of thing.
   */
  event:
    | "agent-started"
    | "agent-upgraded"
    | "upgrade-failed"
    | "revision-accepted"
    | "revision-rejected"
    | "revision-held"
    | "converged"
    | "healed"
    | "step-failed"
    | "hook-ended"
    | "drift-reported"
    | "healing-stopped"
    | "rolled-back"
    | "verification-failed"
    | "removed"
    | "suspended"
    | "resumed"
    | "synced";
  /**
   * Name of the stack; without it, it concerns the whole host.
   */
  stack?: string;
  /**
   * The commit that was in force, or is told of.
   */
  revision?: string;
  /**
   * What and why, in one line.
   */
  text: string;
  /**
   * The steps that were taken, or failed, in order.
   */
  steps?: HistoryStepReport[];
  /**
   * The differences that were healed or reported.
   */
  drift?: HistoryDriftReport[];
  /**
   * What is wrong with a revision that was rejected.
   *
   * Items: One finding: `path:line:column: message (rule)`.
   */
  findings?: string[];
  /**
   * The last lines that a hook wrote, or what is known of a stack that did not get healthy with the last lines of its containers. Secrets are masked.
   *
   * Items: One line.
   */
  output?: string[];
}
/**
 * One step.
 */
export interface HistoryStepReport {
  /**
   * The step in one line.
   */
  text: string;
  /**
   * Why it was taken.
   *
   * Items: One cause in one line.
   */
  causes: string[];
}
/**
 * One difference.
 */
export interface HistoryDriftReport {
  /**
   * Kind of the drift.
   */
  kind: string;
  /**
   * The service concerned.
   */
  service?: string;
  /**
   * The container concerned.
   */
  container?: string;
  /**
   * What should be.
   */
  expected: string;
  /**
   * What was.
   */
  actual: string;
  /**
   * The reason in one line.
   */
  cause: string;
}
