import { toHoldfastError } from "../../model/error.ts";
import type { Happening, HistoryEntry, PassingEvent } from "../../model/history.ts";
import type { Clock, History, Log } from "../../ports.ts";

/** What those who look on are told: what is kept, and what passes. */
export type Progress = Happening<HistoryEntry["event"] | PassingEvent> & { readonly atMs: number };

/** Where everything that happens is told. Nothing here throws: reporting can never break converging. */
export interface Journal {
  /** Keeps what happened, and tells those who listen. */
  note(happening: Happening): void;
  /** Tells those who listen; nothing is kept. */
  tell(happening: Happening<PassingEvent>): void;
  /** Calls `listener` with whatever happens from now on, until the function that is returned is called. */
  listen(listener: (progress: Progress) => void): () => void;
}

export interface JournalPorts {
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps the history of this host, and tells what happens to those who look on. */
export function openJournal({ history, clock, log }: JournalPorts): Journal {
  const listeners = new Set<(progress: Progress) => void>();
  let failing = false;

  function keep(entry: HistoryEntry): void {
    try {
      history.append(entry);
      if (failing) log.info({}, "history is kept again");
      failing = false;
    } catch (cause) {
      // The same failure with each entry is told once.
      if (!failing) log.warn({ error: toHoldfastError(cause).message }, "history cannot be kept");
      failing = true;
    }
  }

  function spread(progress: Progress): void {
    for (const listener of listeners) {
      try {
        listener(progress);
      } catch {
        listeners.delete(listener);
      }
    }
  }

  return {
    note(happening) {
      const entry = { atMs: clock.nowMs(), ...happening };
      keep(entry);
      spread(entry);
    },
    tell: (happening) => spread({ atMs: clock.nowMs(), ...happening }),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
