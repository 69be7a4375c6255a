import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { resolveRevision } from "../../agent/git/resolve-revision.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import { commit, createRepository, git, temporaryDirectory } from "./git-fixture.ts";

test("a revision must be named as Git names it", async (t) => {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const first = commit(repository, { files: { a: "1" } });
  const second = commit(repository, { files: { a: "2" } });
  git(repository, ["tag", "light", first]);
  git(repository, ["tag", "-a", "-m", "heavy", "heavy", first]);
  git(repository, ["branch", "feature/x", first]);
  git(repository, ["update-ref", "refs/remotes/origin/main", first]);
  git(repository, ["update-ref", "refs/pull/7/merge", first]);
  const expected: Readonly<Record<string, string>> = {
    HEAD: second,
    "@": second,
    main: second,
    "refs/heads/main": second,
    "HEAD~1": first,
    "HEAD^": first,
    "main~": first,
    light: first,
    heavy: first,
    "feature/x": first,
    "origin/main": first,
    "refs/pull/7/merge": first,
    [second]: second,
    [first.slice(0, 10)]: first,
    [`${second.slice(0, 12)}~1`]: first,
  };
  for (const [name, oid] of Object.entries(expected)) assert.equal(await resolveRevision(repository, name), oid, name);
  git(repository, ["gc", "-q", "--prune=now"]);
  for (const [name, oid] of Object.entries(expected))
    assert.equal(await resolveRevision(repository, name), oid, `packed: ${name}`);

  const checkout = join(root, "checkout");
  git(root, ["clone", "-q", repository, checkout]);
  git(checkout, ["worktree", "add", "-q", "--detach", join(root, "worktree"), "origin/feature/x"]);
  assert.equal(await resolveRevision(checkout, "HEAD"), second);
  assert.equal(await resolveRevision(join(root, "worktree"), "HEAD"), first, "a worktree has a HEAD of its own");
  assert.equal(await resolveRevision(join(root, "worktree"), "main"), second, "and shares the branches");
});

test("a name that means no commit must be told with what to do", async (t) => {
  const repository = createRepository(temporaryDirectory(t));
  const revision = commit(repository, { files: { a: "1" } });
  // What a path would lead to must not be read as a ref.
  writeFileSync(join(repository, "outside"), `${revision}\n`);
  for (const name of [
    "nothing",
    "HEAD~1",
    "0".repeat(40),
    "../outside",
    "heads/../../outside",
    "-x",
    "a b",
    "~",
    git(repository, ["rev-parse", "HEAD^{tree}"]),
  ]) {
    await assert.rejects(
      resolveRevision(repository, name),
      (cause) =>
        isHoldfastError(cause) &&
        cause.code === "revision-missing" &&
        /has no commit/.test(cause.message) &&
        /shallow/.test(cause.hint ?? ""),
      name,
    );
  }
});
