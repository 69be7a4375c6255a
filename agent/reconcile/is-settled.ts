import type { Quarantine } from "../plan/health/choose-rollback.ts";
import { SETTLING_MS, type Verification } from "../plan/health/judge-verification.ts";
import type { Clock, Store } from "../ports.ts";
import type { Memory } from "./memory.ts";
import { keys } from "./store-keys.ts";

export interface SettledPorts {
  readonly store: Pick<Store, "read">;
  readonly clock: Pick<Clock, "nowMs">;
}

/** Whether nothing is waited for, and nothing that was changed is still to prove itself. */
export function isSettled(memory: Memory, { store, clock }: SettledPorts): boolean {
  if (memory.waiting.size > 0 || memory.redesire === true) return false;
  return (memory.desired?.stacks ?? []).every(({ name, verifyTimeoutMs }) => {
    const plan = memory.plan?.stacks.find(({ stack }) => stack === name);
    // What fails or is held is tried again later, for longer than anybody waits.
    if (!memory.samples.has(name) || plan?.held !== undefined) return true;
    const begunAtMs = store.read<Verification>(keys.verification(name))?.changedAtMs ?? 0;
    return clock.nowMs() - begunAtMs >= verifyTimeoutMs + SETTLING_MS;
  });
}

/** Stacks whose newest content did not prove itself: it was taken back, or is left as it is. */
export function listFailed({ desired }: Memory, { store }: SettledPorts): string[] {
  const taken = (desired?.rolledBack ?? []).filter((name) => store.read<Quarantine>(keys.quarantine(name))?.byHand !== true);
  const left = (desired?.stacks ?? []).filter(({ name, inputs }) => {
    const known = store.read<Verification>(keys.verification(name));
    return known?.inputs === inputs && known.state === "failed";
  });
  return [...new Set([...taken, ...left.map(({ name }) => name)])];
}
