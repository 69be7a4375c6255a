import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../ports.ts";

/** The machine's time and chance. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  wait: (ms, signal) => wait(ms, undefined, { signal }),
};
