import { holdfastError } from "../../model/error.ts";
import type { KeptRevision } from "../../model/kept.ts";
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

/**
 * Has another verified revision of a stack desired instead of the newest, until what makes the stack changes. `to` is a revision or
 * the beginning of one; without it, the one that verified before what is in force. Returns it. Throws `desired-state-invalid` when
 * there is none that is trusted.
 */
export async function rollBack(
  name: string,
  to: string | undefined,
  ports: RollbackPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<KeptRevision> {
  const stack = memory.desired?.stacks.find((item) => item.name === name);
  const { store, clock, journal } = ports;
  const { trusted, objections } = await findTrusted(name, ports, signal);
  const others = trusted.filter(({ inputs }) => inputs !== stack?.inputs);
  const target = to === undefined ? others[0] : others.find(({ revision }) => revision.startsWith(to));
  if (stack === undefined || memory.desired === undefined || target === undefined) {
    const revisions = others.map(({ revision }) => revision.slice(0, 12)).join(", ");
    const which = to === undefined ? "no other revision of it has verified here" : `${to} is none of its verified revisions`;
    const why = [which, ...objections].join("; ");
    throw holdfastError("desired-state-invalid", `stack ${name} cannot be rolled back: ${why}`, {
      handling: "stalled",
      hint: revisions === "" ? "it can once a change of it has verified" : `these can be gone back to: ${revisions}`,
    });
  }
  const known = store.read<Quarantine>(keys.quarantine(name));
  // What is in force may be older than what the branch asks for already.
  const inputs = memory.desired.rolledBack.includes(name) && known !== undefined ? known.inputs : stack.inputs;
  const { revision } = memory.desired;
  const reason = "taken back by hand";
  const quarantine: Quarantine = {
    inputs,
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
  return target;
}
