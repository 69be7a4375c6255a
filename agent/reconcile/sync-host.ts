import { toHoldfastError } from "../model/error.ts";
import { type Attempt, retryNow } from "../plan/backoff.ts";
import { type HealRecord, resumeHealing } from "../plan/heal-budget.ts";
import type { Clock, Log, Store } from "../ports.ts";
import { listStacks } from "./desire/list-stacks.ts";
import { isSettled, listFailed } from "./is-settled.ts";
import type { Loop } from "./loop.ts";
import type { Memory, TickOutcome } from "./memory.ts";
import { settle } from "./settle.ts";
import { keys } from "./store-keys.ts";
import type { Journal } from "./tell/journal.ts";

/** What is asked for with `holdfast sync`. */
export interface SyncRequest {
  /**
   * Only this stack is given another chance, also the revision of it that did not get healthy; without it, what failed and what kept
   * being undone is, of each. The repository is asked in any case.
   */
  readonly stack?: string;
  /** What left the repository may be removed, however much it is. */
  readonly allowRemoval?: boolean;
}

/** How a sync ended. */
export interface SyncResult {
  /** How its last tick ended. */
  readonly result: TickOutcome;
  /** Stacks whose newest content did not prove itself: it was taken back, or is left as it is. */
  readonly failed: readonly string[];
}

export interface SyncParts {
  readonly ports: { readonly store: Store; readonly clock: Clock; readonly journal: Journal; readonly log: Log };
  readonly memory: Memory;
  readonly loop: Loop;
}

/**
 * Reconciles now, with delays after failures and limits to healing forgotten, until nothing is waited for and what was changed has
 * proved itself, or was taken back. `signal` ends the agent, `gone` only the waiting. Throws what a tick throws.
 */
export async function syncHost(
  request: SyncRequest,
  { ports, memory, loop }: SyncParts,
  signal: AbortSignal,
  gone: AbortSignal,
): Promise<SyncResult> {
  const begun = await loop.sync(signal, () => forgive(request, ports, memory));
  const parts = { loop, memory, clock: ports.clock, isDone: () => isSettled(memory, ports) };
  const result = await settle(begun, parts, signal, gone);
  return { result, failed: listFailed(memory, ports) };
}

/** Gives what was given up another chance, and tells the history so. */
function forgive(
  { stack, allowRemoval = false }: SyncRequest,
  { store, clock, journal, log }: SyncParts["ports"],
  memory: Memory,
): void {
  const names = stack === undefined ? [...listStacks(memory)] : [stack];
  let failing = 0;
  let fighting = 0;
  const lifted: string[] = [];
  try {
    if (stack !== undefined && store.read(keys.quarantine(stack)) !== undefined) {
      store.remove(keys.quarantine(stack));
      memory.redesire = true;
      lifted.push("the revision that was taken back or stopped is tried again");
    }
    if (allowRemoval) {
      allowRemovals(memory, store);
      lifted.push("what left the repository may be removed");
    }
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
  const effects = [
    ...lifted,
    ...(failing > 0 ? ["what failed is tried again"] : []),
    ...(fighting > 0 ? ["healing resumes"] : []),
  ];
  const text = `asked for with \`holdfast sync\`${effects.length === 0 ? "" : `: ${effects.join(", ")}`}`;
  journal.note({ event: "synced", ...(stack === undefined ? {} : { stack }), text });
}

function allowRemovals(memory: Memory, store: Store): void {
  memory.confirmedRemovals = "all";
  memory.redesire = true;
  // What carries Holdfast's label and is not remembered: the store was lost.
  const { desired, plan } = memory;
  for (const { stack, kind } of plan?.drift ?? []) {
    if (kind !== "unmanaged-stack" || desired === undefined || store.read(keys.removal(stack)) !== undefined) continue;
    store.write(keys.removal(stack), desired.revision);
  }
}
