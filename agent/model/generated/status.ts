// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * What `holdfast status --output json` and `GET /v1/status` tell of one host.
 */
export interface Status {
  /**
   * Name of the host.
   */
  host: string;
  /**
   * Version of the agent.
   */
  version: string;
  /**
   * Every stack is converged and healthy, and the newest revision is in force.
   */
  healthy: boolean;
  /**
   * The commit that is in force.
   */
  revision?: string;
  /**
   * The commit that the branch named at the last successful poll.
   */
  tip?: string;
  commit?: CommitStatus;
  rejected?: RejectedStatus;
  /**
   * Why the repository could not be read at the last poll.
   */
  sourceError?: string;
  /**
   * Why the engine could not be asked in the last reconciliation.
   */
  engineError?: string;
  last?: LastStatus;
  /**
   * When the next reconciliation is due, RFC 3339.
   */
  next?: string;
  /**
   * Stacks of this host, by name.
   */
  stacks: StackStatus[];
  /**
   * What is suspended: observed and reported, but not changed.
   */
  holds: HoldStatus[];
  /**
   * How the host differs from the desired state.
   */
  drift: DriftReport[];
  /**
   * What is to be said of the newest revision.
   *
   * Items: One finding: `path:line:column: message (rule)`.
   */
  findings: string[];
  /**
   * The alerts that fire.
   */
  alerts: AlertStatus[];
  /**
   * What the agent itself cannot do at the moment and gets along without, such as listening; no alert is raised. Missing when there is nothing.
   *
   * Items: One warning: `setting: what is wrong; what to do`.
   */
  warnings?: string[];
}
/**
 * What the commit that is in force says of itself, where that is known.
 */
export interface CommitStatus {
  /**
   * First line of its message.
   */
  subject: string;
  /**
   * Who wrote it.
   */
  author: string;
  /**
   * When it was committed, RFC 3339.
   */
  at: string;
}
/**
 * The newest revision, when it was rejected as a whole.
 */
export interface RejectedStatus {
  /**
   * The commit.
   */
  revision: string;
  /**
   * Why, in one line.
   */
  reason: string;
}
/**
 * The last reconciliation.
 */
export interface LastStatus {
  /**
   * How it ended.
   */
  result: "converged" | "waiting" | "failed" | "invalid";
  /**
   * When it ended, RFC 3339.
   */
  at: string;
  /**
   * How long it took, milliseconds.
   */
  durationMs: number;
}
/**
 * One stack.
 */
export interface StackStatus {
  /**
   * Name of the stack.
   */
  name: string;
  /**
   * The commit whose content is in force.
   */
  revision?: string;
  /**
   * Where the stack is.
   */
  state: "converged" | "drifted" | "waiting" | "failed" | "held" | "invalid" | "rolled-back";
  /**
   * How its containers are.
   */
  health?: "healthy" | "starting" | "unhealthy";
  /**
   * Whether it stayed healthy after it was changed last: what a later change that fails is taken back to.
   */
  verified?: boolean;
  /**
   * Why the stack is not converged, in one line.
   */
  reason?: string;
  /**
   * Its services.
   */
  services: ServiceStatus[];
}
/**
 * One service.
 */
export interface ServiceStatus {
  /**
   * Name of the service.
   */
  name: string;
  /**
   * Image that it should run.
   */
  image: string;
  /**
   * Containers that it should have.
   */
  replicas: number;
  /**
   * Containers that run, or have finished their work.
   */
  running: number;
}
/**
 * One hold that is in force.
 */
export interface HoldStatus {
  /**
   * Name of the stack; without it, the whole host.
   */
  stack?: string;
  /**
   * `command`: holdfast suspend; `repository`: suspend: true in the host's file.
   */
  origin: "command" | "repository";
  /**
   * When it began, RFC 3339.
   */
  since?: string;
  /**
   * When it ends by itself, RFC 3339.
   */
  until?: string;
  /**
   * Why, as it was given.
   */
  reason?: string;
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
   * What should be.
   */
  expected: string;
  /**
   * What is.
   */
  actual: string;
  /**
   * The reason in one line.
   */
  cause: string;
}
/**
 * One alert.
 */
export interface AlertStatus {
  /**
   * Name of the alert.
   */
  name: string;
  /**
   * When it began to fire, RFC 3339.
   */
  since: string;
  /**
   * What it says, in one line.
   */
  summary: string;
  /**
   * Its condition has ended, and it fires on until then so that it is seen (alerts.minFiring), RFC 3339.
   */
  firesUntil?: string;
}
