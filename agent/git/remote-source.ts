import { withDeadline } from "../lib/with-deadline.ts";
import { holdfastError, isHoldfastError } from "../model/error.ts";
import type { Source, Tip } from "../ports.ts";
import { fetchPack } from "./fetch-pack.ts";
import { findTip } from "./find-tip.ts";
import { type Followed, storeRef } from "./followed.ts";
import { judgeTip } from "./judge-tip.ts";
import { objectReader } from "./object-reader.ts";
import { type ObjectStore, objectStore } from "./object-store.ts";
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

/** Each fetch adds a pack and none is ever merged; so many make reading slower than one fetch of everything. */
const maxPacks = 30;

/** How much of the history is asked for where less does not tell what descends from what; the last is Git's own "all of it". */
const deeper = [500, 5000, 2_147_483_647];

/** A repository behind a transport, of which the agent keeps the last commits in a store of its own. */
export function remoteSource(options: RemoteSourceOptions): Source {
  const { transport, followed, limits, timeouts } = options;
  const ref = storeRef(followed);
  const store = objectStore(options.gitDirectory, ref);
  let damaged = false;
  let recovered = false;
  const reader = objectReader({
    directories: async () => [store.directory],
    limits,
    shown: `the copy of ${transport.shown}`,
    mustHave: async (revision) => revision === (await store.readRef()),
    onDamage: () => {
      damaged = true;
    },
  });

  async function fetchInto(target: ObjectStore, tip: Tip, signal: AbortSignal, depth?: number): Promise<void> {
    await target.prepare();
    const request = {
      gitDirectory: target.directory,
      ref,
      oid: tip.tag ?? tip.revision,
      ...(depth === undefined ? {} : { depth }),
      transport,
      packBytes: limits.packBytes,
      signal,
    };
    await fetchPack(request);
    await target.checkPacks();
    const [directories, mustHave] = [async () => [target.directory], async () => true];
    await objectReader({ directories, limits, shown: `what ${transport.shown} sent`, mustHave }).check(tip.revision);
    await target.commit(tip.revision);
  }

  async function fetchAnew(tip: Tip, signal: AbortSignal): Promise<void> {
    const fresh = await store.fresh();
    await fetchInto(fresh, tip, signal);
    await store.replaceWith(fresh);
  }

  /** The ref vouches for the commit; another tag of the same commit is a new object. */
  async function isHere({ revision, tag }: Tip): Promise<boolean> {
    return (await store.readRef()) === revision && (tag === undefined || (await reader.has(tag)));
  }

  async function isCrowded(): Promise<boolean> {
    const { packs, bytes } = await store.measure();
    return packs >= maxPacks || bytes > limits.packBytes;
  }

  async function fetch(tip: Tip, signal: AbortSignal): Promise<void> {
    if (!recovered) await store.recover();
    recovered = true;
    if (!damaged && (await isHere(tip))) return;
    reader.release();
    if (!damaged && !(await isCrowded())) {
      try {
        return await fetchInto(store, tip, signal);
      } catch (error) {
        if (!isStoreFailure(error)) throw error;
      }
    }
    await fetchAnew(tip, signal);
    damaged = false;
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
    judge: (tip, accepted, signal) =>
      withDeadline(timeouts.fetchMs, signal, (limited) =>
        judgeTip(tip, accepted, { trust: options.trust, reader, readBoundary: store.readBoundary, deepen }, limited),
      ),
    readTip: (signal) => withDeadline(timeouts.pollMs, signal, (limited) => findTip(transport, followed, limited)),
    fetch: (tip, signal) =>
      withDeadline(timeouts.fetchMs, signal, async (limited) => {
        try {
          await fetch(tip, limited);
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

/** Whether a new store may help: what the network or the server did would happen to it too. */
function isStoreFailure(error: unknown): boolean {
  return !isHoldfastError(error) || error.code === "source-corrupt";
}
