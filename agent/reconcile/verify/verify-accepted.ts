import { toHoldfastError } from "../../model/error.ts";
import type { Log, Source, Store, Tip } from "../../ports.ts";
import type { Memory } from "../memory.ts";
import { keys } from "../store-keys.ts";

/** How the revision that is in force came to be so. */
export interface Acceptance {
  readonly tip: Tip;
  /** Who might sign then (`Source.signers`). */
  readonly signers?: string;
}

interface VerifyPorts {
  readonly source: Source;
  readonly store: Store;
  readonly log: Log;
}

/** What was accepted last for this host. */
export function readAccepted(store: Pick<Store, "read">): Acceptance | undefined {
  const revision = store.read<string>(keys.accepted);
  if (revision === undefined) return undefined;
  const known = store.read<Acceptance>(keys.acceptance);
  // Without a ref, it is the commit itself that must be signed.
  return known?.tip.revision === revision ? known : { tip: { revision, ref: "" } };
}

/** Keeps that a tip is in force, and who might sign then. */
export function keepAccepted(tip: Tip, signers: string | undefined, store: Store): void {
  const acceptance: Acceptance = signers === undefined ? { tip } : { tip, signers };
  if (JSON.stringify(store.read(keys.acceptance)) !== JSON.stringify(acceptance)) store.write(keys.acceptance, acceptance);
  if (store.read<string>(keys.accepted) !== tip.revision) store.write(keys.accepted, tip.revision);
}

/**
 * What is in force was accepted under who might sign then. When that has changed, it is judged once more; as long as it is not
 * trusted, it is observed, and nothing is converged from it. Throws what `Source.judge` throws.
 */
export async function verifyAccepted(
  signers: string | undefined,
  ports: VerifyPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  const { source, store, log } = ports;
  const accepted = signers === undefined ? undefined : readAccepted(store);
  if (accepted === undefined || accepted.signers === signers) return release(memory);
  const { revision } = accepted.tip;
  const { unverified } = memory;
  if (unverified?.revision === revision && unverified.signers === signers) return tell(unverified, memory);
  let reason: string | undefined;
  try {
    // It descends from itself: only its signature is in question.
    reason = await source.judge(accepted.tip, undefined, signal);
  } catch (cause) {
    // What was trusted a moment ago goes on until it is known that it is not.
    if (memory.desired === undefined) memory.unverified = { revision, reason: toHoldfastError(cause).message };
    throw cause;
  } finally {
    source.release();
  }
  if (reason === undefined) {
    keepAccepted(accepted.tip, signers, store);
    // A stack that was taken back is at another revision, which somebody else may have signed.
    if ((memory.desired?.rolledBack.length ?? 0) > 0) memory.redesire = true;
    return release(memory);
  }
  log.error({ revision, reason }, "the revision in force is not trusted any more: nothing is converged from it");
  memory.unverified = { revision, reason, ...(signers === undefined ? {} : { signers }) };
  if (memory.desired !== undefined) memory.desired = { ...memory.desired, unverified: reason };
  tell(memory.unverified, memory);
}

/** The newest revision tells its own reason, if there is one. */
function tell({ revision, reason }: NonNullable<Memory["unverified"]>, memory: Memory): void {
  memory.rejected ??= { revision, reason, findings: [], untrusted: true };
}

function release(memory: Memory): void {
  const { unverified, rejected } = memory;
  if (unverified === undefined) return;
  delete memory.unverified;
  if (rejected?.untrusted && rejected.revision === unverified.revision) delete memory.rejected;
  if (memory.desired === undefined) return;
  const { unverified: _reason, ...desired } = memory.desired;
  memory.desired = desired;
}
