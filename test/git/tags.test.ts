import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseFollowed } from "../../agent/git/followed.ts";
import { openSource } from "../../agent/git/open-source.ts";
import { selectTag } from "../../agent/git/select-tag.ts";
import { assertSound, commit, createRepository, git, listWithGit, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";
import { startSshServer } from "./ssh-server.ts";

const never = new AbortController().signal;

test("the highest version among the tags that match must be chosen", () => {
  for (const [pattern, names, expected] of [
    ["v*", ["v1.9.0", "v1.10.0", "v1.2.30"], "v1.10.0"],
    ["v*", ["v1.0.0", "v2.0.0-rc.1", "nightly", "v3", "v2"], "v1.0.0"],
    ["v*-rc*", ["v1.0.0", "v2.0.0-rc.1", "v2.0.0-rc.11", "v2.0.0-rc.2"], "v2.0.0-rc.11"],
    ["v1.*", ["v1.4.0", "v2.0.0", "v10.0.0"], "v1.4.0"],
    ["v1.?.0", ["v1.4.0", "v1.10.0"], "v1.4.0"],
    ["*", ["1.0.0", "v1.1.0", "release/1.2.0", "infra-v1.3.0"], "infra-v1.3.0"],
    ["infra-v*", ["infra-v1.0.0", "infra-v1.1.0-rc.1", "web-v2.0.0"], "infra-v1.0.0"],
    ["node2-v*", ["node2-v1.0.0", "node2-v1.1.0-rc.1"], "node2-v1.0.0"],
    ["release-2024-*", ["release-2024-1.2.3", "release-2024-1.10.0"], "release-2024-1.10.0"],
    ["*", ["v1.0.0+b", "1.0.0+a"], "v1.0.0+b"],
    ["*", ["v1.0.0", "1.0.0"], "1.0.0"],
    ["v1.0.0", ["v1.0.0", "v1.0.1", "v1x0.0"], "v1.0.0"],
    ["v*", ["v01.2.3", "v1.2", "1.0.0", ""], undefined],
    ["v(*", ["v1.0.0"], undefined],
  ] as const) {
    assert.equal(selectTag(pattern, names), expected, `${pattern} of ${names.join(" ")}`);
    assert.equal(selectTag(pattern, names.toReversed()), expected);
  }
});

test("patterns that can name no tag must be refused when the agent starts, and a branch beside one", () => {
  for (const tag of ["", "-v*", "v *", "refs/tags/v*", "v..*", "v*/", "v[12]", "v*\n", "v:*"]) {
    assert.throws(() => parseFollowed({ tag }), { code: "configuration-invalid", handling: "stalled" }, tag);
  }
  assert.throws(() => parseFollowed({ branch: "main", tag: "v*" }), { message: /exclude each other$/ });
  assert.deepEqual(parseFollowed({}), { kind: "branch", ref: "refs/heads/main" });
});

/** A repository with a source over each way of reaching it. */
async function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const ways: [string, (gitDirectory: string) => Parameters<typeof openSource>[0]][] = [];
  const http = await startGitHttpServer(t, { root });
  const old = await startGitHttpServer(t, { root, version1: true });
  const ssh = await startSshServer(t, root).catch(() => undefined);
  ways.push(["http", (gitDirectory) => ({ url: `${http.url}/repo.git`, tag: "v*", gitDirectory })]);
  ways.push(["http-v1", (gitDirectory) => ({ url: `${old.url}/repo.git`, tag: "v*", gitDirectory })]);
  ways.push(["local", (gitDirectory) => ({ url: repository, tag: "v*", gitDirectory })]);
  if (ssh !== undefined) {
    ways.push(["ssh", (gitDirectory) => ({ url: ssh.url(repository), tag: "v*", gitDirectory, sshKeyFile: ssh.keyFile })]);
  }
  const sources = ways.map(([name, options]) => {
    const gitDirectory = join(root, `store-${name}`);
    return { name, gitDirectory, source: openSource(options(gitDirectory)) };
  });
  return { repository, http, sources };
}

test("tags must be followed up and down, annotated ones to their commit", async (t) => {
  const { repository, http, sources } = await setUp(t);
  const commits = [1, 2, 3].map((number) => commit(repository, { files: { a: String(number) } }));
  const [first = "", second = "", third = ""] = commits;
  const steps: [() => void, string, string, boolean][] = [
    [() => git(repository, ["tag", "v1.0.0", first]), "v1.0.0", first, false],
    [() => git(repository, ["tag", "-a", "-m", "ten", "v1.10.0", second]), "v1.10.0", second, true],
    [() => git(repository, ["pack-refs", "--all"]), "v1.10.0", second, true],
    [() => git(repository, ["tag", "-a", "-m", "two", "v1.9.0", third]), "v1.10.0", second, true],
    [() => git(repository, ["tag", "-a", "-f", "-m", "of a tag", "v1.11.0", "v1.9.0"]), "v1.11.0", third, true],
    [() => git(repository, ["tag", "-a", "-f", "-m", "again", "v1.11.0", third]), "v1.11.0", third, true],
    [() => git(repository, ["tag", "-d", "v1.11.0", "v1.10.0", "v1.9.0"]), "v1.0.0", first, false],
  ];
  for (const [change, name, revision, annotated] of steps) {
    change();
    const ref = `refs/tags/${name}`;
    const tag = annotated ? git(repository, ["rev-parse", ref]) : undefined;
    for (const { name: way, source, gitDirectory } of sources) {
      const before = http.requests.length;
      const tip = await source.readTip(never);
      assert.deepEqual(tip, { revision, ref, ...(tag === undefined ? {} : { tag }) }, way);
      if (way === "http") assert.equal(http.requests.length, before + 1);
      await source.fetch(tip, never);
      assert.deepEqual((await source.readTree(revision, ""))?.files, listWithGit(repository, revision), way);
      if (way === "local") continue;
      assertSound(gitDirectory);
      if (tag !== undefined) assert.equal(git(gitDirectory, ["cat-file", "-t", tag]), "tag", way);
    }
  }
});

test("no tag that is a version must be told with those that are there", async (t) => {
  const { repository, sources } = await setUp(t);
  const oid = commit(repository, { files: { a: "1" } });
  const stalled = { code: "source-refused", handling: "stalled" };
  for (const { source, name } of sources)
    await assert.rejects(source.readTip(never), { ...stalled, message: /has no tag yet$/ }, name);
  for (const name of ["v1", "1.0.0", "v2.0.0-rc.1"]) git(repository, ["tag", name, oid]);
  for (const { source, name } of sources) {
    const message = /has no tag that matches v\* and is a version; it has v1, 1\.0\.0, v2\.0\.0-rc\.1$/;
    await assert.rejects(source.readTip(never), { ...stalled, message, hint: /^check repository\.tag; / }, name);
  }
});

test("a poll of 2000 tags must be one request that names only those that can match", async (t) => {
  const { repository, http, sources } = await setUp(t);
  const oid = commit(repository, { files: { a: "1" } });
  const lines = Array.from({ length: 2000 }, (_, index) => `create refs/tags/build-${index} ${oid}\n`);
  git(repository, ["update-ref", "--stdin"], lines.join(""));
  git(repository, ["tag", "v1.0.0", oid]);
  const before = http.bytes();
  assert.equal((await sources[0]?.source.readTip(never))?.revision, oid);
  assert.ok(http.bytes() - before < 1200);
});
