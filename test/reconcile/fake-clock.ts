import type { Clock } from "../../agent/ports.ts";
import { waitUntil } from "../engine/wait-until.ts";

interface Waiting {
  readonly ms: number;
  readonly atMs: number;
  readonly end: () => void;
}

export interface FakeClock extends Clock {
  /** What the next calls of `random` give. */
  chance: number;
  /** The lengths of the waits that are going on, in their order. */
  waits(): number[];
  /** Lets time pass; waits that are over by then end. */
  advance(ms: number): void;
  /** Resolves once somebody waits this long. */
  waitedFor(ms: number): Promise<void>;
}

export const START_MS = Date.parse("2026-03-01T12:00:00Z");

/** A clock that stands still until the test moves it. */
export function createFakeClock(): FakeClock {
  let nowMs = START_MS;
  let waiting: Waiting[] = [];
  const clock: FakeClock = {
    chance: 0.5,
    nowMs: () => nowMs,
    random: () => clock.chance,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          waiting = waiting.filter((item) => item !== entry);
          reject(signal.reason);
        };
        const entry: Waiting = {
          ms,
          atMs: nowMs + ms,
          end: () => {
            signal.removeEventListener("abort", abort);
            resolve();
          },
        };
        waiting.push(entry);
        if (signal.aborted) abort();
        else signal.addEventListener("abort", abort, { once: true });
      }),
    waits: () => waiting.map(({ ms }) => ms),
    advance(ms) {
      nowMs += ms;
      const over = waiting.filter(({ atMs }) => atMs <= nowMs);
      waiting = waiting.filter(({ atMs }) => atMs > nowMs);
      for (const { end } of over) end();
    },
    async waitedFor(ms) {
      await waitUntil(`somebody waits ${ms} ms`, () => clock.waits().includes(ms), { intervalMs: 1, timeoutMs: 2_000 }).catch(
        (cause: unknown) => {
          throw new Error(`nobody waits ${ms} ms, but ${clock.waits().join(", ") || "nobody at all"}`, { cause });
        },
      );
    },
  };
  return clock;
}
