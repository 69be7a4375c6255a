import type { Clock } from "../ports.ts";

/** Images that are being fetched, beside the ticks: one may take an hour, and nobody else waits for it. */
export interface Pulls {
  /**
   * Fetches an image, or joins who does already. `running` when that takes longer than a moment: asked again later, it tells how
   * it ended. Throws what `start` throws.
   */
  fetch(image: string, start: () => Promise<void>, signal: AbortSignal): Promise<"here" | "running">;
}

/** A fetch that ends within this time is waited for: most of a small host's images do. */
const PATIENCE_MS = 2_000;
/** More at once would only share the same line. */
const CONCURRENCY = 3;

interface Running {
  readonly ended: Promise<void>;
  result?: { readonly failure?: unknown };
}

/** Keeps the fetches of one agent. */
export function createPulls(clock: Pick<Clock, "wait">): Pulls {
  const pulls = new Map<string, Running>();

  function begin(start: () => Promise<void>): Running {
    const pull: Running = {
      ended: start().then(
        () => {
          pull.result = {};
        },
        (failure: unknown) => {
          pull.result = { failure };
        },
      ),
    };
    return pull;
  }

  return {
    async fetch(image, start, signal) {
      const going = [...pulls.values()].filter(({ result }) => result === undefined).length;
      let pull = pulls.get(image);
      if (pull === undefined) {
        if (going >= CONCURRENCY) return "running";
        pull = begin(start);
        pulls.set(image, pull);
        const patience = new AbortController();
        const limit = clock.wait(PATIENCE_MS, AbortSignal.any([signal, patience.signal])).catch(() => undefined);
        await Promise.race([pull.ended, limit]);
        patience.abort();
      }
      if (pull.result === undefined) return "running";
      pulls.delete(image);
      if ("failure" in pull.result) throw pull.result.failure;
      return "here";
    },
  };
}
