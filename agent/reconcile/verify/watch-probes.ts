import type { Memory } from "../memory.ts";
import { listProbes, type PlannedProbe, type ProbePorts, runProbe } from "./sample-probes.ts";

/** The stacks' probes, beside the ticks: a probe that hangs delays nobody. */
export interface ProbeWatch {
  /** Runs them when they are due, until the signal is aborted; throws bugs. */
  run(signal: AbortSignal): Promise<void>;
  /** Something has changed that may make other probes due. */
  look(): void;
}

/** At once; the others come as these end. */
const CONCURRENCY = 8;

/** Watches the probes of what is in force; `onNews` is called when one begins or ceases to fail. */
export function openProbeWatch(ports: ProbePorts, memory: Memory, onNews: () => void): ProbeWatch {
  let alarm = new AbortController();
  const running = new Map<string, Promise<void>>();
  let bug: { readonly cause: unknown } | undefined;

  const keyOf = ({ stack, name }: PlannedProbe): string => `${stack.name}\n${name}`;

  function begin(planned: PlannedProbe, signal: AbortSignal): void {
    const task = runProbe(planned, ports, memory, signal)
      .then(
        (changed) => {
          if (!changed) return;
          memory.watch.news = true;
          onNews();
        },
        (cause: unknown) => {
          bug ??= { cause };
        },
      )
      .finally(() => {
        running.delete(keyOf(planned));
        alarm.abort();
      });
    running.set(keyOf(planned), task);
  }

  return {
    async run(signal) {
      while (!signal.aborted && bug === undefined) {
        const nowMs = ports.clock.nowMs();
        const idle = listProbes(memory).filter((planned) => !running.has(keyOf(planned)));
        const due = idle.filter(({ atMs }) => atMs <= nowMs).slice(0, Math.max(0, CONCURRENCY - running.size));
        for (const planned of due) begin(planned, signal);
        const later = idle.filter(({ atMs }) => atMs > nowMs).map(({ atMs }) => atMs - nowMs);
        alarm = new AbortController();
        const until = AbortSignal.any([signal, alarm.signal]);
        if (later.length === 0) await aborted(until);
        else await ports.clock.wait(Math.min(...later), until).catch(() => undefined);
      }
      await Promise.all(running.values());
      if (bug !== undefined) throw bug.cause;
    },
    look: () => alarm.abort(),
  };
}

/** Without probes there is no timer either. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
