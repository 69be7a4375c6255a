/** Names of SPEC section 7 that are raised. */
export type AlertName =
  | "HoldfastDrift"
  | "HoldfastConvergeFailed"
  | "HoldfastRevisionRejected"
  | "HoldfastStackUnhealthy"
  | "HoldfastDriftFighting"
  | "HoldfastRolledBack"
  | "HoldfastRemovalHeld"
  | "HoldfastSourceUnreachable"
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
  /** Set when the condition has ended. */
  readonly resolvedAtMs?: number;
}
