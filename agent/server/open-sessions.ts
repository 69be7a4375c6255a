import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../ports.ts";

/** Somebody who signed in, for as long as the token is the same, the agent runs, and the time is not over. */
export interface Session {
  /** What a form of a page carries, so that no other site can send it. */
  readonly formToken: string;
}

/** Sessions are kept in memory only, under what their cookie's value hashes to: neither the token nor the cookie can be read there. */
export interface Sessions {
  /** A new one; returns the cookie's value. */
  begin(token: Uint8Array): string;
  /** The session of a cookie's value, when it began with this token. */
  find(value: string, token: Uint8Array): Session | undefined;
  end(value: string): void;
}

interface Kept extends Session {
  readonly token: string;
  readonly endsAtMs: number;
}

/** How long a session lasts: a working day. */
export const SESSION_MS = 12 * 3_600_000;
/** At once; the oldest gives way. */
const MOST = 64;

/** Nobody has signed in yet. */
export function openSessions(clock: Clock): Sessions {
  const kept = new Map<string, Kept>();
  return {
    begin(token) {
      const value = randomBytes(32).toString("base64url");
      for (const [key, { endsAtMs }] of kept) if (endsAtMs <= clock.nowMs()) kept.delete(key);
      for (const key of kept.keys()) if (kept.size >= MOST) kept.delete(key);
      const formToken = randomBytes(32).toString("base64url");
      kept.set(digest(value), { formToken, token: digest(token), endsAtMs: clock.nowMs() + SESSION_MS });
      return value;
    },
    find(value, token) {
      // Looked up by a hash: how long it takes tells nothing of the values that there are.
      const session = kept.get(digest(value));
      if (session === undefined || session.endsAtMs <= clock.nowMs() || session.token !== digest(token)) return undefined;
      return session;
    },
    end: (value) => void kept.delete(digest(value)),
  };
}

function digest(value: string | Uint8Array): string {
  return createHash("sha256").update(value).digest("base64url");
}
