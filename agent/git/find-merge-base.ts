import { holdfastError } from "../model/error.ts";
import { openLocalRepository } from "./local-repository.ts";
import { objectReader } from "./object-reader.ts";
import { defaultLimits } from "./source-options.ts";

const FROM_BASE = 1;
const FROM_HEAD = 2;

interface Visited {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly seconds: number;
}

/**
 * The newest commit that two commits of the repository at `path` have in common, as `git merge-base` finds it: what a change is
 * compared with when its branch is behind. Throws `revision-missing` when the history that is here does not tell.
 */
export async function findMergeBase(path: string, base: string, head: string): Promise<string> {
  const { objectDirectories } = await openLocalRepository(path);
  const reader = objectReader({ directories: async () => objectDirectories, limits: defaultLimits, shown: path });
  const reached = new Map<string, number>();
  const waiting = new Map<string, Visited>();

  /** Beyond what a shallow clone has there is nothing to visit. */
  async function reach(oid: string, from: number): Promise<void> {
    const flags = (reached.get(oid) ?? 0) | from;
    if (flags === reached.get(oid)) return;
    reached.set(oid, flags);
    const parents = await reader.readParents(oid);
    if (parents === undefined) return;
    const text = Buffer.from(await reader.readSigned(oid, "commit")).toString("latin1");
    waiting.set(oid, { oid, parents, seconds: Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(text)?.[1] ?? "0") });
  }

  await reach(base, FROM_BASE);
  await reach(head, FROM_HEAD);
  while (waiting.size > 0) {
    const next = [...waiting.values()].reduce((newest, one) => (one.seconds > newest.seconds ? one : newest));
    waiting.delete(next.oid);
    const flags = reached.get(next.oid) ?? 0;
    // The newest of all that are left: what both lead to is met here first.
    if (flags === (FROM_BASE | FROM_HEAD)) return next.oid;
    for (const parent of next.parents) await reach(parent, flags);
  }
  throw holdfastError("revision-missing", `${path} does not tell where ${base.slice(0, 12)} and ${head.slice(0, 12)} parted`, {
    handling: "stalled",
    hint: "a shallow clone lacks older commits: `git fetch --unshallow`, fetch-depth: 0 in a workflow, GIT_DEPTH: 0 in GitLab CI",
  });
}
