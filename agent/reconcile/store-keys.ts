/** Where each fact stands in the store. */
export const keys = {
  /** `AppliedStack` by stack: what was last converged. */
  applied: (stack: string) => `applied/${stack}`,
  /** Object ids by path of the files that stand in the stack's directory. */
  placed: (stack: string) => `placed/${stack}`,
  /** `Delivered` by stack: what its services were given of their files. */
  delivered: (stack: string) => `delivered/${stack}`,
  /** `Attempt[]` by stack: its steps that failed. */
  attempts: (stack: string) => `attempts/${stack}`,
  /** `Finished` by stack: digests of the one-shots that have done their work. */
  finished: (stack: string) => `finished/${stack}`,
  /** `HookRecord` by stack. */
  hooks: (stack: string) => `hooks/${stack}`,
  /** `Verification` by stack: whether what is in force works. */
  verification: (stack: string) => `verification/${stack}`,
  /** `Quarantine` by stack: what did not work, and is not tried again. */
  quarantine: (stack: string) => `quarantine/${stack}`,
  /** By stack that left the repository: the revision without it that was accepted. It may be removed. */
  removal: (stack: string) => `removal/${stack}`,
  /** `HealRecord` by stack. */
  heal: (stack: string) => `heal/${stack}`,
  /** `ImageCheck` by image: what its registry said. */
  registry: "registry",
  /** `ManualHold` by stack: a hold of `holdfast suspend`. */
  hold: (stack: string) => `hold/${stack}`,
  /** `ManualHold` of the whole host. */
  hostHold: "host-hold",
  /** `Marks`: conditions that the history tells already. */
  told: "told",
  /** The last revision that was accepted for this host. */
  accepted: "accepted",
  /** `RevisionInfo` of it: what its commit says of itself. */
  commit: "commit",
  /** `prune.maxRemovals` of the revision that was accepted last. */
  removalLimit: "removal-limit",
  /** `Acceptance` of that revision: by which tag it came, and who might sign then. */
  acceptance: "acceptance",
  /** Since when the repository cannot be read, milliseconds since the epoch. */
  unreadableSince: "unreadable-since",
  /** `UpgradeRecord`: why the agent is not the version that it should be. */
  upgrade: "upgrade",
  /** `TrackedAlert[]`: what fires, so that it goes on firing after a restart. */
  alerts: "alerts",
  /** `ToldGroups` by webhook: what it was told. */
  notified: (webhook: string) => `notified/${webhook}`,
} as const;
