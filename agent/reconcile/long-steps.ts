import type { Clock } from "../ports.ts";

/** Steps that may take an hour: fetching an image, running a hook. They go on beside the ticks, and nobody else waits for them. */
export interface LongSteps {
  /**
   * Takes a step, or joins who does already; equal keys are one step. `running` when that takes longer than a moment: asked again
   * later, it tells how it ended. Throws what `start` throws.
   */
  take(key: string, start: () => Promise<void>, signal: AbortSignal): Promise<"ended" | "running">;
  /** The keys of those that go on now. */
  running(): readonly string[];
}

/** What ends within this time is waited for: most images of a small host do. */
const PATIENCE_MS = 2_000;
/** More at once would only share the same line and disk. */
const CONCURRENCY = 3;

interface Running {
  readonly ended: Promise<void>;
  result?: { readonly failure?: unknown };
}

/** Keeps the long steps of one agent. */
export function createLongSteps(clock: Pick<Clock, "wait">): LongSteps {
  const steps = new Map<string, Running>();

  function begin(start: () => Promise<void>): Running {
    const step: Running = {
      ended: start().then(
        () => {
          step.result = {};
        },
        (failure: unknown) => {
          step.result = { failure };
        },
      ),
    };
    return step;
  }

  return {
    async take(key, start, signal) {
      const going = [...steps.values()].filter(({ result }) => result === undefined).length;
      let step = steps.get(key);
      if (step === undefined) {
        if (going >= CONCURRENCY) return "running";
        step = begin(start);
        steps.set(key, step);
        const patience = new AbortController();
        const limit = clock.wait(PATIENCE_MS, AbortSignal.any([signal, patience.signal])).catch(() => undefined);
        await Promise.race([step.ended, limit]);
        patience.abort();
      }
      if (step.result === undefined) return "running";
      steps.delete(key);
      if ("failure" in step.result) throw step.result.failure;
      return "ended";
    },
    running: () => [...steps].filter(([, { result }]) => result === undefined).map(([key]) => key),
  };
}
