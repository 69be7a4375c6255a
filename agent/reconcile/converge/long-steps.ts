import type { Clock } from "../../ports.ts";

/** Steps that may take an hour: fetching an image, running a hook. They go on beside the ticks, and nobody else waits for them. */
export interface LongSteps {
  /**
   * Takes a step, or joins who does already; equal keys are one step, and of a lane one step at most goes on. `running` when that takes
   * longer than a moment: asked again later, it tells how it ended. Throws what `start` throws.
   */
  take(key: string, start: () => Promise<void>, signal: AbortSignal, lane?: string): Promise<"ended" | "running">;
  /** Called before the host is looked at for another plan: what has ended by then is seen there, and is done anew where it is asked for again. */
  settle(): void;
  /** The keys of those that go on now, in this lane only when it is given. */
  running(lane?: string): readonly string[];
}

/** What ends within this time is waited for: most images of a small host do. */
const PATIENCE_MS = 2_000;
/** More at once would only share the same line and disk. */
const CONCURRENCY = 3;

interface Running {
  readonly lane: string;
  readonly ended: Promise<void>;
  result?: { readonly failure?: unknown };
  /** A plan was made since it ended. */
  settled?: boolean;
}

/** Keeps the long steps of one agent. */
export function createLongSteps(clock: Pick<Clock, "wait">): LongSteps {
  const steps = new Map<string, Running>();

  function begin(lane: string, start: () => Promise<void>): Running {
    const step: Running = {
      lane,
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

  function running(lane?: string): string[] {
    return [...steps].filter(([, step]) => step.result === undefined && step.lane === (lane ?? step.lane)).map(([key]) => key);
  }

  return {
    async take(key, start, signal, lane = key) {
      let step = steps.get(key);
      if (step === undefined) {
        if (running().length >= CONCURRENCY || running(lane).length > 0) return "running";
        step = begin(lane, start);
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
    settle() {
      for (const [key, step] of steps) {
        if (step.result === undefined) continue;
        // A failure left no trace that a plan could see: whoever still wants the step is told of it in the next round.
        if (!("failure" in step.result) || step.settled) steps.delete(key);
        step.settled = true;
      }
    },
    running,
  };
}
