import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, describe, test } from "node:test";
import { runCommand } from "../engine/run-command.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { createCertificate } from "./certificate.ts";
import { gitEnvironment } from "./git-repository.ts";
import { startGitServer } from "./git-server.ts";
import { createTemporaryDirectory } from "./temporary-directory.ts";

const work = createTemporaryDirectory();

async function git(...args: string[]): Promise<string> {
  return (await runCommand(["git", ...args], { cwd: work, environment: gitEnvironment })).stdout.trim();
}

describe("git server", async () => {
  const server = await startGitServer();
  const repository = await server.createRepository("infra.git");
  after(() => server.stop());
  afterEach(() => {
    server.fail = null;
    server.hang = false;
    server.cutAfterBytes = null;
  });

  test("a commit must be clonable with its files and deletions", async () => {
    await repository.commit({
      "a.txt": "one\n",
      'deep/b "é".txt': "two\n",
      "run.sh": { content: "#!/bin/sh\n", mode: "100755" },
    });
    const oid = await repository.commit({ "a.txt": "three\n", "run.sh": null }, { message: "Second" });
    await git("clone", "--quiet", repository.url, "one");
    assert.equal(await git("-C", "one", "rev-parse", "HEAD"), oid);
    assert.equal(readFileSync(join(work, "one/a.txt"), "utf8"), "three\n");
    assert.deepEqual((await git("-C", "one", "-c", "core.quotePath=false", "ls-files", "-z")).split("\0").filter(Boolean), [
      "a.txt",
      'deep/b "é".txt',
    ]);
    assert.equal(await git("-C", "one", "fsck", "--strict"), "");
  });

  test("a push over HTTP must arrive", async () => {
    await git("clone", "--quiet", repository.url, "two");
    writeFileSync(join(work, "two/pushed.txt"), "x".repeat(2_000_000));
    await git("-C", "two", "add", ".");
    await git("-C", "two", "commit", "--quiet", "-m", "Pushed");
    await git("-C", "two", "push", "--quiet", "origin", "main");
    assert.equal(await repository.resolve("main"), await git("-C", "two", "rev-parse", "HEAD"));
  });

  test("protocol 2 must be passed on and counted", async () => {
    server.resetCounters();
    const oid = await repository.resolve("main");
    assert.equal(await git("ls-remote", repository.url, "refs/heads/main"), `${oid}\trefs/heads/main`);
    assert.deepEqual(
      server.requests.map((request) => [request.method, request.protocol]),
      [
        ["GET", "version=2"],
        ["POST", "version=2"],
      ],
    );
    assert.ok(server.bytesReceived > 100 && server.bytesReceived < 3_000, String(server.bytesReceived));
    assert.ok(server.bytesSent > 100 && server.bytesSent < 3_000, String(server.bytesSent));
  });

  test("switched on faults must fail requests and end with the switch", async () => {
    server.fail = 503;
    await assert.rejects(git("ls-remote", repository.url), /503/);
    server.fail = null;
    server.cutAfterBytes = 20;
    await assert.rejects(git("ls-remote", repository.url));
    server.cutAfterBytes = null;
    server.hang = true;
    server.resetCounters();
    const hanging = assert.rejects(git("ls-remote", repository.url));
    await waitUntil("the request has arrived", () => server.requests.length > 0);
    server.hang = false;
    await hanging;
    await server.goDown();
    await assert.rejects(git("ls-remote", repository.url), /connect/i);
    await server.comeUp();
    assert.ok(await git("ls-remote", repository.url));
  });

  test("a forced new history must replace the old one", async () => {
    const before = await repository.resolve("main");
    const oid = await repository.commit({ "only.txt": "1" }, { parent: null });
    assert.notEqual(oid, before);
    assert.equal(await repository.git(["rev-list", "--count", "main"]), "1");
    assert.equal(await repository.git(["ls-tree", "-r", "--name-only", "main"]), "only.txt");
  });

  test("a signed commit must verify", async () => {
    const key = join(work, "key");
    await runCommand(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", key]);
    const oid = await repository.commit({ "signed.txt": "1" }, { signingKeyFile: key, message: "Signed\n\nBody" });
    writeFileSync(join(work, "allowed"), `test@example.org ${readFileSync(`${key}.pub`, "utf8")}`);
    const settings = ["-c", "gpg.format=ssh", "-c", `gpg.ssh.allowedSignersFile=${join(work, "allowed")}`];
    await repository.git([...settings, "verify-commit", oid]);
  });
});

test("credentials and TLS must be required when asked for", async () => {
  const certificate = await createCertificate();
  const server = await startGitServer({ auth: { username: "me", password: "p:w" }, tls: certificate });
  const repository = await server.createRepository("private.git");
  await repository.commit({ "a.txt": "1" });
  mkdirSync(join(work, "home"));
  const trusted = ["-c", `http.sslCAInfo=${certificate.certFile}`];
  await assert.rejects(git(...trusted, "ls-remote", repository.url), /Username|could not read/);
  assert.match(await git(...trusted, "ls-remote", repository.url.replace("//", "//me:p%3Aw@")), /refs\/heads\/main/);
  await assert.rejects(git("ls-remote", repository.url), /certificate/i);
  await server.stop();
});
