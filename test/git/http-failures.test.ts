import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import type { Source } from "../../agent/ports.ts";
import { assertFails, token } from "./assert-fails.ts";
import { commit, createRepository, temporaryDirectory } from "./git-fixture.ts";
import { type GitHttpServerOptions, startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext, options: Partial<GitHttpServerOptions> = {}) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const revision = commit(repository, { files: { a: "1" } });
  const server = await startGitHttpServer(t, { root, ...options });
  const open = (more: Partial<SourceOptions> = {}) =>
    openSource({ url: `${server.url}/repo.git`, branch: "main", gitDirectory: join(root, "store"), ...more });
  return { root, repository, revision, server, open };
}

async function follow(source: Source): Promise<void> {
  await source.fetch(await source.readTip(never), never);
}

test("a host that cannot be resolved must be transient", async (t) => {
  const { open } = await setUp(t);
  const source = open({ url: "http://host.invalid/repo.git" });
  await assertFails(source.readTip(never), {
    code: "source-unreachable",
    handling: "transient",
    message: /^http:\/\/host\.invalid\/repo\.git: the name of the host cannot be resolved/,
  });
});

test("a refused connection must be transient", async (t) => {
  const { open } = await setUp(t);
  const source = open({ url: "http://127.0.0.1:1/repo.git" });
  await assertFails(source.readTip(never), { code: "source-unreachable", handling: "transient", message: /was refused/ });
});

test("a repository that wants credentials must say how to give them", async (t) => {
  const { open } = await setUp(t, { credentials: `x-access-token:${token}` });
  await assertFails(open().readTip(never), {
    code: "source-refused",
    handling: "stalled",
    message: /asks for credentials \(401\)$/,
    hint: /repository\.tokenFile/,
  });
});

test("a wrong token must be told from a missing one, and the right one be read at each operation", async (t) => {
  const { revision, server, open } = await setUp(t, { credentials: `x-access-token:${token}` });
  let current = "wrong";
  const source = open({ token: async () => current });
  await assertFails(source.readTip(never), {
    code: "source-refused",
    handling: "stalled",
    message: /refused the token \(401\)$/,
    hint: /repository\.tokenFile/,
  });
  assert.equal(server.requests.length, 1);
  current = `${token}\n`;
  await follow(source);
  assert.equal((await source.readTree(revision, ""))?.files.length, 1);
});

test("a user name must be sent beside the token", async (t) => {
  const { revision, open } = await setUp(t, { credentials: `ann:${token}` });
  assert.equal((await open({ token: async () => token, username: "ann" }).readTip(never)).revision, revision);
});

test("a token that cannot be read must be told without its content", async (t) => {
  const { open } = await setUp(t);
  const source = open({
    token: async () => {
      throw Object.assign(new Error(token), { code: "EACCES" });
    },
  });
  await assertFails(source.readTip(never), { code: "source-refused", handling: "stalled", message: /cannot be read \(EACCES\)/ });
});

test("credentials in the address must be refused without repeating them", () => {
  for (const userinfo of [`ann:${token}`, token, `:${token}`]) {
    const open = () => openSource({ url: `https://${userinfo}@git.lan/repo.git`, branch: "main", gitDirectory: "/nowhere" });
    assert.throws(open, (error: Error & { hint?: string }) => {
      assert.match(error.message, /must not hold credentials: https:\/\/git\.lan\/repo\.git/);
      assert.match(error.hint ?? "", /tokenFile/);
      return !inspect(error, { depth: 10 }).includes(token);
    });
  }
});

test("an absent repository must be named", async (t) => {
  const { server, open } = await setUp(t);
  await assertFails(open({ url: `${server.url}/absent.git`, token: async () => token }).readTip(never), {
    code: "source-refused",
    handling: "stalled",
    message: /^there is no repository at http:\/\/127\.0\.0\.1:\d+\/absent\.git \(404\)$/,
  });
});

test("a web page must be called no Git server", async (t) => {
  const { server, open } = await setUp(t);
  server.intercept = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>Sign in</html>");
    return true;
  };
  const expected = { code: "source-refused", handling: "stalled", message: /is not a Git server: it sent text\/html/ };
  await assertFails(open().readTip(never), expected);
  await assertFails(open().fetch({ revision: "1".repeat(40), ref: "refs/heads/main" }, never), expected);
});

test("what is not the protocol must be refused", async (t) => {
  const { server, open } = await setUp(t);
  server.intercept = (request, response) => {
    request.resume();
    const kind = request.method === "GET" ? "advertisement" : "result";
    response.writeHead(200, { "content-type": `application/x-git-upload-pack-${kind}` }).end("zzzz not framed");
    return true;
  };
  await assertFails(open().readTip(never), { code: "source-refused", handling: "stalled", message: /sent no list of refs/ });
  await assertFails(open().fetch({ revision: "1".repeat(40), ref: "refs/heads/main" }, never), {
    code: "source-corrupt",
    handling: "transient",
    message: /cannot be used/,
  });
});

