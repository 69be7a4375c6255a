import { setImmediate as turn } from "node:timers/promises";
import type { FakeClock } from "./fake-clock.ts";

/** Lets a clock go on while somebody waits so long (250 ms: who settles), until the promise has settled. */
export async function letTimePass<T>(clock: FakeClock, pending: Promise<T>, ms = 250): Promise<T> {
  let over = false;
  const settling = pending.finally(() => {
    over = true;
  });
  settling.catch(() => undefined);
  for (; !over; await turn()) if (clock.waits().includes(ms)) clock.advance(ms);
  return settling;
}
