// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * What `holdfast plan --output json` tells: the steps that would be taken on a host, with their causes.
 */
export interface PlanReport {
  /**
   * Name of the host.
   */
  host: string;
  /**
   * The commit that was planned.
   */
  revision: string;
  /**
   * Stacks with something to do, in the order in which they are converged, then those that are rolled back.
   */
  stacks: StackPlanReport[];
  /**
   * Differences that are not put right: of kinds that are only reported, and those of stacks that are held.
   */
  drift: DriftReport[];
  /**
   * What is to be said of the revision.
   *
   * Items: One finding: `path:line:column: message (rule)`.
   */
  findings: string[];
}
/**
 * One stack.
 */
export interface StackPlanReport {
  /**
   * Name of the stack.
   */
  stack: string;
  /**
   * Why nothing is done now.
   */
  held?: string;
  /**
   * The steps, in order.
   */
  steps: StepReport[];
  /**
   * What stays of a stack that is removed.
   */
  stays?: LeftoverReport[];
}
/**
 * One step.
 */
export interface StepReport {
  /**
   * What is done.
   */
  action:
    | "create-directory"
    | "place"
    | "pull"
    | "up"
    | "start"
    | "unpause"
    | "rename"
    | "connect"
    | "disconnect"
    | "update"
    | "stop"
    | "remove"
    | "remove-networks"
    | "hook"
    | "restart"
    | "signal";
  /**
   * The step in one line.
   */
  text: string;
  /**
   * Why it is done.
   */
  causes: CauseReport[];
}
/**
 * One cause.
 */
export interface CauseReport {
  /**
   * Kind of the cause.
   */
  kind: string;
  /**
   * The cause in one line.
   */
  text: string;
}
/**
 * Data that Holdfast does not delete.
 */
export interface LeftoverReport {
  /**
   * `volume NAME`, or a path of the host.
   */
  what: string;
  /**
   * The command that deletes it.
   */
  remedy: string;
}
/**
 * One way in which the host differs from the desired state.
 */
export interface DriftReport {
  /**
   * Name of the stack.
   */
  stack: string;
  /**
   * Kind of the drift.
   */
  kind: string;
  /**
   * What is done about it.
   */
  mode: "heal" | "report" | "ignore";
  /**
   * The service concerned.
   */
  service?: string;
  /**
   * The container concerned.
   */
  container?: string;
  /**
   * The reason in one line.
   */
  cause: string;
}
