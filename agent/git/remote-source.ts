import { withDeadline } from "../lib/with-deadline.ts";
import { holdfastError, isHoldfastError } from "../model/error.ts";
import type { Source, Tip } from "../ports.ts";
import { carryRevision } from "./carry-revision.ts";
import { fetchPack } from "./fetch-pack.ts";
import { findTip } from "./find-tip.ts";
import { type Followed, storeRef } from "./followed.ts";
import { identifySigners } from "./identify-signers.ts";
import { judgeTip } from "./judge-tip.ts";
import { type HeldCache, type ObjectReader, objectReader } from "./object-reader.ts";
import { type ObjectStore, objectStore } from "./object-store.ts";
import { judgeProof, readProof } from "./signed-proof.ts";
import type { SourceLimits, SourceTimeouts, SourceTrust } from "./source-options.ts";
import type { Transport } from "./transport.ts";

interface RemoteSourceOptions {
  readonly transport: Transport;
  readonly followed: Followed;
  readonly gitDirectory: string;
  readonly trust: SourceTrust;
  readonly limits: SourceLimits;
  readonly timeouts: SourceTimeouts;
}

/** Each fetch adds a pack, and each pack makes reading slower: so many become one. */
const maxPacks = 10;

/** What came since the first fetch may grow to this, or to the size of what that brought; then everything is fetched anew. */
const laterBytes = 4 * 1024 * 1024;

/** How much of the history is asked for where less does not tell what descends from what; the last is Git's own "all of it". */
const deeper = [500, 5000, 2_147_483_647];

