import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import { assertSound, commit, createRepository, git, listWithGit, manyFiles, temporaryDirectory } from "./git-fixture.ts";
import { type SshServerOptions, sshTest, startSshServer } from "./ssh-server.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext, options: SshServerOptions = {}, name = "repo.git") {
  const root = temporaryDirectory(t);
  const repository = createRepository(root, name);
  const server = await startSshServer(t, root, options);
  const gitDirectory = join(root, "store");
  const { keyFile, knownHostsFile } = server;
  const open = (more: Partial<SourceOptions> = {}) =>
    openSource({
      url: server.url(encodeURI(repository)),
      branch: "main",
      gitDirectory,
      sshKeyFile: keyFile,
      knownHostsFile,
      ...more,
    });
  return { root, repository, server, gitDirectory, open };
}

for (const version2 of [true, false]) {
  const version = version2 ? "2" : "1";
  sshTest(`a repository must be followed over ssh with protocol version ${version}, through a force-push`, async (t) => {
    const { repository, server, gitDirectory, open } = await setUp(t, { version2 });
    const source = open();
    commit(repository, { files: manyFiles(40) });
    for (const change of [{}, { orphan: true }, {}, {}]) {
      const revision = commit(repository, {
        files: { a: randomBytes(8), [`b/${randomBytes(4).toString("hex")}`]: "1" },
        ...change,
      });
      git(repository, ["update-ref", `refs/heads/${"topic-".repeat(10)}${revision}`, revision]);
      const before = server.logins();
      const tip = await source.readTip(never);
      assert.deepEqual(tip, { revision, ref: "refs/heads/main" });
      assert.equal(server.logins(), before + 1);
      await source.fetch(tip, never);
      assert.equal(server.logins(), before + 2);
      assert.deepEqual((await source.readTree(revision, ""))?.files, listWithGit(repository, revision));
      assertSound(gitDirectory);
      await source.fetch(await source.readTip(never), never);
      assert.equal(server.logins(), before + 3, "a fetch of what is there must connect to nobody");
    }
  });
}

sshTest("one more commit must not bring the whole tree again", async (t) => {
  const { repository, gitDirectory, open } = await setUp(t);
  commit(repository, { files: manyFiles(200) });
  const source = open();
  await source.fetch(await source.readTip(never), never);
  commit(repository, { files: { a: "1" } });
  await source.fetch(await source.readTip(never), never);
  const packs = join(gitDirectory, "objects/pack");
  const sizes = readdirSync(packs)
    .filter((name) => name.endsWith(".pack"))
    .map((name) => readFileSync(join(packs, name)).length);
  assert.equal(sizes.length, 2);
  assert.ok(Math.min(...sizes) < 4096, `${sizes} bytes`);
});

sshTest("a path with spaces and quotes must reach the server as it is", async (t) => {
  const { repository, open } = await setUp(t, {}, "it's a $HOME; `repo`!.git");
  const revision = commit(repository, { files: { a: "1" } });
  assert.equal((await open().readTip(never)).revision, revision);
});

sshTest("host keys must be found beside the key when no file is named", async (t) => {
  const { repository, server, open } = await setUp(t);
  const revision = commit(repository, { files: { a: "1" } });
  const source = openSource({
    url: server.url(repository),
    branch: "main",
    gitDirectory: "/nowhere",
    sshKeyFile: server.keyFile,
  });
  assert.equal((await source.readTip(never)).revision, revision);
  assert.equal((await open().readTip(never)).revision, revision);
});

sshTest("a missing branch and an empty repository must be named as over HTTP", async (t) => {
  for (const version2 of [true, false]) {
    const { repository, open } = await setUp(t, { version2 });
    await assert.rejects(open().readTip(never), { code: "source-refused", message: /is empty: it has no branch yet/ });
    commit(repository, { files: { a: "1" }, branch: "master" });
    await assert.rejects(open().readTip(never), { code: "source-refused", message: /has no branch main; it has master$/ });
  }
});

sshTest("a repository larger than the cap must be refused over ssh too, and leave no process", async (t) => {
  const { repository, server, open } = await setUp(t);
  commit(repository, { files: { video: randomBytes(3 * 1024 * 1024) } });
  const source = open({ limits: { packBytes: 1024 * 1024 } });
  await assert.rejects(source.fetch(await source.readTip(never), never), {
    code: "source-too-large",
    handling: "stalled",
    message: `${server.url(repository)} sent more than 1 MiB for a fetch`,
  });
  assert.deepEqual(childrenNamedSsh(), []);
});

sshTest("ssh must get nothing of the agent's environment", async (t) => {
  process.env["HOLDFAST_TEST_SECRET"] = "s3cret";
  t.after(() => delete process.env["HOLDFAST_TEST_SECRET"]);
  const { open } = await setUp(t, { command: "sleep 60" });
  const stop = new AbortController();
  const reading = open().readTip(stop.signal);
  let environment: string[] = [];
  while (environment.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [pid] = childrenNamedSsh();
    if (pid !== undefined) environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  }
  stop.abort();
  await assert.rejects(reading, { code: "aborted" });
  assert.deepEqual(environment.map((line) => line.split("=")[0]).sort(), ["GIT_PROTOCOL", "LC_ALL", "PATH"]);
  assert.deepEqual(childrenNamedSsh(), []);
});

/** Process ids of this process's children that are `ssh`. */
function childrenNamedSsh(): string[] {
  const tasks = readdirSync("/proc/self/task");
  const pids = tasks.flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean));
  return pids.filter((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "ssh");
}
