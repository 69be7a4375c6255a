import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { mergePacks } from "../../agent/git/merge-packs.ts";
import { encodePackIndex, parsePackIndex } from "../../agent/git/pack-index.ts";
import { writePack } from "../../agent/git/write-pack.ts";
import {
  assertSound,
  commit,
  createRepository,
  git,
  gitBytes,
  listWithGit,
  manyFiles,
  temporaryDirectory,
} from "./git-fixture.ts";
import { follow, setUp } from "./served-repository.ts";

const never = new AbortController().signal;

function listPacks(gitDirectory: string, suffix = ".pack"): readonly string[] {
  const folder = join(gitDirectory, "objects/pack");
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(folder, name));
}

test("an index must be, byte for byte, the one that git makes", (t) => {
  const repository = createRepository(temporaryDirectory(t));
  commit(repository, { files: manyFiles(700) });
  git(repository, ["gc", "--quiet"]);
  const [index = ""] = listPacks(repository, ".idx");
  const bytes = readFileSync(index);
  const entries = parsePackIndex(bytes);
  assert.ok(entries.length > 700);
  const pack = readFileSync(index.replace(/idx$/, "pack"));
  assert.deepEqual(encodePackIndex(entries.toReversed(), pack.subarray(-20)), bytes);
  for (const broken of [bytes.subarray(0, -1), bytes.subarray(0, 500), Buffer.alloc(0), Buffer.alloc(bytes.length)])
    assert.throws(() => parsePackIndex(broken), SyntaxError);
});

test("objects of every kind and size must be written as git reads them", async (t) => {
  const root = temporaryDirectory(t);
  const [repository, copy] = [createRepository(root), createRepository(root, "copy.git")];
  // On both sides of each size at which the head of an entry grows by a byte.
  for (const size of [0, 1, 15, 16, 2047, 2048, 262_143, 262_144, 300_000])
    commit(repository, { files: { [`file-${size}`]: randomBytes(size) } });
  git(repository, ["tag", "-a", "-m", "A tag", "v1"]);
  const oids = git(repository, ["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]).split("\n");
  const read = async (oid: string) => {
    const type = git(repository, ["cat-file", "-t", oid]);
    return { type, content: gitBytes(repository, ["cat-file", type, oid]) };
  };
  const name = await writePack({ gitDirectory: copy, oids, read });
  git(copy, ["verify-pack", join(copy, "objects/pack", name)]);
  assert.equal(git(copy, ["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]), oids.join("\n"));
  for (const oid of oids) assert.equal(git(copy, ["cat-file", "-t", oid]), (await read(oid)).type);
  git(copy, ["update-ref", "refs/tags/v1", git(repository, ["rev-parse", "v1"])]);
  assertSound(copy);
  assert.deepEqual(
    readdirSync(copy).filter((entry) => entry.startsWith("new-pack")),
    [],
  );
});

test("a line in a directory of thousands of files must be a fetch of a few lines, in a pack that needs no other", async (t) => {
  const { repository, server, gitDirectory, open } = await setUp(t);
  const names = Array.from({ length: 3000 }, (_, index) => [`desired-state/${index}.yaml`, randomBytes(99).toString("hex")]);
  commit(repository, { files: Object.fromEntries(names) });
  const source = open();
  await follow(source);
  for (const line of ["1", "2"]) {
    const revision = commit(repository, { files: { "desired-state/7.yaml": line } });
    const tip = await source.readTip(never);
    const bytes = server.bytes();
    await source.fetch(tip, never);
    assert.ok(server.bytes() - bytes < 3000, `${server.bytes() - bytes} bytes`);
    assert.deepEqual((await source.readTree(revision, ""))?.files, listWithGit(repository, revision));
  }
  const packs = listPacks(gitDirectory);
  assert.equal(packs.length, 3);
  for (const pack of packs) git(gitDirectory, ["verify-pack", pack]);
  assertSound(gitDirectory);
});

test("packs must become few without anything being requested again", async (t) => {
  const { repository, server, gitDirectory, open } = await setUp(t);
  commit(repository, { files: manyFiles(100) });
  const source = open();
  await follow(source);
  const [first = ""] = listPacks(gitDirectory);
  const counts: number[] = [];
  for (let index = 0; index < 40; index += 1) {
    commit(repository, { files: { "desired-state/stack-3/file-3": `${index}` } });
    const tip = await source.readTip(never);
    const [requests, bytes] = [server.requests.length, server.bytes()];
    await source.fetch(tip, never);
    assert.equal(server.requests.length, requests + 1);
    assert.ok(server.bytes() - bytes < 3000, `${server.bytes() - bytes} bytes`);
    const packs = listPacks(gitDirectory);
    assert.ok(packs.includes(first), "what the first fetch brought stays as it is");
    counts.push(packs.length);
  }
  assert.equal(Math.max(...counts), 10);
  const { revision } = await source.readTip(never);
  assert.deepEqual((await source.readTree(revision, ""))?.files, listWithGit(repository, revision));
  assertSound(gitDirectory);
});

test("merging must keep every object once, and leave a pack alone that is much larger than the others", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  const source = open();
  await follow(source);
  commit(repository, { files: { large: randomBytes(50_000) } });
  await follow(source);
  for (const content of ["2", "3", "2"]) {
    commit(repository, { files: { a: content } });
    await follow(source);
  }
  const all = () => git(gitDirectory, ["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"]);
  const [objects, before] = [all(), listPacks(gitDirectory)];
  assert.equal(before.length, 5);
  await mergePacks(gitDirectory);
  assert.equal(all(), objects);
  const after = listPacks(gitDirectory);
  assert.equal(after.length, 3);
  assert.equal(after.filter((pack) => before.includes(pack)).length, 2);
  const indexed = after.flatMap((pack) => parsePackIndex(readFileSync(pack.replace(/pack$/, "idx"))));
  assert.equal(new Set(indexed.map(({ oid }) => oid)).size, indexed.length);
  // What is merged already is merged into itself.
  for (const _ of [1, 2]) await mergePacks(gitDirectory);
  assert.equal(all(), objects);
  assertSound(gitDirectory);
});

test("what came since the first fetch must be dropped when it outgrows that", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  commit(repository, { files: manyFiles(100) });
  const source = open();
  const counts: number[] = [];
  for (let index = 0; index < 6; index += 1) {
    await follow(source);
    counts.push(listPacks(gitDirectory).length);
    commit(repository, { files: { large: randomBytes(1_500_000) } });
  }
  // Three times 1.5 MB are more than 4 MiB.
  assert.deepEqual(counts, [1, 2, 3, 4, 1, 2]);
  assertSound(gitDirectory);
});

test("packs that cannot be merged must be fetched anew", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  commit(repository, { files: manyFiles(20) });
  const source = open();
  for (let index = 0; index < 10; index += 1) {
    await follow(source);
    commit(repository, { files: { "desired-state/stack-1/file-1": `${index}` } });
  }
  const kept = listPacks(gitDirectory, ".keep");
  const [damaged = ""] = listPacks(gitDirectory).filter((pack) => !kept.includes(pack.replace(/pack$/, "keep")));
  truncateSync(damaged, 100);
  const { revision } = await follow(source);
  assert.equal(listPacks(gitDirectory).length, 1);
  assert.deepEqual((await source.readTree(revision, ""))?.files, listWithGit(repository, revision));
  assertSound(gitDirectory);
});
