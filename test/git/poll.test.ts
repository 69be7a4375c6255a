import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import { commit, createRepository, git, temporaryDirectory } from "./git-fixture.ts";
import { type GitHttpServerOptions, startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext, options: Partial<GitHttpServerOptions> = {}) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const server = await startGitHttpServer(t, { root, ...options });
  const gitDirectory = join(root, "store");
  const open = (branch = "main") => openSource({ url: `${server.url}/repo.git`, branch, gitDirectory });
  return { root, repository, server, open };
}

function addRefs(repository: string, oid: string, count: number): void {
  const lines = Array.from({ length: count }, (_, index) => `create refs/heads/topic-${index} ${oid}\n`);
  git(repository, ["update-ref", "--stdin"], lines.join(""));
}

// The first test of the file: later ones load what this one must not.
test("a process that only polls must not load what only a fetch, or a proxy, needs", async (t) => {
  const { repository, open } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  await open().readTip(never);
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  assert.ok(loaded.some((path) => path.includes("/undici/lib/dispatcher/")));
  assert.deepEqual(
    loaded.filter((path) => /\/isomorphic-git\/|\/undici\/(index|lib\/web\/fetch\/index|lib\/api\/api-connect)\.js/.test(path)),
    [],
  );
});

for (const refs of [1, 1000]) {
  test(`a poll of ${refs} refs must be one request of less than 1.2 KB on a kept connection`, async (t) => {
    const { repository, server, open } = await setUp(t);
    const revision = commit(repository, { files: { a: "1" } });
    addRefs(repository, revision, refs - 1);
    const source = open();
    for (const poll of [1, 2, 3]) {
      const before = server.bytes();
      assert.deepEqual(await source.readTip(never), { revision, ref: "refs/heads/main" });
      assert.equal(server.requests.length, poll);
      const bytes = server.bytes() - before;
      t.diagnostic(`${bytes} bytes`);
      assert.ok(bytes < 1200, `${bytes} bytes`);
    }
    assert.equal(server.connections(), 1);
  });
}

test("a poll must see a push", async (t) => {
  const { repository, open } = await setUp(t);
  const source = open();
  const first = commit(repository, { files: { a: "1" } });
  assert.equal((await source.readTip(never)).revision, first);
  const second = commit(repository, { files: { a: "2" } });
  assert.equal((await source.readTip(never)).revision, second);
});

test("a branch must not be taken for another whose name it begins", async (t) => {
  const { repository, open } = await setUp(t);
  commit(repository, { files: { a: "10" }, branch: "b10" });
  await assert.rejects(open("b1").readTip(never), /has no branch b1; it has b10/);
  const revision = commit(repository, { files: { a: "1" }, branch: "b1" });
  assert.equal((await open("b1").readTip(never)).revision, revision);
});

test("a missing branch must be named with those that are most like it", async (t) => {
  const { repository, open } = await setUp(t);
  const oid = commit(repository, { files: { a: "1" }, branch: "master" });
  addRefs(repository, oid, 20);
  for (const name of ["maim", "mai", "domain", "main2"]) git(repository, ["update-ref", `refs/heads/${name}`, oid]);
  await assert.rejects(open().readTip(never), {
    message: /has no branch main; it has mai, maim, main2, domain, master$/,
    code: "source-refused",
    handling: "stalled",
    hint: "check repository.branch",
  });
});

test("an empty repository must be called that", async (t) => {
  const { open } = await setUp(t);
  await assert.rejects(open().readTip(never), {
    code: "source-refused",
    handling: "stalled",
    message: /is empty: it has no branch yet/,
  });
});

test("a server without protocol version 2 must be read by the form that asks first", async (t) => {
  const { repository, server, open } = await setUp(t, { version1: true });
  const revision = commit(repository, { files: { a: "1" } });
  addRefs(repository, revision, 3);
  const source = open();
  assert.equal((await source.readTip(never)).revision, revision);
  assert.equal(server.requests.length, 2);
  assert.equal((await source.readTip(never)).revision, revision);
  assert.deepEqual(
    server.requests.slice(2).map(({ method }) => method),
    ["GET"],
  );
  await source.fetch(await source.readTip(never), never);
  assert.equal((await source.readTree(revision, ""))?.files.length, 1);
  await assert.rejects(open("gone").readTip(never), /has no branch gone; it has main, topic-0/);
});

test("a server that refuses requests without asking first must be asked, and that be remembered", async (t) => {
  const { repository, server, open } = await setUp(t);
  const revision = commit(repository, { files: { a: "1" } });
  let asked = false;
  server.intercept = (request, response) => {
    if (request.method === "GET") asked = true;
    if (asked) {
      asked = request.method === "GET";
      return false;
    }
    request.resume();
    response.writeHead(400).end();
    return true;
  };
  const source = open();
  for (const expected of [
    ["POST", "GET", "POST"],
    ["GET", "POST"],
    ["GET", "POST"],
  ]) {
    server.requests.length = 0;
    assert.equal((await source.readTip(never)).revision, revision);
    assert.deepEqual(
      server.requests.map(({ method }) => method),
      expected,
    );
  }
  await source.fetch({ revision, ref: "refs/heads/main" }, never);
  assert.equal((await source.readTree(revision, ""))?.files.length, 1);
});

test("an empty repository without protocol version 2 must be called that", async (t) => {
  const { open } = await setUp(t, { version1: true });
  await assert.rejects(open().readTip(never), { code: "source-refused", message: /is empty/ });
});

test("a connection that the server closed meanwhile must not fail the poll", async (t) => {
  const { repository, server, open } = await setUp(t);
  const revision = commit(repository, { files: { a: "1" } });
  let drop = true;
  server.intercept = (request) => {
    if (server.requests.length !== 2 || !drop) return false;
    drop = false;
    request.socket.destroy();
    return true;
  };
  const source = open();
  for (const _ of [1, 2]) assert.equal((await source.readTip(never)).revision, revision);
});
