/** GitHub: "wait for at least one minute" where nothing else is said. */
const UNTOLD_MS = 60_000;

/**
 * For how long a forge asks to be left alone, in milliseconds; undefined when it does not. GitHub answers 403 or 429, the others
 * 429; a 403 without any sign of a limit means that something is not allowed.
 */
export function readLimitMs(
  status: number,
  header: (name: string) => string | undefined,
  message: string,
  nowMs: number,
): number | undefined {
  const [after, remaining] = [header("retry-after"), header("x-ratelimit-remaining") ?? header("ratelimit-remaining")];
  const reset = header("x-ratelimit-reset") ?? header("ratelimit-reset");
  const isSecondary = status === 403 && /secondary rate limit/i.test(message);
  const isLimited =
    status === 429 || (status === 503 && after !== undefined) || (status === 403 && (after !== undefined || remaining === "0"));
  if (!isLimited && !isSecondary) return undefined;
  if (after !== undefined) {
    const wantedMs = /^\d+$/.test(after.trim()) ? Number(after) * 1000 : Date.parse(after) - nowMs;
    return Number.isFinite(wantedMs) ? Math.max(0, wantedMs) : UNTOLD_MS;
  }
  if (remaining === "0" && reset !== undefined && /^\d+$/.test(reset)) return Math.max(0, Number(reset) * 1000 - nowMs);
  return UNTOLD_MS;
}
