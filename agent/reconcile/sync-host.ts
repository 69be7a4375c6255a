import { toHoldfastError } from "../model/error.ts";
import { type Attempt, retryNow } from "../plan/backoff.ts";
import { type HealRecord, resumeHealing } from "../plan/heal-budget.ts";
import type { Clock, Log, Store } from "../ports.ts";
import type { Journal } from "./journal.ts";
import { listStacks } from "./list-stacks.ts";
import type { Loop } from "./loop.ts";
import type { Memory, TickOutcome } from "./memory.ts";
import { settle } from "./settle.ts";
import { keys } from "./store-keys.ts";

/** What is asked for with `holdfast sync`. What else it may allow or lift (removals, a quarantine) belongs here. */
export interface SyncRequest {
  /** Only this stack is given another chance; without it, each is. The repository is asked in any case. */
  readonly stack?: string;
}

export interface SyncParts {
  readonly ports: { readonly store: Store; readonly clock: Clock; readonly journal: Journal; readonly log: Log };
  readonly memory: Memory;
  readonly loop: Loop;
}

/**
 * Reconciles now, with delays after failures and limits to healing forgotten, until nothing is waited for. `signal` ends the agent,
 * `gone` only the waiting. Throws what a tick throws.
 */
export async function syncHost(
  request: SyncRequest,
  { ports, memory, loop }: SyncParts,
  signal: AbortSignal,
  gone: AbortSignal,
): Promise<TickOutcome> {
  const result = await loop.sync(signal, () => forgive(request, ports, memory));
  return settle(result, { loop, memory, clock: ports.clock }, signal, gone);
}

/** Gives what was given up another chance, and tells the history so. */
function forgive({ stack }: SyncRequest, { store, clock, journal, log }: SyncParts["ports"], memory: Memory): void {
  const names = stack === undefined ? [...listStacks(memory)] : [stack];
  let failing = 0;
  let fighting = 0;
  try {
    for (const name of names) {
      const attempts = store.read<Attempt[]>(keys.attempts(name)) ?? [];
      if (attempts.length > 0) store.write(keys.attempts(name), retryNow(attempts, clock.nowMs()));
      failing += attempts.length;
      const heals = store.read<HealRecord>(keys.heal(name));
      if (heals !== undefined) store.write(keys.heal(name), resumeHealing());
      if (heals?.stoppedAtMs !== undefined) fighting += 1;
    }
  } catch (cause) {
    // What cannot be forgotten is tried again later; the repository is asked all the same.
    log.warn({ error: toHoldfastError(cause).message }, "failures cannot be forgotten");
  }
  const effects = [...(failing > 0 ? ["what failed is tried again"] : []), ...(fighting > 0 ? ["healing resumes"] : [])];
  const text = `asked for with \`holdfast sync\`${effects.length === 0 ? "" : `: ${effects.join(", ")}`}`;
  journal.note({ event: "synced", ...(stack === undefined ? {} : { stack }), text });
}
