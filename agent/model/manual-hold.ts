/** A hold that somebody asked for with `holdfast suspend`. Milliseconds since the epoch. */
export interface ManualHold {
  readonly sinceMs: number;
  /** When it ends by itself; without it, only `holdfast resume` ends it. */
  readonly untilMs?: number;
  /** Why, in one line, as it was given. */
  readonly reason?: string;
}

/** Every manual hold of a host, in force or over. */
export interface ManualHolds {
  /** That of the whole host. */
  readonly host?: ManualHold;
  readonly stacks: ReadonlyMap<string, ManualHold>;
}
