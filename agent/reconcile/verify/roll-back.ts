import { holdfastError } from "../../model/error.ts";
import type { Quarantine } from "../../plan/health/choose-rollback.ts";
import type { Clock, Kept, Source, Store } from "../../ports.ts";
import { findTrusted } from "../desire/find-trusted.ts";
import type { Memory } from "../memory.ts";
import { keys } from "../store-keys.ts";
import type { Journal } from "../tell/journal.ts";

export interface RollbackPorts {
  readonly kept: Kept;
  readonly source: Pick<Source, "judgeProof">;
  readonly store: Store;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** Where a stack was taken. */
export interface RolledBack {
  readonly revision: string;
  /** It is the newest one, of which the quarantine was lifted. */
  readonly lifted?: true;
}

/**
 * Has another verified revision of a stack desired instead of the newest, until what makes the stack changes. `to` is a revision or
 * the beginning of one; without it, the one that verified before what is in force. Where `to` is the newest one, that was taken back
 * before, it is tried again. Throws `desired-state-invalid` when there is none that is trusted; then nothing has changed.
 */
export async function rollBack(
  name: string,
  to: string | undefined,
  ports: RollbackPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<RolledBack> {
  const { desired } = memory;
  const stack = desired?.stacks.find((item) => item.name === name);
  const { store, clock, journal } = ports;
  const { trusted, objections } = await findTrusted(name, ports, signal);
  const known = store.read<Quarantine>(keys.quarantine(name));
  const isBack = desired?.rolledBack.includes(name) === true;
  // What the branch asks for, and is not converged; where that is invalid by now, it is an older one like others.
  const left = isBack || known?.inputs === stack?.inputs ? known : undefined;
  const others = trusted.filter(({ inputs }) => inputs !== stack?.inputs && inputs !== left?.inputs);
  const present = trusted.find(({ inputs }) => inputs === stack?.inputs);
  const before = others.filter(({ verifiedAtMs }) => present === undefined || verifiedAtMs < present.verifiedAtMs);
  const target = to === undefined ? before[0] : others.find(({ revision }) => revision.startsWith(to));
  if (target === undefined && to !== undefined && desired !== undefined && left !== undefined) {
    const same = trusted.filter(({ inputs }) => inputs === left.inputs).map(({ revision }) => revision);
    const newest = [left.revision, desired.revision, ...same].find((revision) => revision.startsWith(to));
    if (newest !== undefined) return lift(name, newest, ports, memory);
  }
  if (stack === undefined || desired === undefined || target === undefined) {
    const revisions = others.map(({ revision }) => revision.slice(0, 12)).join(", ");
    const none =
      stack === undefined || (left === undefined && others.length === 0)
        ? "no other revision of it has verified here"
        : `no revision of it that verified before ${stack.revision.slice(0, 12)} is kept`;
    const which = to === undefined ? none : `${to} is none of its verified revisions`;
    const why = [which, ...objections].join("; ");
    const forward = isBack ? `\`holdfast sync ${name}\` tries the newest one again` : "it can once a change of it has verified";
    throw holdfastError("desired-state-invalid", `stack ${name} cannot be rolled back: ${why}`, {
      handling: "stalled",
      hint: revisions === "" ? forward : `these can be gone back to: ${revisions}`,
    });
  }
  const { revision } = desired;
  const reason = "taken back by hand";
  const quarantine: Quarantine = {
    // What is in force may be older than what the branch asks for already.
    inputs: isBack && left !== undefined ? left.inputs : stack.inputs,
    revision,
    atMs: clock.nowMs(),
    reason,
    outcome: "rolled-back",
    to: target.inputs,
    byHand: true,
  };
  store.write(keys.quarantine(name), quarantine);
  if (store.read(keys.verification(name)) !== undefined) store.remove(keys.verification(name));
  memory.redesire = true;
  const text = `${reason} to ${target.revision.slice(0, 12)}, with \`holdfast rollback\`, until the stack changes`;
  journal.note({ event: "rolled-back", stack: name, revision: target.revision, text });
  return { revision: target.revision };
}

/** Has the newest revision tried again, as `holdfast sync STACK` does. */
function lift(name: string, revision: string, { store, journal }: RollbackPorts, memory: Memory): RolledBack {
  store.remove(keys.quarantine(name));
  memory.redesire = true;
  const text = `asked for with \`holdfast rollback --to ${revision.slice(0, 12)}\`: the revision that was taken back or stopped is tried again`;
  journal.note({ event: "synced", stack: name, text });
  return { revision, lifted: true };
}
