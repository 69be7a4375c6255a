import type { UpgradeTarget, UpgradeTrial } from "../model/upgrade.ts";

/** The place of the agent's own executable, and what is fetched to take it. Exists only where the installed one runs. */
export interface Upgrader {
  /** The version that runs. */
  readonly version: string;
  /** What a release calls the platform of this host, `linux-x64`. */
  readonly platform: string;
  /** SHA-256 of the executable that runs, found out once. */
  identify(): Promise<string>;
  /** What became of the version that was fetched last, in one read; undefined when there is none, or it was kept. */
  recall(): Promise<UpgradeTrial | undefined>;
  /**
   * Fetches a version and checks it, so that it takes the place of the one that runs at the next start. Throws `upgrade-failed`:
   * `transient` when another attempt may help.
   */
  stage(target: UpgradeTarget, signal: AbortSignal): Promise<void>;
  /** The version that runs stays: ends its trial, and forgets what was fetched. */
  settle(): Promise<void>;
}
