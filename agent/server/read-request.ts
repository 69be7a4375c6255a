import { suggestName } from "../desired/suggest-name.ts";
import { holdfastError } from "../model/error.ts";
import { parseDuration } from "../model/parse-duration.ts";
import type { HoldRequest } from "../plan/manual-holds.ts";
import type { SyncRequest } from "../reconcile/sync-host.ts";

const DEFAULT_LIMIT = 30;
const LARGEST_LIMIT = 10_000;
const LONGEST_HOLD_MS = 10 * 365 * 86_400_000;
const REASON_LENGTH = 200;

/** `{for: "2h", reason: "…"}`, both optional. Throws `configuration-invalid`. */
export function readHoldRequest(body: unknown): HoldRequest {
  const { for: duration, reason } = readObject(body, ["for", "reason"]);
  return {
    ...(duration === undefined ? {} : { forMs: readDuration(duration) }),
    ...(reason === undefined ? {} : { reason: readReason(reason) }),
  };
}

/** `{stack: "web"}`, or nothing for the whole host. Throws `configuration-invalid`. */
export function readSyncRequest(body: unknown): SyncRequest {
  const { stack, allowRemoval = false } = readObject(body, ["stack", "allowRemoval"]);
  if (stack !== undefined && typeof stack !== "string") throw invalid("stack: expected the name of a stack");
  if (typeof allowRemoval !== "boolean") throw invalid("allowRemoval: expected true or false");
  return { ...(stack === undefined ? {} : { stack }), allowRemoval };
}

/** Which revision a stack is to go back to; undefined: the one that verified before. Throws `configuration-invalid`. */
export function readRollbackRequest(body: unknown): string | undefined {
  const { to } = readObject(body, ["to"]);
  if (to === undefined || (typeof to === "string" && /^[0-9a-f]{4,40}$/.test(to))) return to;
  throw invalid(`to: "${String(to)}" is no revision; at least four characters of a commit's id are`);
}

/** How many entries of the history are asked for. Throws `configuration-invalid`. */
export function readLimit(text: string | null | undefined): number {
  if (text === null || text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > LARGEST_LIMIT) throw invalid(`limit: "${text}" is no number from 1 to ${LARGEST_LIMIT}`);
  return limit;
}

function readDuration(value: unknown): number {
  const ms = typeof value === "string" ? parseDuration(value) : undefined;
  if (ms === undefined || ms <= 0) throw invalid(`for: "${String(value)}" is no duration; 30m, 2h and 1d are`);
  if (ms > LONGEST_HOLD_MS) throw invalid(`for: "${String(value)}" is more than ten years; leave it out to hold without an end`);
  return ms;
}

function readReason(value: unknown): string {
  if (typeof value !== "string") throw invalid("reason: expected a text");
  // It is shown on terminals and in alerts, in a line.
  const reason = value.replace(/[\s\p{Cc}]+/gu, " ").trim();
  if (reason.length > REASON_LENGTH) throw invalid(`reason: ${reason.length} characters, ${REASON_LENGTH} at most`);
  if (reason === "") throw invalid("reason: it is empty; leave it out");
  return reason;
}

function readObject(body: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid("expected a JSON object");
  for (const key of Object.keys(body)) if (!keys.includes(key)) throw invalid(`unknown key "${key}"; ${suggestName(key, keys)}`);
  return body as Record<string, unknown>;
}

function invalid(message: string): Error {
  return holdfastError("configuration-invalid", message, { handling: "stalled" });
}
