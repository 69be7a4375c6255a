import { toHoldfastError } from "../../model/error.ts";
import { listStanding } from "../../plan/history/list-standing.ts";
import { type Marks, noteStanding } from "../../plan/history/note-standing.ts";
import type { Clock, Log, Store } from "../../ports.ts";
import type { Memory } from "../memory.ts";
import { keys } from "../store-keys.ts";
import type { Journal } from "./journal.ts";

export interface StandingPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
}

/**
 * Tells the history what has begun and ended since the last tick: drift that is only reported, revisions that are rejected. What
 * was told is kept, so that a restart, or the next `once` of a timer, does not tell it again. Never throws.
 */
export function recordStanding({ store, clock, log, journal }: StandingPorts, memory: Memory): void {
  try {
    const { rejected, removalHeld, desired, plan } = memory;
    const facts = {
      ...(rejected === undefined ? {} : { rejected }),
      ...(removalHeld === undefined ? {} : { removalHeld }),
      ...(desired === undefined ? {} : { desired }),
      ...(plan === undefined ? {} : { plan }),
    };
    const before = store.read<Marks>(keys.told) ?? {};
    const { happenings, marks } = noteStanding(before, listStanding(facts), findKnown(memory), clock.nowMs());
    // First what is told, or a store that cannot be written would have it told at every tick.
    if (JSON.stringify(marks) !== JSON.stringify(before)) store.write(keys.told, marks);
    for (const happening of happenings) journal.note(happening);
  } catch (cause) {
    const error = toHoldfastError(cause);
    if (error.handling === "bug") throw cause;
    log.debug({ error: error.message }, "what stands cannot be recorded");
  }
}

/** The groups of conditions that can be seen now: what is not known has not ended. */
function findKnown({ examined, desired, plan, engineError }: Memory): ReadonlySet<string> {
  return new Set([
    ...(examined === undefined ? [] : ["rejected"]),
    ...(desired === undefined ? [] : ["suspended"]),
    ...(examined === undefined || desired === undefined ? [] : ["invalid"]),
    ...(plan === undefined || engineError !== undefined ? [] : ["drift"]),
  ]);
}
