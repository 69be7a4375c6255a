import * as fs from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";
import type { Tip } from "../ports.ts";
import { loadIsomorphicGit } from "./load-isomorphic-git.ts";
import type { ObjectStore } from "./object-store.ts";
import { parseTree } from "./parse-tree.ts";

/**
 * Copies a commit with all its files, and the tag that led to it, from the bare repository at `from` into another store, without
 * its history, which nobody asks for: the server is not told that the commit is here. Throws `source-corrupt` when not all of it can be read; then nothing was copied.
 */
export async function carryRevision(tip: Tip, from: string, to: ObjectStore): Promise<void> {
  const { indexPack, packObjects } = await loadIsomorphicGit();
  let pack: string | undefined;
  try {
    const cache = {};
    const oids = await collect(tip, from, cache);
    const { filename, packfile } = await packObjects({ fs, gitdir: from, oids: [...oids], write: false, cache });
    const filepath = join("objects", "pack", filename);
    pack = join(to.directory, filepath);
    await writeFile(pack, packfile ?? new Uint8Array(), { mode: 0o600 });
    // Names each object anew, by what is in it.
    const { oids: indexed } = await indexPack({ fs, dir: to.directory, gitdir: to.directory, filepath });
    if (indexed.length !== oids.size || !indexed.every((oid) => oids.has(oid))) throw damaged(tip, "its content is another");
  } catch (error) {
    if (pack !== undefined) for (const path of [pack, pack.replace(/pack$/, "idx")]) await rm(path, { force: true });
    // A system call that failed says nothing of the objects.
    if (isHoldfastError(error) || (error instanceof Error && "syscall" in error)) throw error;
    throw damaged(tip, error instanceof Error ? error.message : "unknown", error);
  }
}

/** Everything that the commit needs: its tag, itself, its directories and files. */
async function collect({ revision, tag }: Tip, gitdir: string, cache: object): Promise<ReadonlySet<string>> {
  const { readObject } = await loadIsomorphicGit();
  const read = async (oid: string): Promise<Buffer> => {
    const { object } = await readObject({ fs, gitdir, oid, format: "content", cache });
    return Buffer.from(object as Uint8Array);
  };
  const oids = new Set([revision]);
  // A tag may name a tag; one that leads elsewhere is not followed for long.
  let next = tag;
  for (let hop = 0; hop < 5 && next !== undefined && next !== revision; hop += 1) {
    oids.add(next);
    next = /^object ([0-9a-f]{40})$/m.exec((await read(next)).toString("latin1"))?.[1];
  }
  const trees = new Set([/^tree ([0-9a-f]{40})$/m.exec((await read(revision)).toString("latin1"))?.[1] ?? ""]);
  // A set is walked in the order of insertion, what is added on the way included.
  for (const tree of trees) {
    for (const { oid, mode } of parseTree(await read(tree)) ?? []) {
      if (mode === "directory") trees.add(oid);
      // What a submodule names is a commit of another repository.
      else if (mode !== "160000") oids.add(oid);
    }
  }
  return new Set([...oids, ...trees]);
}

function damaged({ revision }: Tip, reason: string, cause?: unknown): HoldfastError {
  return holdfastError("source-corrupt", `${revision} cannot be copied: ${reason}`, { handling: "transient", cause });
}
