const LONGEST_MS = 600_000;
const JITTER = 0.1;
/** Wider, so that the hosts of a fleet do not all come back to a server at the moment when it does. */
const FAILING_JITTER = 0.25;

/**
 * How long to leave the repository alone after a poll, in milliseconds: the interval, and from the second failure in a row on twice
 * as long each time, up to 10 minutes. `chance` is a number in [0, 1).
 */
export function pollDelayMs(intervalMs: number, failures: number, chance: number): number {
  if (failures === 0) return intervalMs * (1 + JITTER * (2 * chance - 1));
  const longestMs = Math.max(LONGEST_MS, intervalMs);
  // Above 2^30 nothing changes any more, and a number that grows for ever would end as Infinity.
  const delayMs = intervalMs * 2 ** Math.min(failures - 1, 30);
  return Math.min(longestMs, Math.min(longestMs, delayMs) * (1 + FAILING_JITTER * (2 * chance - 1)));
}
