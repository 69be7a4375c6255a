import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import type { Source, Tip } from "../../agent/ports.ts";
import { assertSound, commit, createRepository, git, listWithGit, manyFiles, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const server = await startGitHttpServer(t, { root });
  const gitDirectory = join(root, "store");
  const open = (more: Partial<SourceOptions> = {}) =>
    openSource({ url: `${server.url}/repo.git`, gitDirectory, allowForcePush: false, ...more });
  return { repository, server, gitDirectory, open };
}

async function follow(source: Source, accepted?: Tip): Promise<Tip> {
  const tip = await source.readTip(never);
  await source.fetch(tip, never, accepted);
  return tip;
}

/** Puts a history of its own in the place of the branch, and takes away what it does not need. */
function replaceHistory(repository: string, content: string | Uint8Array, keepOld = false): void {
  commit(repository, { files: { other: content }, orphan: true });
  if (!keepOld) git(repository, ["gc", "--quiet", "--prune=now"]);
}

function packsOf(gitDirectory: string): string[] {
  const folder = join(gitDirectory, "objects/pack");
  const packs = readdirSync(folder).filter((name) => name.endsWith(".pack"));
  return packs.map((name) => join(folder, name)).sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
}

async function readAll(source: Source, revision: string) {
  const files = (await source.readTree(revision, ""))?.files ?? [];
  for (const { oid } of files) await source.readBlob(oid);
  return files;
}

for (const [why, limits, rounds] of [
  ["too many", {}, 35],
  ["too large", { packBytes: 100_000 }, 6],
] as const) {
  test(`what is in force must stay readable when packs are ${why} while the branch holds what is refused`, async (t) => {
    const { repository, gitDirectory, open } = await setUp(t);
    commit(repository, { files: { a: "1" } });
    const revision = commit(repository, { files: { "stack/b": "2", "stack/deeper/c": "3" } });
    const files = listWithGit(repository, revision);
    const source = open({ limits });
    const accepted = await follow(source);
    let counts: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      replaceHistory(repository, randomBytes(30_000).toString("base64"));
      const tip = await follow(source, accepted);
      assert.match((await source.judge(tip, revision, never)) ?? "", /the history was rewritten/);
      counts = [...counts, packsOf(gitDirectory).length];
    }
    assert.ok((counts.at(-1) ?? 0) < Math.max(...counts), `rebuilt at least once: ${counts}`);
    for (const reader of [source, open({ limits })]) assert.deepEqual(await readAll(reader, revision), files);
    assertSound(gitDirectory);
  });
}

const damages: Record<string, (pack: string) => void> = {
  "an index cut short": (pack) => truncateSync(pack.replace(/pack$/, "idx"), 1100),
  "an empty pack": (pack) => truncateSync(pack, 0),
  "a pack without an index": (pack) => rmSync(pack.replace(/pack$/, "idx")),
  "a pack with other bytes": (pack) => {
    const bytes = readFileSync(pack);
    bytes.fill(0, 12, bytes.length);
    rmSync(pack);
    writeFileSync(pack, bytes);
  },
};

for (const [name, damage] of Object.entries(damages)) {
  test(`what is in force must survive ${name} of what is refused, and the repair`, async (t) => {
    const { repository, gitDirectory, open } = await setUp(t);
    const revision = commit(repository, { files: manyFiles(20) });
    const files = listWithGit(repository, revision);
    const accepted = await follow(open());
    let tip = accepted;
    // Packs are read in the order of their names: several, so that a damaged one comes first.
    for (const round of [1, 2, 3, 4]) {
      replaceHistory(repository, `refused ${round}`);
      tip = await follow(open(), accepted);
    }
    const [first, ...others] = packsOf(gitDirectory);
    assert.ok(first !== undefined && others.length === 4);
    for (const pack of others) damage(pack);
    const source = open();
    // What is damaged is noticed when it is read; the fetch after that mends it.
    for (const use of [
      () => source.judge(tip, revision, never),
      () => readAll(source, tip.revision),
      () => readAll(source, revision),
    ])
      await use().catch((error: unknown) => assert.match(String(error), /./));
    await follow(source, accepted).catch(() => follow(source, accepted));
    assert.deepEqual(await readAll(source, revision), files);
    assert.deepEqual(await readAll(open(), tip.revision), listWithGit(repository, tip.revision));
    assert.deepEqual(await readAll(open(), revision), files);
    assertSound(gitDirectory);
  });
}

