/** Names of SPEC section 7 that are raised. */
export type AlertName =
  | "HoldfastDrift"
  | "HoldfastConvergeFailed"
  | "HoldfastRevisionRejected"
  | "HoldfastStackUnhealthy"
  | "HoldfastDriftFighting"
  | "HoldfastRolledBack"
  | "HoldfastRemovalHeld"
  | "HoldfastPreflightFailed"
  | "HoldfastSourceUnreachable"
  | "HoldfastUpgradeFailed"
  | "HoldfastSuspended"
  | "HoldfastHeartbeat";

export type AlertSeverity = "critical" | "warning" | "info" | "none";

/** A condition that someone should know of; labels are stable names only. */
export interface Alert {
  readonly name: AlertName;
  readonly severity: AlertSeverity;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An alert with its times, as it is kept and delivered. Milliseconds since the epoch. */
export interface TrackedAlert {
  readonly alert: Alert;
  readonly startsAtMs: number;
  /** Set while the condition has ended and the alert fires on, so that it is seen: when that ends. */
  readonly firesUntilMs?: number;
  /** Set when the condition has ended, and with it the alert. */
  readonly resolvedAtMs?: number;
}
