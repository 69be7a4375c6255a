import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import { assertSound, commit, manyFiles } from "./git-fixture.ts";
import { follow, setUp } from "./served-repository.ts";

const never = new AbortController().signal;

test("packs that are larger together than one may be must be replaced", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  const source = open({ packBytes: 100_000 });
  for (const _ of [1, 2, 3, 4]) {
    commit(repository, { files: { a: randomBytes(40_000) }, orphan: true });
    await follow(source);
  }
  const packs = readdirSync(join(gitDirectory, "objects/pack")).filter((name) => name.endsWith(".pack"));
  assert.equal(packs.length, 1);
});

function packPath(gitDirectory: string, suffix: string): string {
  const folder = join(gitDirectory, "objects/pack");
  return join(folder, readdirSync(folder).find((name) => name.endsWith(suffix)) ?? "");
}

const damages: Record<string, (gitDirectory: string) => void> = {
  "an index cut short": (store) => truncateSync(packPath(store, ".idx"), 1100),
  "an empty pack": (store) => truncateSync(packPath(store, ".pack"), 0),
  "a missing pack": (store) => rmSync(packPath(store, ".pack")),
  "a pack with other bytes": (store) => {
    const path = packPath(store, ".pack");
    const bytes = readFileSync(path);
    bytes.fill(0, 100, 200);
    rmSync(path);
    writeFileSync(path, bytes);
  },
  "no objects at all": (store) => rmSync(join(store, "objects"), { recursive: true }),
};

for (const [name, damage] of Object.entries(damages)) {
  test(`a store with ${name} must be rebuilt when it is read`, async (t) => {
    const { repository, gitDirectory, open } = await setUp(t);
    commit(repository, { files: manyFiles(20) });
    await follow(open());
    damage(gitDirectory);
    const source = open();
    const tip = await follow(source);
    await assert.rejects(source.readTree(tip.revision, ""), { code: "source-corrupt", handling: "transient" });
    await source.fetch(tip, never);
    assert.deepEqual((await source.readTree(tip.revision, "desired-state"))?.files.length, 20);
    assertSound(gitDirectory);
  });

  test(`a store with ${name} must be usable after the next push`, async (t) => {
    const { repository, gitDirectory, open } = await setUp(t);
    commit(repository, { files: manyFiles(20) });
    await follow(open());
    damage(gitDirectory);
    const revision = commit(repository, { files: { "desired-state/stack-1/file-1": "1" } });
    const source = open();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await follow(source);
        const tree = await source.readTree(revision, "desired-state");
        for (const { oid } of tree?.files ?? []) await source.readBlob(oid);
        break;
      } catch (error) {
        // A damaged object may be noticed only when it is read; then the next attempt rebuilds.
        assert.ok(attempt < 2, String(error));
      }
    }
    assertSound(gitDirectory);
  });
}

test("a ref whose objects never came must not be believed", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  const revision = commit(repository, { files: { a: "1" } });
  mkdirSync(join(gitDirectory, "refs/heads"), { recursive: true });
  writeFileSync(join(gitDirectory, "refs/heads/main"), `${revision}\n`);
  const source = open();
  await follow(source);
  await assert.rejects(source.readTree(revision, ""), { code: "source-corrupt", handling: "transient" });
  await follow(source);
  assert.equal((await source.readTree(revision, ""))?.files.length, 1);
});

test("a replacement that was interrupted must be finished or undone", async (t) => {
  const { repository, server, gitDirectory, open } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  const tip = await follow(open());
  const requests = server.requests.length;
  mkdirSync(`${gitDirectory}.new/objects`, { recursive: true });
  renameSync(gitDirectory, `${gitDirectory}.old`);
  const source = open();
  await source.fetch(tip, never);
  assert.equal((await source.readTree(tip.revision, ""))?.files.length, 1);
  assert.equal(server.requests.length, requests);
  assert.deepEqual(
    [".new", ".old"].map((suffix) => existsSync(gitDirectory + suffix)),
    [false, false],
  );
});

test("a store that cannot be written must be a transient error that names it", async (t) => {
  const { repository, server, gitDirectory } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  writeFileSync(gitDirectory, "a file");
  const source = openSource({ url: `${server.url}/repo.git`, branch: "main", gitDirectory: join(gitDirectory, "store") });
  await assert.rejects(follow(source), { code: "source-corrupt", handling: "transient", message: /cannot be written/ });
});

test("the configuration of the store must not hold the address", async (t) => {
  const { repository, server, gitDirectory, open } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  await follow(open());
  const config = readFileSync(join(gitDirectory, "config"), "utf8");
  assert.ok(!config.includes(new URL(server.url).host));
});