const losses: Record<string, (gitDirectory: string) => void> = {
  "the copy is gone": (gitDirectory) => rmSync(gitDirectory, { recursive: true }),
  "its pack is damaged": (gitDirectory) => truncateSync(packsOf(gitDirectory)[0] ?? "", 0),
};

for (const [why, lose] of Object.entries(losses)) {
  test(`what is in force must be fetched from a server that still has it when ${why}`, async (t) => {
    const { repository, gitDirectory, open } = await setUp(t);
    git(repository, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
    commit(repository, { files: { a: "1" } });
    const revision = commit(repository, { files: { a: "2" } });
    const accepted = await follow(open());
    replaceHistory(repository, "refused", true);
    lose(gitDirectory);
    const source = open();
    const tip = await follow(source, accepted);
    for (const reader of [source, open()]) {
      assert.deepEqual(await readAll(reader, revision), listWithGit(repository, revision));
      assert.deepEqual(await readAll(reader, tip.revision), listWithGit(repository, tip.revision));
    }
    assertSound(gitDirectory);
    git(repository, ["update-ref", "refs/heads/main", revision]);
    const better = commit(repository, { files: { a: "4" } });
    assert.equal(await source.judge(await follow(source, accepted), revision, never), undefined);
    assert.deepEqual(await readAll(open(), better), listWithGit(repository, better));
    assertSound(gitDirectory);
  });
}

test("a server that no longer has it must be asked once, and the tip be readable all the same", async (t) => {
  const { repository, server, gitDirectory, open } = await setUp(t);
  const revision = commit(repository, { files: { a: "1" } });
  const accepted = await follow(open());
  replaceHistory(repository, "refused");
  rmSync(gitDirectory, { recursive: true });
  const source = open();
  const tip = await follow(source, accepted);
  assert.equal((await readAll(source, tip.revision)).length, 1);
  await assert.rejects(source.readTree(revision, ""), { code: "revision-missing" });
  const requests = server.requests.length;
  for (let round = 0; round < 3; round += 1) await source.fetch(tip, never, accepted);
  assert.equal(server.requests.length, requests);
});

test("a server that is gone while it is asked for must be asked again", async (t) => {
  const { repository, server, gitDirectory, open } = await setUp(t);
  git(repository, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
  const revision = commit(repository, { files: { a: "1" } });
  const accepted = await follow(open());
  replaceHistory(repository, "refused", true);
  rmSync(gitDirectory, { recursive: true });
  const source = open();
  const tip = await follow(source);
  server.intercept = (_request, response) => Boolean(response.socket?.destroy());
  await source.fetch(tip, never, accepted);
  await assert.rejects(readAll(source, revision), { code: "revision-missing" });
  assert.equal((await readAll(source, tip.revision)).length, 1);
  server.intercept = () => false;
  await source.fetch(tip, never, accepted);
  assert.equal((await readAll(source, revision)).length, 1);
});

test("a tip that builds on what is in force must be taken after a rebuild for one that was refused", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  const revision = commit(repository, { files: { a: "2" } });
  git(repository, ["branch", "kept"]);
  const source = open({ limits: { packBytes: 20_000 } });
  const accepted = await follow(source);
  for (const _ of [1, 2, 3]) {
    replaceHistory(repository, randomBytes(15_000));
    await follow(source, accepted);
  }
  assert.equal(packsOf(gitDirectory).length, 2);
  git(repository, ["update-ref", "refs/heads/main", revision]);
  const better = commit(repository, { files: { a: "4" } });
  const tip = await follow(source, accepted);
  assert.equal(tip.revision, better);
  assert.equal(await source.judge(tip, revision, never), undefined);
  assert.deepEqual(await readAll(open(), better), listWithGit(repository, better));
  assertSound(gitDirectory);
});

test("with tags, the tag that led to what is in force must stay readable too", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  const revision = commit(repository, { files: { a: "1" } });
  git(repository, ["tag", "-a", "-m", "one", "v1.0.0"]);
  const options = { tag: "v*", limits: { packBytes: 20_000 } };
  const source = open(options);
  const accepted = await follow(source);
  assert.ok(accepted.tag);
  git(repository, ["tag", "-d", "v1.0.0"]);
  for (const version of ["v2.0.0", "v3.0.0", "v4.0.0"]) {
    replaceHistory(repository, randomBytes(15_000));
    git(repository, ["tag", "-a", "-m", "x", version]);
    await follow(source, accepted);
  }
  assert.equal(packsOf(gitDirectory).length, 2);
  assert.equal(git(gitDirectory, ["cat-file", "-t", accepted.tag]), "tag");
  assert.equal((await readAll(open(options), revision)).length, 1);
  assertSound(gitDirectory);
});
