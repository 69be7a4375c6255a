import type { Clock, Log } from "../ports.ts";

/** Warns of something that a stranger can bring about as often as they like. */
export type TellSeldom = (fields: Readonly<Record<string, string | undefined>>, message: string) => void;

const PAUSE_MS = 60_000;
const LONGEST = 200;

/** At most one line a minute for each message, which says how many were left out; what strangers wrote is shortened to print safely. */
export function openTellSeldom(log: Log, clock: Clock): TellSeldom {
  const told = new Map<string, { readonly atMs: number; more: number }>();
  return (fields, message) => {
    const last = told.get(message);
    if (last !== undefined && clock.nowMs() - last.atMs < PAUSE_MS) {
      last.more += 1;
      return;
    }
    told.set(message, { atMs: clock.nowMs(), more: 0 });
    const safe = Object.entries(fields).map(([name, text]) => [name, text === undefined ? text : printable(text)]);
    log.warn({ ...Object.fromEntries(safe), ...(last?.more ? { alike: last.more } : {}) }, message);
  };
}

/** Without anything that a terminal would obey. */
export function printable(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return shown.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}
