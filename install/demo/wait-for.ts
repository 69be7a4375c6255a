import { setTimeout as delay } from "node:timers/promises";

export interface WaitForOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called when the time is over, for what the message should add. */
  readonly explain?: () => string;
}

const LOOK_AGAIN_MS = 100;

/** Asks until the answer is neither `undefined` nor `false`. A question that fails counts as not yet. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { timeoutMs, signal, explain }: WaitForOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let failure: unknown;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      failure = error;
    }
    await delay(LOOK_AGAIN_MS, undefined, { signal });
  }
  const more = [explain?.(), failure instanceof Error ? failure.message : undefined].filter(Boolean).join("; ");
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}${more === "" ? "" : ` (${more})`}`);
}
