import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import { assertSound, createRepository, git, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;

test("the messages since a revision must be those of what was added, merged branches included, and none of before", async (t) => {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const server = await startGitHttpServer(t, { root });
  const gitDirectory = join(root, "store");
  const tree = git(repository, ["mktree"], "");
  const commit = (message: string, ...parents: string[]): string =>
    git(repository, ["commit-tree", tree, "-m", message, ...parents.flatMap((parent) => ["-p", parent])]);
  const first = commit("first");
  const side = commit("side: begun before", first);
  const accepted = commit("accepted", first);
  const later = commit("side: ended after", side);
  const merge = commit("merge", accepted, later);
  const tip = commit("tip", merge);
  git(repository, ["update-ref", "refs/heads/main", tip]);

  const remote = openSource({ url: `${server.url}/repo.git`, gitDirectory });
  for (const source of [remote, openSource({ url: repository, gitDirectory: join(root, "unused") })]) {
    await source.fetch(await source.readTip(never), never);
    const read = async (since?: string) => (await source.readMessages(tip, since)).map((message) => message.trim());
    assert.deepEqual((await read(accepted)).sort(), ["merge", "side: begun before", "side: ended after", "tip"]);
    assert.deepEqual(await read(tip), []);
    assert.deepEqual(await read(), ["tip"]);
    assert.deepEqual(await read("1".repeat(40)), ["tip"], "a revision that nobody knows any more");
    source.release();
  }
  await assertSound(gitDirectory);
});
