import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceLimits } from "../../agent/git/source-options.ts";
import { commit, createRepository, git, temporaryDirectory } from "./git-fixture.ts";

const never = new AbortController().signal;

function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const revision = commit(repository, { files: { "desired-state/a": "1" } });
  return { root, repository, revision };
}

function open(url: string, branch = "main", limits: Partial<SourceLimits> = {}) {
  return openSource({ url, branch, gitDirectory: "/nonexistent/never-made", limits });
}

async function readPaths(url: string, branch = "main") {
  const source = open(url, branch);
  const tip = await source.readTip(never);
  await source.fetch(tip, never);
  const tree = await source.readTree(tip.revision, "desired-state");
  const contents = (tree?.files ?? []).map(async ({ path, oid }) => `${path}=${Buffer.from(await source.readBlob(oid))}`);
  return { revision: tip.revision, files: await Promise.all(contents) };
}

test("a bare repository must be read where it is, loose and packed, and not be changed", async (t) => {
  const { root, repository, revision } = setUp(t);
  const expected = { revision, files: ["a=1"] };
  const before = readdirSync(repository, { recursive: true });
  assert.deepEqual(await readPaths(repository), expected);
  assert.deepEqual(await readPaths(pathToFileURL(repository).href), expected);
  assert.deepEqual(await readPaths(`${repository}/`), expected);
  assert.deepEqual(readdirSync(repository, { recursive: true }), before);
  git(repository, ["gc", "-q"]);
  assert.deepEqual(readdirSync(join(repository, "refs/heads")), []);
  assert.deepEqual(await readPaths(repository), expected);
  const next = commit(repository, { files: { "desired-state/a": "2" } });
  assert.deepEqual(await readPaths(repository), { revision: next, files: ["a=2"] });
  renameSync(repository, join(root, "with space %41.git"));
  assert.equal((await readPaths(pathToFileURL(join(root, "with space %41.git")).href)).revision, next);
});

test("a source must follow a repository that is repacked while it is open", async (t) => {
  const { repository } = setUp(t);
  const source = open(repository);
  for (let index = 0; index < 3; index += 1) {
    const revision = commit(repository, { files: { "desired-state/a": `${index}` } });
    git(repository, ["repack", "-adq"]);
    const tip = await source.readTip(never);
    await source.fetch(tip, never);
    assert.equal(tip.revision, revision);
    assert.equal((await source.readTree(revision, ""))?.files.length, 1);
  }
});

test("a clone with a working tree, and a worktree of it, must be read", async (t) => {
  const { root, repository, revision } = setUp(t);
  const clone = join(root, "clone");
  execFileSync("git", ["clone", "-q", repository, clone]);
  assert.deepEqual(await readPaths(clone), { revision, files: ["a=1"] });
  assert.deepEqual(await readPaths(join(clone, ".git")), { revision, files: ["a=1"] });
  git(clone, ["worktree", "add", "-q", join(root, "tree"), "-b", "topic"]);
  assert.deepEqual(await readPaths(join(root, "tree"), "topic"), { revision, files: ["a=1"] });
  assert.deepEqual(await readPaths(join(root, "tree"), "main"), { revision, files: ["a=1"] });
  mkdirSync(join(root, "elsewhere"));
  writeFileSync(join(root, "elsewhere/.git"), "gitdir: ../repo.git\n");
  assert.deepEqual(await readPaths(join(root, "elsewhere")), { revision, files: ["a=1"] });
});

test("a repository that borrows objects must be read", async (t) => {
  const { root, repository, revision } = setUp(t);
  const shared = join(root, "shared.git");
  execFileSync("git", ["clone", "-q", "--bare", "--shared", repository, shared]);
  const again = join(root, "again.git");
  execFileSync("git", ["clone", "-q", "--bare", "--shared", shared, again]);
  const next = commit(again, { files: { "desired-state/b": "2" } });
  assert.deepEqual(await readPaths(shared), { revision, files: ["a=1"] });
  assert.deepEqual(await readPaths(again), { revision: next, files: ["a=1", "b=2"] });
});

