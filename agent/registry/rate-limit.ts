import { retryAtMs } from "../lib/retry-at.ts";

/** Why a registry is left alone, and until when (milliseconds since the epoch). */
export interface RateHold {
  readonly untilMs: number;
  /** Continues "REGISTRY …". */
  readonly reason: string;
}

interface Answer {
  readonly status: number;
  header(name: string): string | undefined;
}

/** Docker Hub's window; nobody is left alone for longer. */
export const longestHoldMs = 6 * 3_600_000;
/** For those that do not say how long their window is. */
const usualHoldMs = 15 * 60_000;
/** What is left at a tenth of the limit is for pulls; without a known limit at five. */
const KEPT_SHARE = 0.1;
const KEPT = 5;

/**
 * Whether an answer says to leave the registry alone: it was asked too often, or little is left of what it allows
 * (`ratelimit-remaining: 9;w=21600` of `ratelimit-limit: 100;w=21600`, as Docker Hub says it).
 */
export function readRateHold(answer: Answer, nowMs: number): RateHold | undefined {
  const remaining = readAmount(answer.header("ratelimit-remaining"));
  const windowMs = Math.min(longestHoldMs, remaining?.windowMs ?? readReset(answer, nowMs) ?? usualHoldMs);
  const wantedMs = retryAtMs(answer.status, answer.header("retry-after"), nowMs);
  if (wantedMs > 0) return { untilMs: wantedMs, reason: "asked to wait" };
  if (answer.status === 429) return { untilMs: nowMs + windowMs, reason: "answered 429: too many requests" };
  if (remaining === undefined) return undefined;
  const limit = readAmount(answer.header("ratelimit-limit"));
  const kept = limit === undefined ? KEPT : Math.floor(limit.amount * KEPT_SHARE);
  if (remaining.amount > kept) return undefined;
  return { untilMs: nowMs + windowMs, reason: `allows only ${remaining.amount} more requests, which are left to pulls` };
}

function readAmount(header: string | undefined): { amount: number; windowMs?: number } | undefined {
  const match = /^\s*(\d{1,9})\s*(?:;\s*w=(\d{1,9}))?/.exec(header ?? "");
  if (match?.[1] === undefined) return undefined;
  return { amount: Number(match[1]), ...(match[2] === undefined ? {} : { windowMs: Number(match[2]) * 1000 }) };
}

// Seconds from now, or, as GitLab sends it, since the epoch.
function readReset(answer: Answer, nowMs: number): number | undefined {
  const header = answer.header("ratelimit-reset")?.trim() ?? "";
  if (!/^\d{1,10}$/.test(header)) return undefined;
  const ms = Number(header) * 1000;
  return ms < longestHoldMs ? ms : Math.max(0, ms - nowMs);
}
