import { toHoldfastError } from "../model/error.ts";
import type { ManualHold, ManualHolds } from "../model/manual-hold.ts";
import type { Verification } from "../plan/health/judge-verification.ts";
import { describeHold, type HoldRequest, isInForce, makeHold, nextHoldEndMs } from "../plan/manual-holds.ts";
import type { Clock, Store } from "../ports.ts";
import { keys } from "./store-keys.ts";
import type { Journal } from "./tell/journal.ts";

export interface HoldPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** A stack's name, or undefined for the whole host. */
export type Holdable = string | undefined;

/** The manual holds of the host and of these stacks. Throws `state-failed`. */
export function readHolds(store: Store, stacks: Iterable<string>): ManualHolds {
  const host = store.read<ManualHold>(keys.hostHold);
  const own = [...stacks].flatMap((name): [string, ManualHold][] => {
    const hold = store.read<ManualHold>(keys.hold(name));
    return hold === undefined ? [] : [[name, hold]];
  });
  return { ...(host === undefined ? {} : { host }), stacks: new Map(own) };
}

/** Whether a stack, or the whole host, is held by hand at this moment. */
export function isHeld(stack: string, { store, clock }: Pick<HoldPorts, "store" | "clock">): boolean {
  return [keys.hostHold, keys.hold(stack)].some((key) => isInForce(store.read<ManualHold>(key), clock.nowMs()));
}

/** When the next hold ends by itself, milliseconds since the epoch; infinity when none does, or the store cannot tell. */
export function findHoldEndMs(stacks: Iterable<string>, { store, clock }: Pick<HoldPorts, "store" | "clock">): number {
  try {
    return nextHoldEndMs(readHolds(store, stacks), clock.nowMs());
  } catch (cause) {
    if (toHoldfastError(cause).handling === "bug") throw cause;
    return Number.POSITIVE_INFINITY;
  }
}

/** Holds a stack or the whole host from now on. Throws `state-failed`: a hold that would not last is none. */
export function suspend(target: Holdable, request: HoldRequest, { store, clock, journal }: HoldPorts): ManualHold {
  const key = keyOf(target);
  const hold = makeHold(store.read<ManualHold>(key), request, clock.nowMs());
  store.write(key, hold);
  journal.note({ event: "suspended", ...stackOf(target), text: `${target ?? "the host"} is ${describeHold(hold)}` });
  return hold;
}

/** Ends the hold of a stack, or every hold of the host; returns whose holds that were in force have ended. Throws `state-failed`. */
export function resume(target: Holdable, { store, clock, journal }: HoldPorts): Holdable[] {
  const others =
    target === undefined ? [...store.list<ManualHold>(keys.hold(""))].map(([key]) => key.slice(keys.hold("").length)) : [];
  const held = [target, ...others].filter((one) => store.read(keyOf(one)) !== undefined);
  return held.filter((one) => {
    const hold = store.read<ManualHold>(keyOf(one));
    store.remove(keyOf(one));
    restartVerification(one, store, clock.nowMs());
    if (!isInForce(hold, clock.nowMs())) return false;
    journal.note({ event: "resumed", ...stackOf(one), text: `${one ?? "the host"} is resumed with \`holdfast resume\`` });
    return true;
  });
}

/** Forgets the holds whose time is over; returns whether there were any. A store that cannot be written prolongs none. */
export function endHolds(stacks: Iterable<string>, { store, clock, journal }: HoldPorts): boolean {
  const holds = readHolds(store, stacks);
  const all: [Holdable, ManualHold | undefined][] = [[undefined, holds.host], ...holds.stacks];
  const over = all.filter(([, hold]) => hold !== undefined && !isInForce(hold, clock.nowMs()));
  for (const [target] of over) {
    try {
      store.remove(keyOf(target));
      restartVerification(target, store, clock.nowMs());
      journal.note({ event: "resumed", ...stackOf(target), text: `the time of the hold of ${target ?? "the host"} is over` });
    } catch (cause) {
      if (toHoldfastError(cause).handling === "bug") throw cause;
    }
  }
  return over.length > 0;
}

/** What was not verified yet gets its whole time again: nobody could mend it meanwhile. Throws `state-failed`. */
export function restartVerification(target: Holdable, store: Store, nowMs: number): void {
  for (const [key, verification] of store.list<Verification>(keys.verification(target ?? ""))) {
    const meant = target === undefined || key === keys.verification(target);
    if (meant && verification.state === "pending")
      store.write(key, { ...verification, changedAtMs: nowMs } satisfies Verification);
  }
}

function keyOf(target: Holdable): string {
  return target === undefined ? keys.hostHold : keys.hold(target);
}

function stackOf(target: Holdable): { stack?: string } {
  return target === undefined ? {} : { stack: target };
}