test("a symbolic ref must be followed", async (t) => {
  const { repository, revision } = setUp(t);
  git(repository, ["symbolic-ref", "refs/heads/live", "refs/heads/main"]);
  assert.equal((await open(repository, "live").readTip(never)).revision, revision);
  writeFileSync(join(repository, "refs/heads/loop"), "ref: refs/heads/loop\n");
  await assert.rejects(open(repository, "loop").readTip(never), { code: "source-refused", handling: "stalled" });
});

test("what is absent or no repository must be told", async (t) => {
  const { root, repository } = setUp(t);
  const absent = join(root, "absent");
  await assert.rejects(open(absent).readTip(never), {
    code: "source-unreachable",
    handling: "transient",
    message: `${absent} does not exist`,
  });
  await assert.rejects(open(root).readTip(never), {
    code: "source-refused",
    handling: "stalled",
    message: `${root} is not a Git repository`,
  });
  await assert.rejects(open(join(repository, "HEAD")).readTip(never), {
    code: "source-refused",
    message: /is not a Git repository/,
  });
  await assert.rejects(open(repository).readTip(AbortSignal.abort()), { code: "aborted" });
});

test("a missing branch and an empty repository must be told", async (t) => {
  const { root, repository, revision } = setUp(t);
  git(repository, ["pack-refs", "--all"]);
  git(repository, ["update-ref", "refs/heads/topic/mine", revision]);
  await assert.rejects(open(repository, "mai").readTip(never), {
    code: "source-refused",
    handling: "stalled",
    message: /has no branch mai; it has main, topic\/mine$/,
  });
  await assert.rejects(open(createRepository(root, "empty.git")).readTip(never), { message: /is empty: it has no branch yet/ });
});

test("formats that cannot be read must be told", async (t) => {
  const root = temporaryDirectory(t);
  execFileSync("git", ["init", "-q", "--bare", "--object-format=sha256", join(root, "sha256.git")]);
  await assert.rejects(open(join(root, "sha256.git")).readTip(never), {
    code: "source-refused",
    handling: "stalled",
    message: /keeps its objects as sha256$/,
  });
  const reftable = createRepository(root);
  git(reftable, ["config", "extensions.refstorage", "reftable"]);
  await assert.rejects(open(reftable).readTip(never), { code: "source-refused", message: /keeps its refs as reftable$/ });
});

test("a missing object must be transient, and an unknown revision not", async (t) => {
  const { root, repository, revision } = setUp(t);
  const source = open(repository);
  await assert.rejects(source.readTree("1".repeat(40), ""), { code: "revision-missing", handling: "stalled" });
  const tree = git(repository, ["rev-parse", `${revision}:desired-state`]);
  const pack = join(repository, "objects/pack");
  for (const name of readdirSync(pack)) {
    renameSync(join(pack, name), join(root, name));
    if (name.endsWith(".pack")) git(repository, ["unpack-objects", "-q"], readFileSync(join(root, name)));
  }
  rmSync(join(repository, "objects", tree.slice(0, 2), tree.slice(2)));
  assert.equal((await source.readInfo(revision)).revision, revision);
  await assert.rejects(source.readTree(revision, "desired-state"), {
    code: "source-corrupt",
    handling: "transient",
    message: /is missing in/,
  });
});

test("a pack larger than what is read must be refused", async (t) => {
  const { repository } = setUp(t);
  commit(repository, { files: { large: randomBytes(100_000) } });
  git(repository, ["repack", "-adq"]);
  const source = open(repository, "main", { packBytes: 50_000 });
  const tip = await source.readTip(never);
  await assert.rejects(source.fetch(tip, never), {
    code: "source-too-large",
    handling: "stalled",
    message: /has a pack of 1\d{5} bytes/,
  });
});
