/** A version of Holdfast that is to take the place of the one that runs. */
export interface UpgradeTarget {
  readonly version: string;
  /** Where its release lies. */
  readonly url: string;
  /** SHA-256 of its executable for this platform. */
  readonly sha256: string;
  /** Identifies the entry of the desired state that asks for it: another entry is another attempt. */
  readonly key: string;
}

/** What became of the version that was fetched last. */
export interface UpgradeTrial extends Pick<UpgradeTarget, "version" | "sha256" | "key"> {
  /** `staged`: it is there and has not taken its place. `trial`: it has, and has to get ready. `failed`: it has not. */
  readonly state: "staged" | "trial" | "failed";
  /** The version before it. */
  readonly from: string;
  /** Why it failed. */
  readonly reason?: string;
}

/** What is remembered of attempts at one entry of the desired state. */
export interface UpgradeRecord {
  readonly key: string;
  readonly version: string;
  readonly failures: number;
  /** Not tried before, milliseconds since the epoch; without it not until the entry changes. */
  readonly nextAtMs?: number;
  /** The last failure in one line. */
  readonly error: string;
}
