import { open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileSystem, loadIsomorphicGit } from "./load-isomorphic-git.ts";
import { type PackEntry, parsePackIndex } from "./pack-index.ts";
import { type PackObject, writePack } from "./write-pack.ts";

const referenceDelta = 7;
/** The longest head of an entry: its size in five bytes, and the id of its base. */
const headBytes = 5 + 20;
const checksumBytes = 20;

/** Reads objects of a bare repository, as long as nothing is removed from it. */
export async function packObjectReader(gitDirectory: string, cache: object = {}): Promise<(oid: string) => Promise<PackObject>> {
  const { readObject } = await loadIsomorphicGit();
  return async (oid) => {
    const { type, object } = await readObject({ fs: fileSystem, gitdir: gitDirectory, oid, format: "content", cache });
    return { type, content: object as Uint8Array };
  };
}

/**
 * Adds to a pack (a path below `gitDirectory`) the objects that its deltas build on and that are in other packs, as Git does with a
 * thin pack: so that no pack needs another one.
 */
export async function completePack(gitDirectory: string, packFile: string, cache: object): Promise<void> {
  const path = join(gitDirectory, packFile);
  const index = path.replace(/pack$/, "idx");
  const entries = parsePackIndex(await readFile(index));
  const { objects, bases } = await readHeads(path, entries);
  const here = new Set(entries.map(({ oid }) => oid));
  const missing = [...new Set(bases)].filter((oid) => !here.has(oid));
  if (missing.length === 0) return;
  const start = { path, bytes: (await stat(path)).size - checksumBytes, objects, entries };
  await writePack({ gitDirectory, start, oids: missing, read: await packObjectReader(gitDirectory, cache) });
  await rm(index);
  await rm(path);
}

/** How many objects a pack names, and the bases of those that are deltas to an object by its id. */
async function readHeads(path: string, entries: readonly PackEntry[]) {
  const file = await open(path, "r");
  const bases: string[] = [];
  try {
    const buffer = Buffer.alloc(headBytes);
    await file.read(buffer, 0, 4, 8);
    const objects = buffer.readUInt32BE();
    for (const { offset } of entries) {
      await file.read(buffer, 0, headBytes, offset);
      if ((((buffer[0] ?? 0) >> 4) & 7) !== referenceDelta) continue;
      const base = buffer.findIndex((byte) => byte < 0x80) + 1;
      bases.push(buffer.toString("hex", base, base + 20));
    }
    return { objects, bases };
  } finally {
    await file.close();
  }
}
