// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * What `holdfast plan --base A --head B --output json` tells: the effect of a change on each host.
 */
export interface Review {
  /**
   * The commit that is assumed to run.
   */
  base: string;
  /**
   * The commit that is planned; `working-tree` for what is not committed.
   */
  head: string;
  /**
   * `invalid`: something would not be converged.
   */
  result: "nothing" | "changes" | "invalid";
  /**
   * Hosts, by name.
   */
  hosts: HostReview[];
  /**
   * What is to be said of the new revision.
   */
  findings: ReviewedFinding[];
}
/**
 * What happens on one host.
 */
export interface HostReview {
  /**
   * Name of the host.
   */
  host: string;
  /**
   * The effect in one line.
   */
  summary: string;
  /**
   * Why the revision is not taken at all.
   */
  rejected?: string;
  /**
   * The host is not in the new revision: what runs there stays, and nothing more is converged.
   */
  leaves?: true;
  /**
   * Why nothing is done until somebody confirms it.
   */
  held?: string;
  /**
   * What else there is to know.
   *
   * Items: One line.
   */
  notes: string[];
  /**
   * Stacks that are not the same as before, in the order in which they are converged.
   */
  stacks: StackReview[];
  /**
   * Stacks that stay as they are.
   *
   * Items: Name of a stack.
   */
  untouched: string[];
}
/**
 * One stack that is not the same as before.
 */
export interface StackReview {
  /**
   * Name of the stack.
   */
  stack: string;
  /**
   * What the change does to the stack; `invalid`: it stays as it is; `unknown`: it cannot be rendered here.
   */
  change: "added" | "changed" | "settings" | "removed" | "invalid" | "unknown";
  /**
   * What else there is to know.
   *
   * Items: One line.
   */
  notes: string[];
  /**
   * Why nothing is done.
   */
  held?: string;
  /**
   * Services whose containers are touched, in the order in which they are.
   */
  services: ServiceReview[];
  /**
   * Services whose containers are left alone.
   *
   * Items: Name of a service.
   */
  untouched: string[];
  /**
   * Files that are written.
   *
   * Items: Path below the stack's root.
   */
  filesPlaced: string[];
  /**
   * Files that are removed.
   *
   * Items: Path below the stack's root.
   */
  filesRemoved: string[];
  /**
   * Published ports that appear.
   *
   * Items: `10.0.0.1:80/tcp (web)`
   */
  portsOpened: string[];
  /**
   * Published ports that vanish.
   *
   * Items: `10.0.0.1:80/tcp (web)`
   */
  portsClosed: string[];
  /**
   * Volumes and paths of the host whose data is concerned.
   *
   * Items: One line.
   */
  data: string[];
  /**
   * Images of touched services that are not named by digest.
   *
   * Items: Image reference.
   */
  unpinned: string[];
  /**
   * The steps, in order.
   */
  steps: ReviewedStep[];
  /**
   * The rendered model before and after as a unified diff, secrets masked; absent where it is the same.
   */
  diff?: string;
}
/**
 * What happens to one service.
 */
export interface ServiceReview {
  /**
   * Name of the service.
   */
  service: string;
  /**
   * What happens to its containers.
   */
  effect: "create" | "recreate" | "restart" | "start" | "signal" | "scale" | "remove";
  /**
   * Why, down to the field; never a value but an image reference.
   *
   * Items: One cause: `environment DB_HOST changed`.
   */
  causes: string[];
  /**
   * How long it is away, in words; absent where nothing is interrupted.
   */
  interruption?: string;
}
/**
 * One step of the plan.
 */
export interface ReviewedStep {
  /**
   * What is done: an action of plan.schema.json.
   */
  action: string;
  /**
   * The step in one line.
   */
  text: string;
  /**
   * Why it is done.
   *
   * Items: One cause in one line.
   */
  causes: string[];
}
/**
 * Something about the new revision that its author should know.
 */
export interface ReviewedFinding {
  /**
   * File in the repository.
   */
  path: string;
  /**
   * 1-based.
   */
  line: number;
  /**
   * 1-based.
   */
  column: number;
  /**
   * What is wrong and what would be right.
   */
  message: string;
  /**
   * Name of the rule.
   */
  rule: string;
  /**
   * `error` keeps a stack, or the revision, from being converged.
   */
  severity: "error" | "warning";
  /**
   * The stack concerned.
   */
  stack?: string;
  /**
   * Whether the base does not have it.
   */
  isNew: boolean;
}
