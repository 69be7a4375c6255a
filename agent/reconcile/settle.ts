import type { Clock } from "../ports.ts";
import type { Loop } from "./loop.ts";
import type { Memory, TickOutcome } from "./memory.ts";

const LOOK_AGAIN_MS = 250;

/** Goes on from a tick that ended with `result` until nothing is waited for; `gone` ends only the waiting. */
export async function settle(
  result: TickOutcome,
  { loop, memory, clock }: { readonly loop: Loop; readonly memory: Memory; readonly clock: Clock },
  signal: AbortSignal,
  gone: AbortSignal = signal,
): Promise<TickOutcome> {
  let last = result;
  const over = AbortSignal.any([signal, gone]);
  while (memory.waiting.size > 0 && !over.aborted) {
    await clock.wait(LOOK_AGAIN_MS, over).catch(() => undefined);
    if (!over.aborted) last = await loop.reconcile(signal, { poll: false });
  }
  return last;
}
