import type { Alert } from "../../model/alert.ts";

/** What cannot be told yet, because the agent was started just now, or because something failed for the first time. */
export interface Undecided {
  /** Nothing of the repository has been read since the start. */
  readonly desired: boolean;
  /** The newest revision has not been examined since the start. */
  readonly revision: boolean;
  /** The host has not been looked at since the start. */
  readonly host: boolean;
  /** The engine failed, for the first time in a row. */
  readonly engine: boolean;
  /** Stacks that are not healthy, and not for long enough to say so. */
  readonly health: readonly string[];
}

/** Whether an alert that fired neither holds nor has ended, as far as is known: then it fires on. */
export function isUndecided({ name, labels }: Alert, { desired, revision, host, engine, health }: Undecided): boolean {
  const { stack } = labels;
  switch (name) {
    case "HoldfastHeartbeat":
      return false;
    case "HoldfastRevisionRejected":
    case "HoldfastRemovalHeld":
      return desired || revision;
    case "HoldfastStackUnhealthy":
      return desired || host || (stack !== undefined && health.includes(stack));
    case "HoldfastConvergeFailed":
      return desired || (stack === undefined && engine);
    case "HoldfastDrift":
    case "HoldfastDriftFighting":
    case "HoldfastPreflightFailed":
      return desired || host;
    case "HoldfastRolledBack":
    case "HoldfastSuspended":
    case "HoldfastUpgradeFailed":
      return desired;
    case "HoldfastSourceUnreachable":
      return false;
    default:
      return name satisfies never;
  }
}