/** A repository behind a transport, of which the agent keeps the last commits in a store of its own. */
export function remoteSource(options: RemoteSourceOptions): Source {
  const { transport, followed, limits, timeouts } = options;
  const ref = storeRef(followed);
  const store = objectStore(options.gitDirectory, ref);
  let damaged = false;
  let recovered = false;
  /** A revision that is in force, and that neither the store nor the server has any more. */
  let lost: string | undefined;
  const reader = objectReader({
    directories: async () => [store.directory],
    limits,
    shown: `the copy of ${transport.shown}`,
    mustHave: async (revision) => revision === (await store.readRef()),
    onDamage: () => {
      damaged = true;
    },
  });

  /** Fetches a commit, and then names `head` as the one that is here. */
  async function fetchInto(target: ObjectStore, tip: Tip, signal: AbortSignal, depth?: number, head = tip): Promise<void> {
    await target.prepare();
    const cache = {};
    const request = {
      gitDirectory: target.directory,
      ref,
      oid: tip.tag ?? tip.revision,
      ...(depth === undefined ? {} : { depth }),
      transport,
      packBytes: limits.packBytes,
      cache,
      signal,
    };
    await fetchPack(request);
    await target.checkPacks();
    await readerOf(target, { revision: tip.revision, cache }).check(tip.revision);
    await target.commit(head.revision);
  }

  function readerOf(target: ObjectStore, warm?: HeldCache): ObjectReader {
    const [directories, mustHave] = [async () => [target.directory], async () => true];
    const common = { directories, limits, shown: `what ${transport.shown} sent`, mustHave };
    return objectReader(warm === undefined ? common : { ...common, warm });
  }

  async function fetchAnew(tip: Tip, accepted: Tip | undefined, signal: AbortSignal): Promise<void> {
    const fresh = await store.fresh();
    await fetchInto(fresh, tip, signal);
    if (accepted !== undefined && !(await hasAll(readerOf(fresh), accepted))) await salvage(accepted, tip, fresh);
    await store.replaceWith(fresh);
    damaged = false;
  }

  /** What is in force is taken along from the old store: it may stand in no history that the server still has. */
  async function salvage(accepted: Tip, tip: Tip, fresh: ObjectStore): Promise<void> {
    try {
      await store.dropDamagedPacks();
      await carryRevision(accepted, store.directory, fresh);
      await fresh.commit(tip.revision);
    } catch (error) {
      if (!isHoldfastError(error) || error.code !== "source-corrupt") throw error;
    }
  }

  /** What is in force stays readable while a tip that may be refused is here; many servers hand out what no ref names any more. */
  async function keep(accepted: Tip, tip: Tip, signal: AbortSignal): Promise<void> {
    const { revision } = accepted;
    if (revision === tip.revision || revision === lost || (await hasAll(reader, accepted))) return;
    reader.release();
    try {
      await fetchInto(store, accepted, signal, 1, tip);
    } catch (error) {
      if (!isHoldfastError(error) || error.code === "aborted") throw error;
      // The tip must not wait for it: it may well be the better one. A server that is gone is asked again by the next fetch.
      if (error.code !== "source-unreachable") lost = revision;
    }
  }

  /** The ref vouches for the commit; another tag of the same commit is a new object. */
  async function isHere({ revision, tag }: Tip): Promise<boolean> {
    return (await store.readRef()) === revision && (tag === undefined || (await reader.has(tag)));
  }

  /** Whether there is more that nobody needs any longer than fetching everything would bring. */
  async function isOutgrown(): Promise<boolean> {
    const size = await store.measure();
    return size.laterBytes > Math.max(size.firstBytes, laterBytes) || size.firstBytes + size.laterBytes > limits.packBytes;
  }

  async function fetchMore(tip: Tip, signal: AbortSignal): Promise<void> {
    if ((await store.measure()).packs >= maxPacks) await store.merge();
    await fetchInto(store, tip, signal);
  }

  async function fetch(tip: Tip, accepted: Tip | undefined, signal: AbortSignal): Promise<void> {
    if (!recovered) await store.recover();
    recovered = true;
    const before = await store.readRef();
    const isNew = await fetchTip(tip, accepted, signal);
    // What was the tip until now is in the store: the usual push is not slowed down by looking.
    if (accepted !== undefined && (isNew || before !== accepted.revision)) await keep(accepted, tip, signal);
  }

  /** Tells whether the store is another one now. */
  async function fetchTip(tip: Tip, accepted: Tip | undefined, signal: AbortSignal): Promise<boolean> {
    if (!damaged && (await isHere(tip))) return false;
    reader.release();
    if (!damaged && !(await isOutgrown())) {
      try {
        await fetchMore(tip, signal);
        return false;
      } catch (error) {
        if (!isStoreFailure(error)) throw error;
      }
    }
    await fetchAnew(tip, accepted, signal);
    return true;
  }

  async function deepen(tip: Tip, attempt: number, signal: AbortSignal): Promise<boolean> {
    const depth = deeper[attempt];
    if (depth === undefined) return false;
    reader.release();
    await fetchInto(store, tip, signal, depth);
    return true;
  }

  return {
    ...reader,
    signers: identifySigners(options.trust),
    prove: (tip) => readProof(tip, reader),
    judgeProof: (revision, proof, signal) => judgeProof(revision, proof, options.trust, signal),
    judge: (tip, accepted, signal) =>
      withDeadline(timeouts.fetchMs, signal, (limited) =>
        judgeTip(tip, accepted, { trust: options.trust, reader, readBoundary: store.readBoundary, deepen }, limited),
      ),
    readTip: (signal) => withDeadline(timeouts.pollMs, signal, (limited) => findTip(transport, followed, limited)),
    fetch: (tip, signal, accepted) =>
      withDeadline(timeouts.fetchMs, signal, async (limited) => {
        try {
          await fetch(tip, accepted, limited);
        } catch (error) {
          // A system call that failed; anything else is a bug and stays one.
          if (isHoldfastError(error) || !(error instanceof Error) || !("syscall" in error)) throw error;
          throw holdfastError("source-corrupt", `${store.directory} cannot be written: ${error.message}`, {
            handling: "transient",
            hint: "check the free space and the permissions of stateDir",
            cause: error,
          });
        }
      }),
  };
}

/** Whether the commit is there, and the tag that led to it: its files are, as soon as it is. */
async function hasAll(reader: ObjectReader, { revision, tag }: Tip): Promise<boolean> {
  return (await reader.has(revision)) && (tag === undefined || (await reader.has(tag)));
}

/** Whether a new store may help: what the network or the server did would happen to it too. */
function isStoreFailure(error: unknown): boolean {
  return !isHoldfastError(error) || error.code === "source-corrupt";
}
