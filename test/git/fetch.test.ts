import assert from "node:assert/strict";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  assertSound,
  commit,
  commitTree,
  git,
  gitBytes,
  listWithGit,
  manyFiles,
  writeBlob,
  writeRawTree,
} from "./git-fixture.ts";
import { follow, setUp } from "./served-repository.ts";

const never = new AbortController().signal;

test("trees and blobs must be what git lists", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  commit(repository, { files: { ...manyFiles(60), "a-b": "1", "a/b": "2", a0: "3", "ünï/ö": "4", empty: "" } });
  const source = open();
  const { revision } = await follow(source);
  const tree = await source.readTree(revision, "");
  assert.equal(tree?.oid, git(repository, ["rev-parse", `${revision}^{tree}`]));
  assert.deepEqual(
    tree?.files.map(({ path, oid }) => `${path} ${oid}`).sort(),
    git(repository, ["-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(path) %(objectname)", revision])
      .split("\n")
      .sort(),
  );
  for (const { oid } of tree?.files ?? []) {
    assert.deepEqual(Buffer.from(await source.readBlob(oid)), gitBytes(repository, ["cat-file", "blob", oid]));
  }
  const below = await source.readTree(revision, "desired-state/stack-3");
  assert.equal(below?.oid, git(repository, ["rev-parse", `${revision}:desired-state/stack-3`]));
  assert.deepEqual(below?.files, listWithGit(repository, `${revision}:desired-state/stack-3`));
  for (const absent of ["absent", "a-b", "desired-state/absent", "..", "."]) {
    assert.equal(await source.readTree(revision, absent), undefined);
  }
  assertSound(gitDirectory);
});

test("a commit must tell its author, subject and time", async (t) => {
  const { repository, open } = await setUp(t);
  commit(repository, { files: { a: "1" }, message: "Fix the \u001b[31mthing\n\nauthor Nobody <x> 1 +0000\n" });
  const source = open();
  const { revision } = await follow(source);
  const subject = "Fix the  [31mthing";
  assert.deepEqual(await source.readInfo(revision), { revision, author: "Test Author", subject, committedAtMs: 1700000100000 });
  await assert.rejects(source.readInfo("f".repeat(40)), { code: "revision-missing", handling: "stalled" });
  await assert.rejects(source.readTree("HEAD", ""), { code: "revision-missing" });
});

test("what is already there must not be requested, also by another process", async (t) => {
  const { repository, server, gitDirectory, open } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  const tip = await follow(open());
  assert.equal(server.requests.length, 2);
  assert.equal(statSync(gitDirectory).mode & 0o777, 0o700);
  const source = open();
  await source.fetch(tip, never);
  assert.equal((await source.readTree(tip.revision, ""))?.files.length, 1);
  assert.equal(server.requests.length, 2);
});

test("a small commit must be a small fetch of one request", async (t) => {
  const { repository, server, gitDirectory, open } = await setUp(t);
  commit(repository, { files: manyFiles(1000) });
  const source = open();
  await follow(source);
  for (const line of ["1", "2", "3"]) {
    commit(repository, { files: { "desired-state/stack-1/file-1": line } });
    const tip = await source.readTip(never);
    const [requests, bytes] = [server.requests.length, server.bytes()];
    await source.fetch(tip, never);
    assert.equal(server.requests.length, requests + 1);
    t.diagnostic(`${server.bytes() - bytes} bytes`);
    assert.ok(server.bytes() - bytes < 3000, `${server.bytes() - bytes} bytes`);
    const tree = await source.readTree(tip.revision, "desired-state/stack-1");
    const file = tree?.files.find(({ path }) => path === "file-1");
    assert.equal(Buffer.from(await source.readBlob(file?.oid ?? "")).toString(), line);
    assert.equal(tree?.files.length, 50);
  }
  assertSound(gitDirectory);
});

test("a force-push must be followed, also to another history", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  const first = commit(repository, { files: { a: "1" } });
  commit(repository, { files: { a: "2" } });
  const source = open();
  await follow(source);
  git(repository, ["update-ref", "refs/heads/main", first]);
  const diverged = commit(repository, { files: { a: "3" } });
  assert.equal((await follow(source)).revision, diverged);
  assert.deepEqual((await source.readTree(diverged, ""))?.files, listWithGit(repository, diverged));
  const orphan = commit(repository, { files: { b: "4" }, orphan: true });
  assert.equal((await follow(source)).revision, orphan);
  assert.deepEqual((await source.readTree(orphan, ""))?.files, listWithGit(repository, orphan));
  git(repository, ["update-ref", "refs/heads/main", first]);
  assert.equal((await follow(source)).revision, first);
  assertSound(gitDirectory);
});

test("a long history must not be fetched whole", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  for (let index = 0; index < 60; index += 1) commit(repository, { files: { a: `${index}` } });
  const { revision } = await follow(open());
  assert.equal(git(gitDirectory, ["rev-list", "--count", revision]), "50");
  assertSound(gitDirectory);
});

test("a tip that the branch has left meanwhile must be a transient error", async (t) => {
  const { repository, open } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  const source = open();
  const tip = await source.readTip(never);
  commit(repository, { files: { a: "2" }, orphan: true });
  git(repository, ["reflog", "expire", "--expire=now", "--all"]);
  await assert.rejects(source.fetch(tip, never), { code: "source-moved", handling: "transient", message: /branch moved/ });
  await follow(source);
});

test("a server that cannot send what it names must be transient, in its own words", async (t) => {
  const { repository, server, open } = await setUp(t);
  const blob = writeBlob(repository, "1");
  commitTree(repository, writeRawTree(repository, [{ mode: "100644", name: "a", oid: blob }]));
  rmSync(join(repository, "objects", blob.slice(0, 2), blob.slice(2)));
  const source = open();
  const tip = await source.readTip(never);
  await assert.rejects(source.fetch(tip, never), {
    code: "source-unreachable",
    handling: "transient",
    message: /could not send the commit: .*(repository corruption|unable to read)/,
  });
  assert.equal(server.requests.length, 2);
  writeBlob(repository, "1");
  await source.fetch(tip, never);
  assert.equal((await source.readTree(tip.revision, ""))?.files.length, 1);
});
