import type { DesiredHost } from "../../model/desired.ts";
import { DEFAULT_REMOVAL_LIMIT, guardRemovals, type RemovalLimit, readConfirmations } from "../../plan/guard-removals.ts";
import type { Log, Source, Store } from "../../ports.ts";
import { keys } from "../store-keys.ts";

/** A revision that is held because of what it would remove. */
export interface RemovalHeld {
  readonly revision: string;
  readonly reason: string;
  /** Its stacks that would go. */
  readonly stacks: readonly string[];
}

export interface RemovalPorts {
  readonly source: Source;
  readonly store: Store;
}

/** Stacks that may be removed, with the revision that no longer has them. */
export function readRemovals(store: Store): ReadonlyMap<string, string> {
  return namesBelow<string>(keys.removal(""), store);
}

/** Why an accepted revision is held all the same; `confirmed`: what somebody said on this host. */
export async function holdRemovals(
  desired: DesiredHost,
  confirmed: readonly string[] | "all",
  { source, store }: RemovalPorts,
): Promise<RemovalHeld | undefined> {
  const managed = findManaged(store);
  const kept = new Set([...desired.stacks.map((stack) => stack.name), ...desired.invalid]);
  const removed = managed.filter((name) => !kept.has(name) && store.read(keys.removal(name)) === undefined);
  const limits = [store.read<RemovalLimit>(keys.removalLimit) ?? DEFAULT_REMOVAL_LIMIT, desired.maxRemovals];
  const request = { managed, removed, limits };
  // The history is read only where it matters.
  if (guardRemovals({ ...request, confirmed }) === undefined) return undefined;
  const said = readConfirmations(await source.readMessages(desired.revision, store.read<string>(keys.accepted)));
  const reason = guardRemovals({ ...request, confirmed: confirmed === "all" ? confirmed : [...confirmed, ...said] });
  return reason === undefined ? undefined : { revision: desired.revision, reason, stacks: removed };
}

/** Keeps which stacks leave with a revision that was accepted, so that they are removed although the agent ends before. */
export function noteRemovals(desired: DesiredHost, store: Store, log: Log): void {
  const kept = new Set([...desired.stacks.map((stack) => stack.name), ...desired.invalid]);
  for (const name of findManaged(store)) {
    const known = store.read<string>(keys.removal(name));
    if (kept.has(name) && known !== undefined) store.remove(keys.removal(name));
    if (kept.has(name) || known !== undefined) continue;
    store.write(keys.removal(name), desired.revision);
    log.info({ stack: name, revision: desired.revision }, "stack is no longer in the repository");
  }
  if (store.read(keys.removalLimit) !== desired.maxRemovals) store.write(keys.removalLimit, desired.maxRemovals);
}

/** The store as it would be once this desired state is accepted, for whoever only looks. */
export function assumeAccepted(desired: DesiredHost, store: Store): Store {
  const kept = new Set([...desired.stacks.map((stack) => stack.name), ...desired.invalid]);
  const leaving = findManaged(store).filter((name) => !kept.has(name));
  const prefix = keys.removal("");
  return {
    ...store,
    list: <T>(asked: string) =>
      asked === prefix ? new Map(leaving.map((name) => [keys.removal(name), desired.revision as T])) : store.list<T>(asked),
  };
}

/** Forgets a stack whose containers, networks and files are gone. */
export function forgetStack(stack: string, { store, log }: { readonly store: Store; readonly log: Log }): void {
  const known = [
    keys.applied,
    keys.placed,
    keys.delivered,
    keys.attempts,
    keys.finished,
    keys.heal,
    keys.verification,
    keys.quarantine,
    keys.hooks,
  ];
  // What says that it may be removed goes last: an agent that ends in between removes it once more.
  for (const key of [...known, keys.removal]) if (store.read(key(stack)) !== undefined) store.remove(key(stack));
  log.info({ stack }, "stack removed; its volumes and what its containers wrote stay");
}

/** Stacks that Holdfast has put on this host, completely or not. */
function findManaged(store: Store): string[] {
  return [...new Set([...namesBelow(keys.applied(""), store).keys(), ...namesBelow(keys.placed(""), store).keys()])].sort();
}

function namesBelow<T>(prefix: string, store: Store): ReadonlyMap<string, T> {
  return new Map([...store.list<T>(prefix)].map(([key, value]) => [key.slice(prefix.length), value]));
}
