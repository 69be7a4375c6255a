import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import type { Source } from "../../agent/ports.ts";
import { assertSound, commit, createRepository, git, listWithGit, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";
import { sshTest, startSshServer } from "./ssh-server.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const server = await startGitHttpServer(t, { root });
  const gitDirectory = join(root, "store");
  const open = (more: Partial<SourceOptions> = {}) =>
    openSource({ url: `${server.url}/repo.git`, gitDirectory, allowForcePush: false, ...more });
  return { root, repository, server, gitDirectory, open };
}

async function judge(source: Source, accepted?: string): Promise<string | undefined> {
  const tip = await source.readTip(never);
  await source.fetch(tip, never);
  return source.judge(tip, accepted, never);
}

/** Adds commits to main at once, and returns the last one's id. */
function commitMany(repository: string, count: number): string {
  const parent = git(repository, ["rev-parse", "main"]);
  const lines = Array.from({ length: count }, (_, index) => {
    const from = index === 0 ? `from ${parent}\n` : "";
    const file = `file ${index}`;
    return `commit refs/heads/main\ncommitter C <c@x> ${1_700_000_000 + index} +0000\ndata 1\nx\n${from}M 100644 inline n\ndata ${file.length}\n${file}\n`;
  });
  git(repository, ["fast-import", "--quiet"], lines.join("\n"));
  return git(repository, ["rev-parse", "main"]);
}

test("a tip that descends from what was accepted must pass, and one that does not be refused", async (t) => {
  const { root, repository, open } = await setUp(t);
  for (const source of [open(), open({ url: repository, gitDirectory: join(root, "unused") })]) {
    const first = commit(repository, { files: { a: "1" } });
    assert.equal(await judge(source), undefined, "the first one");
    assert.equal(await judge(source, first), undefined, "the same");
    const second = commitMany(repository, 3);
    assert.equal(await judge(source, first), undefined);
    git(repository, ["update-ref", "refs/heads/main", first]);
    assert.match(
      (await judge(source, second)) ?? "",
      new RegExp(`^${first.slice(0, 12)} does not descend from ${second.slice(0, 12)}, `),
    );
    commit(repository, { files: { a: "2" } });
    assert.match((await judge(source, second)) ?? "", /the history was rewritten \(repository\.allowForcePush\)$/);
    commit(repository, { files: { a: "3" }, orphan: true });
    assert.match((await judge(source, second)) ?? "", /does not descend/);
    assert.match((await judge(source, "1".repeat(40))) ?? "", /does not descend/, "a revision that nobody knows any more");
    assert.equal(await judge(open({ allowForcePush: true }), second), undefined);
  }
});

for (const over of ["http", "ssh"]) {
  const testOver = over === "ssh" ? sshTest : test;
  testOver(`what the last 50 commits do not tell must be asked for over ${over}, until it is told`, async (t) => {
    const { root, repository, gitDirectory, open } = await setUp(t);
    const ssh = over === "ssh" ? await startSshServer(t, root) : undefined;
    const source = open(ssh === undefined ? {} : { url: ssh.url(repository), sshKeyFile: ssh.keyFile });
    const root1 = commit(repository, { files: { a: "1" } });
    const base = commitMany(repository, 700);
    const tip = commitMany(repository, 120);
    assert.equal(await judge(source, base), undefined, "120 commits back");
    assertSound(gitDirectory);
    assert.equal(await judge(source, root1), undefined, "820 commits back");
    assertSound(gitDirectory);
    assert.deepEqual((await source.readTree(tip, ""))?.files, listWithGit(repository, tip));
    assert.match((await judge(source, "1".repeat(40))) ?? "", /does not descend/);
    const next = commitMany(repository, 1);
    assert.equal(await judge(source, tip), undefined, "and going on from there");
    assert.deepEqual((await source.readTree(next, ""))?.files, listWithGit(repository, next));
    assertSound(gitDirectory);
  });
}

test("a history larger than the cap must refuse the tip, and leave it to be read", async (t) => {
  const { repository, open } = await setUp(t);
  commit(repository, { files: { big: randomBytes(3 * 1024 * 1024) } });
  const base = commit(repository, { files: { big: "small" } });
  const tip = commitMany(repository, 100);
  const source = open({ limits: { packBytes: 1024 * 1024 } });
  assert.equal(await judge(source, tip), undefined);
  assert.match((await judge(source, base)) ?? "", /cannot be told: http:.* sent more than 1 MiB for a fetch$/);
  assert.deepEqual((await source.readTree(tip, ""))?.files, listWithGit(repository, tip));
});
