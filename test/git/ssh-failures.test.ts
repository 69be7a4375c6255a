import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import { sshFailure } from "../../agent/git/ssh-failure.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import { assertFails } from "./assert-fails.ts";
import { commit, createRepository, manyFiles, temporaryDirectory } from "./git-fixture.ts";
import { makeKey, type SshServerOptions, sshTest, startSshServer } from "./ssh-server.ts";

const never = new AbortController().signal;
const refused = { code: "source-refused", handling: "stalled" } as const;

async function setUp(t: TestContext, options: SshServerOptions = {}) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const revision = commit(repository, { files: { a: "1" } });
  const server = await startSshServer(t, root, options);
  const open = (more: Partial<SourceOptions> = {}) =>
    openSource({
      url: server.url(repository),
      branch: "main",
      gitDirectory: join(root, "store"),
      sshKeyFile: server.keyFile,
      knownHostsFile: server.knownHostsFile,
      ...more,
    });
  return { root, repository, revision, server, open };
}

sshTest("an unknown host key must be refused, with how to add it", async (t) => {
  const { root, server, open } = await setUp(t);
  for (const content of ["", undefined, `[127.0.0.1]:${server.port + 1} ${readFileSync(join(root, "host-key.pub"), "utf8")}`]) {
    const knownHostsFile = join(root, `known-${content?.length}`);
    if (content !== undefined) writeFileSync(knownHostsFile, content);
    await assertFails(open({ knownHostsFile }).readTip(never), {
      ...refused,
      message: /^ssh:\/\/\w+@127\.0\.0\.1:\d+\/.*: the host key of 127\.0\.0\.1 is not known$/,
      hint: new RegExp(`ssh-keyscan -p ${server.port} 127\\.0\\.0\\.1 >> ${knownHostsFile}$`),
    });
  }
});

sshTest("a changed host key must be refused, and its line be named", async (t) => {
  const { root, server, open } = await setUp(t);
  const other = readFileSync(`${makeKey(join(root, "other"))}.pub`, "utf8");
  writeFileSync(server.knownHostsFile, `# a comment\n[127.0.0.1]:${server.port} ${other}`);
  await assertFails(open().readTip(never), {
    ...refused,
    message: /: the host key of 127\.0\.0\.1 is not the one in \/.*known_hosts$/,
    hint: /replace line 2 there by the output of: ssh-keyscan -p \d+ 127\.0\.0\.1; otherwise somebody stands between$/,
  });
});

sshTest("a refused key must be told, with the line to add", async (t) => {
  const { root, open } = await setUp(t);
  const sshKeyFile = makeKey(join(root, "stranger"));
  await assertFails(open({ sshKeyFile }).readTip(never), {
    ...refused,
    message: /refused the key of repository\.sshKeyFile for the user \w+$/,
    hint: /ssh-keygen -y -f \/.*stranger prints/,
  });
});

sshTest("a key that ssh cannot use must be told apart from one that is refused", async (t) => {
  const { root, server, open } = await setUp(t);
  const broken = join(root, "broken");
  writeFileSync(broken, "not a key\n", { mode: 0o600 });
  const shared = makeKey(join(root, "shared"));
  chmodSync(shared, 0o644);
  for (const [sshKeyFile, message, hint] of [
    [makeKey(join(root, "locked"), "passphrase"), /locked has a passphrase/, /ssh-keygen -p -N ''/],
    [join(root, "missing"), /missing cannot be read \(ENOENT\)$/, /repository\.sshKeyFile/],
    [broken, /broken is not a private key$/, /repository\.sshKeyFile/],
    [`${server.keyFile}.pub`, /ssh does not use .*\.pub, since others/, /./],
    [shared, /ssh does not use .*shared, since others may read it$/, /^chmod 600 /],
  ] as const) {
    await assertFails(open({ sshKeyFile }).readTip(never), { ...refused, message, hint });
  }
});

sshTest("an unknown repository must be told, by git-shell and by forges", async (t) => {
  const { server, open } = await setUp(t);
  await assertFails(open({ url: server.url("/srv/none.git") }).readTip(never), {
    ...refused,
    message: /^there is no repository at ssh:\/\/.*\/srv\/none\.git, or the key may not read it$/,
    hint: /deploy key of this repository/,
  });
  for (const text of [
    "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
    "remote: \nremote: ========\nremote: \nremote: ERROR: The project you were looking for could not be found or you don't have permission to view it.",
    "Forgejo: Cannot find repository: me/infra",
  ]) {
    const error = await explain(text, 1);
    assert.match(error.message, /^there is no repository at/, text);
  }
});