test("an error of the server must be transient, and what works before it stay", async (t) => {
  const { revision, server, open } = await setUp(t);
  const source = open();
  await follow(source);
  server.intercept = (request, response) => {
    request.resume();
    response.writeHead(502, { "content-type": "text/html" }).end("<html>");
    return true;
  };
  server.requests.length = 0;
  await assertFails(source.readTip(never), { code: "source-unreachable", handling: "transient", message: /answered 502$/ });
  assert.equal(server.requests.length, 1);
  assert.equal((await source.readTree(revision, ""))?.files.length, 1);
  server.intercept = () => false;
  assert.equal((await source.readTip(never)).revision, revision);
});

test("a server that asks to wait must be left alone for that long", async (t) => {
  const { revision, server, open } = await setUp(t);
  let nowMs = 1_000_000;
  const source = open({ nowMs: () => nowMs });
  server.intercept = (request, response) => {
    request.resume();
    response.writeHead(429, { "retry-after": "120" }).end();
    return true;
  };
  await assertFails(source.readTip(never), { code: "source-unreachable", handling: "transient", message: /answered 429/ });
  await assert.rejects(source.readTip(never), { retryAtMs: 1_120_000 });
  server.intercept = () => false;
  nowMs += 60_000;
  await assertFails(source.readTip(never), { code: "source-unreachable", handling: "transient", message: /again in 60 s/ });
  assert.equal(server.requests.length, 1);
  nowMs += 60_000;
  assert.equal((await source.readTip(never)).revision, revision);
});

test("a server that hangs must be cut off, before and within its answer", async (t) => {
  const { revision, server, open } = await setUp(t);
  const tip = { revision, ref: "refs/heads/main" };
  const expected = { code: "source-unreachable", handling: "transient" };
  server.intercept = () => true;
  await assertFails(open({ timeouts: { pollMs: 150 } }).readTip(never), { ...expected, message: /took longer than 0\.15 s/ });
  await assertFails(open({ timeouts: { headersMs: 150 } }).readTip(never), { ...expected, message: /no answer came in time/ });
  await assertFails(open({ timeouts: { fetchMs: 150 } }).fetch(tip, never), { ...expected, message: /took longer/ });
  server.intercept = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" }).write("0008NAK\n");
    return true;
  };
  await assertFails(open({ timeouts: { idleMs: 150 } }).readTip(never), { ...expected, message: /stopped coming/ });
  await assertFails(open({ timeouts: { idleMs: 150 } }).fetch(tip, never), { ...expected, message: /stopped coming/ });
  await assertFails(open({ timeouts: { fetchMs: 150 } }).fetch(tip, never), { ...expected, message: /took longer/ });
});

test("an answer that breaks off must be transient", async (t) => {
  const { revision, server, open } = await setUp(t);
  server.intercept = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/x-git-upload-pack-result", "content-length": "1000" });
    response.write("0008NAK\n", () => response.destroy());
    return true;
  };
  const expected = { code: "source-unreachable", handling: "transient", message: /connection was closed/ };
  await assertFails(open().readTip(never), expected);
  await assertFails(open().fetch({ revision, ref: "refs/heads/main" }, never), expected);
});

test("an abort must end what is under way at once", async (t) => {
  const { revision, server, open } = await setUp(t);
  for (const write of [false, true]) {
    for (const operation of ["readTip", "fetch"] as const) {
      const controller = new AbortController();
      server.intercept = (request, response) => {
        request.resume();
        if (write) response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" }).write("0008NAK\n");
        setImmediate(() => controller.abort());
        return true;
      };
      const source = open();
      const running =
        operation === "readTip"
          ? source.readTip(controller.signal)
          : source.fetch({ revision, ref: "refs/heads/main" }, controller.signal);
      await assertFails(running, { code: "aborted", handling: "transient", message: /was stopped/ });
    }
  }
  await assertFails(open().readTip(AbortSignal.abort()), { code: "aborted", handling: "transient", message: /was stopped/ });
});

test("a port that speaks something else must be transient", async (t) => {
  const { open } = await setUp(t);
  const other = createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n").on("error", () => {})).listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const source = open({ url: `http://127.0.0.1:${(other.address() as AddressInfo).port}/repo.git` });
  await assertFails(source.readTip(never), { code: "source-unreachable", handling: "transient", message: /^http:/ });
});
