import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { holdfastError } from "../model/error.ts";
import { loadIsomorphicGit } from "./load-isomorphic-git.ts";
import { mergePacks } from "./merge-packs.ts";
import { packIndexSize } from "./pack-index.ts";

/** The agent's own bare repository: packs, and one ref that is written last and so vouches for them. */
export interface ObjectStore {
  readonly directory: string;
  /** The commit whose objects are known to be here, or undefined. */
  readRef(): Promise<string | undefined>;
  /** The commits whose parents were not fetched. */
  readBoundary(): Promise<ReadonlySet<string>>;
  /** Makes the repository where it is missing. */
  prepare(): Promise<void>;
  /** Its packs: what the first fetch brought, and what came since and grows with each fetch, since nothing is ever collected. */
  measure(): Promise<{ readonly packs: number; readonly firstBytes: number; readonly laterBytes: number }>;
  /** Makes few packs of those that came after the first fetch. */
  merge(): Promise<void>;
  /** Throws `source-corrupt` when an object of a pack did not get into the pack's index. */
  checkPacks(): Promise<void>;
  /** Removes every pack that is not as it was written, so that what the others hold can be read. */
  dropDamagedPacks(): Promise<void>;
  /** Puts all on disk, then names `oid` as the commit that is here. */
  commit(oid: string): Promise<void>;
  /** An empty store beside this one, to be filled and put in its place. */
  fresh(): Promise<ObjectStore>;
  /** Puts `other` in the place of this store. */
  replaceWith(other: ObjectStore): Promise<void>;
  /** Finishes or undoes a replacement that was interrupted. */
  recover(): Promise<void>;
}

/** The store at `directory` (absolute, mode 0700) that keeps the ref `ref` (full name). */
export function objectStore(directory: string, ref: string): ObjectStore {
  const packDirectory = join(directory, "objects", "pack");
  const retired = `${directory}.old`;

  async function packNames(suffix: string): Promise<readonly string[]> {
    const names = await readdir(packDirectory).catch(() => []);
    return names.filter((name) => name.endsWith(suffix));
  }

  async function readRef(): Promise<string | undefined> {
    const text = await readFile(join(directory, ref), "utf8").catch(() => "");
    return /^[0-9a-f]{40}\n?$/.test(text) ? text.trim() : undefined;
  }

  return {
    directory,
    readRef,
    async readBoundary() {
      const text = await readFile(join(directory, "shallow"), "utf8").catch(() => "");
      return new Set(text.split("\n").filter((line) => line !== ""));
    },
    async prepare() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
      if (await exists(join(directory, "config"))) return;
      const { addRemote, init } = await loadIsomorphicGit();
      await init({ fs, gitdir: directory, bare: true, defaultBranch: ref.replace("refs/heads/", "") });
      // A fetch needs a refspec, and so a remote; the address in it is never used.
      await addRemote({ fs, gitdir: directory, remote: "origin", url: "http://source.invalid/repository", force: true });
    },
    async measure() {
      const [names, kept] = [await packNames(".pack"), await packNames(".keep")];
      const sizes = await Promise.all(
        names.map(async (name) => ({
          first: kept.includes(name.replace(/pack$/, "keep")),
          bytes: (await stat(join(packDirectory, name))).size,
        })),
      );
      const sum = (first: boolean): number => sizes.reduce((all, size) => all + (size.first === first ? size.bytes : 0), 0);
      return { packs: names.length, firstBytes: sum(true), laterBytes: sum(false) };
    },
    merge: () => mergePacks(directory),
    async checkPacks() {
      // isomorphic-git leaves out silently what it cannot resolve; only the counts tell.
      for (const name of await packNames(".pack")) {
        const pack = join(packDirectory, name);
        const index = pack.replace(/pack$/, "idx");
        const packed = await readUint32(pack, 8);
        const indexed = await readUint32(index, 8 + 255 * 4);
        if (packed === undefined || packed !== indexed || (await stat(index)).size !== packIndexSize(indexed)) {
          throw holdfastError("source-corrupt", `${pack} has ${packed ?? "no"} objects, its index ${indexed ?? "none"}`, {
            handling: "transient",
          });
        }
      }
    },
    async dropDamagedPacks() {
      for (const name of await packNames(".pack")) {
        const files = [name, name.replace(/pack$/, "idx")].map((file) => join(packDirectory, file));
        const sound = await Promise.all(files.map(endsWithItsHash));
        if (!sound.every(Boolean)) for (const file of files) await rm(file, { force: true });
      }
    },
    async commit(oid) {
      if ((await readRef()) === undefined) await keepPacks(packDirectory);
      for (const name of await readdir(packDirectory)) await sync(join(packDirectory, name));
      await sync(packDirectory);
      await sync(join(directory, "shallow"));
      const path = join(directory, ref);
      await mkdir(dirname(path), { recursive: true });
      const temporary = join(directory, "new-ref");
      const file = await open(temporary, "w", 0o600);
      await file.writeFile(`${oid}\n`);
      await file.sync();
      await file.close();
      await rename(temporary, path);
      await sync(dirname(path));
    },
    async fresh() {
      const path = `${directory}.new`;
      await rm(path, { recursive: true, force: true });
      const store = objectStore(path, ref);
      await store.prepare();
      return store;
    },
    async replaceWith(other) {
      await keepPacks(join(other.directory, "objects", "pack"));
      await rm(retired, { recursive: true, force: true });
      if (await exists(directory)) await rename(directory, retired);
      await rename(other.directory, directory);
      await sync(dirname(directory));
      await rm(retired, { recursive: true, force: true });
    },
    async recover() {
      if (!(await exists(directory)) && (await exists(retired))) await rename(retired, directory);
      await rm(retired, { recursive: true, force: true });
      await rm(`${directory}.new`, { recursive: true, force: true });
    },
  };
}

/** Marks all packs as Git itself marks one that stays as it is: `mergePacks` leaves them alone. */
async function keepPacks(packDirectory: string): Promise<void> {
  for (const name of await readdir(packDirectory)) {
    if (name.endsWith(".pack")) await writeFile(join(packDirectory, name.replace(/pack$/, "keep")), "");
  }
}

const hashBytes = 20;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A number of four bytes at `position`; undefined where the file is missing or too short. */
async function readUint32(path: string, position: number): Promise<number | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, position);
    return bytesRead === 4 ? buffer.readUInt32BE() : undefined;
  } finally {
    await file.close();
  }
}

/** Whether a pack or an index ends with the SHA-1 of what is before, as Git writes both. */
async function endsWithItsHash(path: string): Promise<boolean> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size <= hashBytes) return false;
  const hash = createHash("sha1");
  for await (const chunk of fs.createReadStream(path, { end: size - hashBytes - 1 })) hash.update(chunk as Buffer);
  const end: Buffer[] = [];
  for await (const chunk of fs.createReadStream(path, { start: size - hashBytes })) end.push(chunk as Buffer);
  return hash.digest().equals(Buffer.concat(end));
}

/** Waits until a file or directory is on disk; one that does not exist has nothing to lose. */
async function sync(path: string): Promise<void> {
  const file = await open(path, "r").catch(() => undefined);
  try {
    await file?.sync();
  } finally {
    await file?.close();
  }
}