sshTest("what else the other side says must be one line", async (t) => {
  const { open } = await setUp(t, { command: "echo '*** Welcome ***'; echo; exit 3" });
  await assertFails(open().readTip(never), {
    ...refused,
    message: /sent something else than refs$/,
    hint: /nothing may be printed/,
  });
  const { open: locked } = await setUp(t, { command: "echo 'The disk is full.' >&2; exit 1" });
  await assertFails(locked().readTip(never), { ...refused, message: /refused: The disk is full\.$/ });
  const { open: lacking } = await setUp(t, { command: "exec /nonexistent/git-upload-pack" });
  await assertFails(lacking().readTip(never), { ...refused, message: /git-upload-pack cannot be run there$/ });
});

sshTest("a branch that moved while it was fetched must be transient", async (t) => {
  const { open } = await setUp(t);
  await assertFails(open().fetch({ revision: "1".repeat(40), ref: "refs/heads/main" }, never), {
    code: "source-moved",
    handling: "transient",
    message: /the branch moved while it was fetched/,
  });
});

sshTest("a server that takes the connection and then says nothing must be given up, and be stopped at once", async (t) => {
  const { open } = await setUp(t, { command: "sleep 60" });
  const transient = { code: "source-unreachable", handling: "transient" } as const;
  const short = { connectMs: 2000, headersMs: 100, idleMs: 100 };
  await assertFails(open({ timeouts: short }).readTip(never), { ...transient, message: /no answer came in time$/ });
  await assertFails(open({ timeouts: { pollMs: 700 } }).readTip(never), { ...transient, message: /took longer than 0\.7 s$/ });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  await assertFails(open().readTip(stop.signal), { code: "aborted", handling: "transient", message: /was stopped$/ });
  await assertFails(open().readTip(stop.signal), { code: "aborted", handling: "transient", message: /was stopped$/ });
});

sshTest("an answer that breaks off must fail the fetch", async (t) => {
  const { repository, open } = await setUp(t, {
    command: 'git-shell -c \\"$SSH_ORIGINAL_COMMAND\\" | dd bs=1 count=20000 status=none',
  });
  const revision = commit(repository, { files: manyFiles(50) });
  await assertFails(open().fetch({ revision, ref: "refs/heads/main" }, never), {
    code: "source-corrupt",
    handling: "transient",
    message: /./,
  });
});

test("hosts and ports where no sshd is must be transient", async (t) => {
  const root = temporaryDirectory(t);
  const options = { branch: "main", gitDirectory: join(root, "store"), sshKeyFile: makeKey(join(root, "key")) };
  const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n").on("error", () => {})).listen(
    0,
    "127.0.0.1",
  );
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await Promise.all([once(web, "listening"), once(silent, "listening")]);
  t.after(() => [web, silent].map((server) => server.close()));
  const portOf = (server: typeof web) => (server.address() as AddressInfo).port;
  for (const [at, message] of [
    ["127.0.0.1:1", /the connection was refused$/],
    ["host.invalid", /the name of the host cannot be resolved$/],
    [`127.0.0.1:${portOf(web)}`, /the connection was closed$/],
    [`127.0.0.1:${portOf(silent)}`, /connecting took too long$/],
  ] as const) {
    const source = openSource({ ...options, url: `ssh://git@${at}/x.git`, timeouts: { connectMs: 1000 } });
    await assertFails(source.readTip(never), { code: "source-unreachable", handling: "transient", message });
  }
});

test("a missing ssh, and words that nobody expected, must be told in one line", async () => {
  const missing = await explain("", undefined, { startError: "ENOENT" });
  assert.match(missing.message, /ssh is not installed on this host$/);
  assert.equal(missing.handling, "stalled");
  const odd = await explain("debug: x\n\u001b[31mSomething\u0007 odd\r\n", 255);
  assert.match(odd.message, /: Something +odd$/);
  assert.match(
    (await explain("Unable to negotiate with 1.2.3.4 port 22: no matching host key type found. Their offer: ssh-dss", 255))
      .message,
    /only algorithms/,
  );
  assert.match((await explain("fatal: detected dubious ownership in repository at '/srv/x'", 128)).hint ?? "", /safe\.directory/);
});

async function explain(stderr: string, exitCode: number | undefined, more: { startError?: string } = {}) {
  const address = { user: "git", host: "git.lan", port: 22, path: "/x" };
  const context = { shown: "git@git.lan:/x", address, keyFile: "/nowhere/key", knownHostsFile: "/nowhere/known_hosts" };
  const error = await sshFailure({ exitCode, stderr, timedOut: false, ...more }, context);
  assert.ok(isHoldfastError(error) && !/[\u0000-\u001f]/.test(error.message));
  return error;
}
