import type { Clock } from "../ports.ts";
import type { Loop } from "./loop.ts";
import type { Memory, TickOutcome } from "./memory.ts";

const LOOK_AGAIN_MS = 250;

export interface SettleParts {
  readonly loop: Loop;
  readonly memory: Memory;
  readonly clock: Clock;
  /** Whether there is nothing to go on for; by default when nothing is waited for. */
  readonly isDone?: () => boolean;
}

/** Goes on from a tick that ended with `result` until it is done; `gone` ends only the waiting. */
export async function settle(
  result: TickOutcome,
  { loop, memory, clock, isDone = () => memory.waiting.size === 0 }: SettleParts,
  signal: AbortSignal,
  gone: AbortSignal = signal,
): Promise<TickOutcome> {
  let last = result;
  const over = AbortSignal.any([signal, gone]);
  while (!isDone() && !over.aborted) {
    await clock.wait(LOOK_AGAIN_MS, over).catch(() => undefined);
    if (!over.aborted) last = await loop.reconcile(signal, { poll: false, inputs: memory.redesire === true });
  }
  return last;
}
