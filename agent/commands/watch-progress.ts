import type { LoopPorts } from "../reconcile/loop.ts";
import type { Memory } from "../reconcile/memory.ts";

/** Tells whether the loop still goes on. */
export interface Progress {
  /** The ports through which it is watched. */
  readonly ports: LoopPorts;
  /** For how long nothing has gone on although something should have, milliseconds; undefined while all is well. */
  stuckForMs(): number | undefined;
}

/** Longer than any request or command of a tick may take: `docker compose up` has a quarter of an hour. */
const LIMIT_MS = 20 * 60_000;
/** A clock that is set, or a machine that slept, says nothing about the loop. */
const JUMP_MS = 5_000;
/** What a tick does to the world outside. Registries are asked beside it, and what is synchronous cannot hang by itself. */
const WATCHED = ["source", "desire", "engine", "compose", "placer"] as const satisfies readonly (keyof LoopPorts)[];

/**
 * Watches a loop from outside. Every request of it has a deadline of its own; this notices when one of them does not hold, or the
 * loop has lost its timer. `monotonicMs` is a clock that nobody sets.
 */
export function watchProgress(ports: LoopPorts, memory: Memory, monotonicMs: () => number): Progress {
  const { clock } = ports;
  let movedAtMs = monotonicMs();
  let differenceMs = clock.nowMs() - movedAtMs;
  const note = (): void => {
    movedAtMs = monotonicMs();
  };
  const watched = Object.fromEntries(WATCHED.map((name) => [name, noteCalls(ports[name], note)]));
  return {
    ports: { ...ports, ...watched },
    stuckForMs() {
      const nowMs = monotonicMs();
      const nowDifferenceMs = clock.nowMs() - nowMs;
      if (Math.abs(nowDifferenceMs - differenceMs) > JUMP_MS) movedAtMs = nowMs;
      differenceMs = nowDifferenceMs;
      const overdueMs = memory.nextAtMs === undefined ? Number.POSITIVE_INFINITY : clock.nowMs() - memory.nextAtMs;
      const stuckForMs = Math.min(nowMs - movedAtMs, overdueMs);
      return stuckForMs > LIMIT_MS ? stuckForMs : undefined;
    },
  };
}

/** A function, or an object with functions, that notes when one of them is called and when its promise settles. */
function noteCalls<T extends object>(target: T, note: () => void): T {
  const call = (original: (...args: unknown[]) => unknown, self: unknown, args: unknown[]): unknown => {
    note();
    const result = original.apply(self, args);
    if (result instanceof Promise) result.then(note, note);
    return result;
  };
  return new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? (...args: unknown[]) => call(value as never, target, args) : value;
    },
    apply: (original, self, args: unknown[]) => call(original as never, self, args),
  });
}
