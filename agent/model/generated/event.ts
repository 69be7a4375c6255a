// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * The data of a `happening` event of `GET /v1/events`; that of a `status` event is a status (status.schema.json).
 */
export interface AgentEvent {
  /**
   * When, RFC 3339.
   */
  at: string;
  /**
   * What happens: `step` and `waiting` while something is done, or an event of the history.
   */
  event:
    | "step"
    | "waiting"
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
  steps?: EventStep[];
  /**
   * The differences that were healed or reported.
   */
  drift?: EventDrift[];
  /**
   * What is wrong with a revision that was rejected.
   *
   * Items: One finding: `path:line:column: message (rule)`.
   */
  findings?: string[];
}
/**
 * One step.
 */
export interface EventStep {
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
export interface EventDrift {
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
