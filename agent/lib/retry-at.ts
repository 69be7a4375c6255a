/** A server that asks for more is asked once an hour all the same. */
const longestMs = 60 * 60_000;

/** When a server that answered 429 or 503 may be asked again, in milliseconds since the epoch; 0: now. */
export function retryAtMs(status: number, retryAfter: string | undefined, nowMs: number): number {
  if (retryAfter === undefined || (status !== 429 && status !== 503)) return 0;
  const wantedMs = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - nowMs;
  return wantedMs > 0 ? nowMs + Math.min(wantedMs, longestMs) : 0;
}
