import { formatMoment } from "./history/format-moment.ts";

/** Times at which a stack was healed, and since when healing it is stopped. Milliseconds since the epoch. */
export interface HealRecord {
  readonly healedAtMs: readonly number[];
  readonly stoppedAtMs?: number;
}

const WINDOW_MS = 600_000;
const HEALS_IN_WINDOW = 5;
const PAUSE_MS = 3_600_000;

/** The record after one more heal; the fifth within ten minutes stops healing, and so does the attempt that is made after an hour. */
export function recordHeal(record: HealRecord | undefined, nowMs: number): HealRecord {
  if (isAttempt(record, nowMs)) return { healedAtMs: [nowMs], stoppedAtMs: nowMs };
  const recent = [...(record?.healedAtMs ?? []), nowMs].filter((atMs) => atMs > nowMs - WINDOW_MS);
  return recent.length >= HEALS_IN_WINDOW ? { healedAtMs: recent, stoppedAtMs: nowMs } : { healedAtMs: recent };
}

/** Whether healing is stopped now: it kept being undone, and the hour after which one attempt is made has not passed. */
export function isHealingStopped(record: HealRecord | undefined, nowMs: number): boolean {
  return record?.stoppedAtMs !== undefined && nowMs < record.stoppedAtMs + PAUSE_MS;
}

/** Why healing is stopped, in one line. */
export function describeStop({ healedAtMs, stoppedAtMs = 0 }: HealRecord): string {
  const times = healedAtMs.length === 1 ? "one more attempt was made" : `healed ${healedAtMs.length} times within ten minutes`;
  return `${times}: healing stops until a new revision, \`holdfast sync\` or ${formatMoment(stoppedAtMs + PAUSE_MS)}`;
}

/** The record after somebody asked to heal again: with the whole budget. */
export function resumeHealing(): HealRecord {
  return { healedAtMs: [] };
}

// Drift that stood all the time is healed as soon as the hour is over; what is healed later than that is another matter.
function isAttempt(record: HealRecord | undefined, nowMs: number): boolean {
  return record?.stoppedAtMs !== undefined && nowMs < record.stoppedAtMs + PAUSE_MS + WINDOW_MS;
}
