import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { packObjectReader } from "./complete-pack.ts";
import { parsePackIndex } from "./pack-index.ts";
import { writePack } from "./write-pack.ts";

/**
 * Makes one pack of those that no `.keep` file marks, without asking the server. A pack of more than twice the bytes of all smaller
 * ones stays as it is: each object is then written a few times in its life, and packs are as many as the logarithm of their bytes.
 */
export async function mergePacks(gitDirectory: string): Promise<void> {
  const directory = join(gitDirectory, "objects", "pack");
  const names = await readdir(directory);
  const packs = names.filter((name) => name.endsWith(".pack"));
  const later = packs.filter((name) => !names.includes(name.replace(/pack$/, "keep")));
  const small = await chooseSmall(directory, later);
  const elsewhere = await listObjects(
    directory,
    packs.filter((name) => !small.includes(name)),
  );
  const oids = [...(await listObjects(directory, small))].filter((oid) => !elsewhere.has(oid));
  const merged = oids.length === 0 ? "" : await writePack({ gitDirectory, oids, read: await packObjectReader(gitDirectory) });
  for (const pack of small.filter((name) => name !== merged)) {
    await rm(join(directory, pack.replace(/pack$/, "idx")));
    await rm(join(directory, pack));
  }
}

async function chooseSmall(directory: string, packs: readonly string[]): Promise<readonly string[]> {
  const sizes = await Promise.all(packs.map(async (name) => ({ name, bytes: (await stat(join(directory, name))).size })));
  const chosen: string[] = [];
  let sum = 0;
  for (const { name, bytes } of sizes.toSorted((a, b) => a.bytes - b.bytes)) {
    if (chosen.length > 1 && bytes > 2 * sum) break;
    chosen.push(name);
    sum += bytes;
  }
  return chosen;
}

async function listObjects(directory: string, packs: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const pack of packs) {
    for (const { oid } of parsePackIndex(await readFile(join(directory, pack.replace(/pack$/, "idx"))))) found.add(oid);
  }
  return found;
}
