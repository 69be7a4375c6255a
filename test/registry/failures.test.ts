import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { createCertificate } from "../servers/certificate.ts";
import { pushImage } from "../servers/push-image.ts";
import { startRegistry } from "../servers/registry.ts";
import { assertFails, user } from "./assert-fails.ts";
import { describeAuth, never, openTestRegistry, startRegistryFor, temporaryDirectory, writeDockerConfig } from "./fixture.ts";
import { startFront } from "./start-front.ts";

const START_MS = 1_700_000_000_000;
const refused = { code: "registry-refused", handling: "stalled" };
const unreachable = { code: "registry-unreachable", handling: "transient" };

async function setUp(t: TestContext) {
  const server = await startRegistryFor(t);
  const front = await startFront(t, server.url);
  const { digest } = await pushImage({ url: server.url, repository: "app" }, "1", { text: "one" });
  const clock = { nowMs: START_MS };
  const registry = openTestRegistry(t, { nowMs: () => clock.nowMs });
  return { server, front, digest, clock, registry, image: `${front.host}/app:1` };
}

test("a tag that is not there must be told", async (t) => {
  const { front, registry } = await setUp(t);
  await assertFails(registry.readDigest(`${front.host}/app:2`, never), {
    ...refused,
    message: /^127\.0\.0\.1:\d+\/app:2 is not in its registry \(404 from 127\.0\.0\.1:\d+\)$/,
    hint: /check repository and tag/,
  });
  assert.deepEqual(front.take(), ["HEAD /v2/app/manifests/2"]);
});

test("a registry that leaves out the digest, or knows no HEAD, must be asked for the manifest", async (t) => {
  const { front, digest, registry, image } = await setUp(t);
  const both = ["HEAD /v2/app/manifests/1", "GET /v2/app/manifests/1"];
  front.alter = ({ "docker-content-digest": _left, ...headers }) => headers;
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual(front.take(), both);
  front.alter = (headers) => headers;
  front.intercept = (request, response) => {
    if (request.method !== "HEAD") return false;
    response.writeHead(405).end();
    return true;
  };
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual(front.take(), both);
});

test("what is no manifest must not be taken for one", async (t) => {
  const { front, registry, image } = await setUp(t);
  front.intercept = (_request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in to the hotel's network</html>");
    return true;
  };
  await assertFails(registry.readDigest(image, never), { ...refused, message: /sent no manifest but text\/html$/ });
  front.intercept = (_request, response) => {
    response.writeHead(200, { "content-type": "application/vnd.oci.image.index.v1+json" }).end(Buffer.alloc(5 * 1024 * 1024));
    return true;
  };
  await assertFails(registry.readDigest(image, never), { ...refused, message: /its manifest is larger than 4194304 bytes$/ });
});

test("a registry that asks to wait must be left alone for that long", async (t) => {
  const { front, digest, clock, registry, image } = await setUp(t);
  front.intercept = (_request, response) => {
    response.writeHead(429, { "retry-after": "120" }).end();
    return true;
  };
  const retryAtMs = START_MS + 120_000;
  await assertFails(registry.readDigest(image, never), { ...unreachable, message: /answered 429$/, retryAtMs });
  front.intercept = () => false;
  front.take();
  clock.nowMs += 119_000;
  const held = {
    code: "registry-refused",
    handling: "transient",
    message: /asked to wait; it is asked again in 1 s$/,
    retryAtMs,
  };
  await assertFails(registry.readDigest(image, never), held);
  assert.deepEqual(front.take(), []);
  clock.nowMs += 1_000;
  assert.equal(await registry.readDigest(image, never), digest);
});

test("what a registry allows must be left to pulls when little of it is left", async (t) => {
  const { front, digest, clock, registry, image } = await setUp(t);
  front.alter = (headers) => ({ ...headers, "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "10;w=21600" });
  assert.equal(await registry.readDigest(image, never), digest);
  front.take();
  await assertFails(registry.readDigest(image, never), {
    code: "registry-refused",
    handling: "transient",
    message: /allows only 10 more requests, which are left to pulls; it is asked again in 21600 s$/,
    hint: /pulls count/,
    retryAtMs: START_MS + 21_600_000,
  });
  assert.deepEqual(front.take(), []);
  // A clock that was put back by a day must not make it a day.
  clock.nowMs -= 86_400_000;
  assert.equal(await registry.readDigest(image, never), digest);
});

test("a redirect to another host must be followed without the password", async (t) => {
  const server = await startRegistryFor(t, { auth: user });
  const basic = `Basic ${describeAuth(user).auth}`;
  await pushImage({ url: server.url, repository: "app", authorization: basic }, "1", { text: "one" });
  const open = await setUp(t);
  const front = await startFront(t, server.url);
  front.intercept = (request, response) => {
    if (request.headers.authorization === undefined) return false;
    response.writeHead(307, { location: `${open.front.url}${request.url}` }).end();
    return true;
  };
  const configFile = writeDockerConfig(t, { auths: { [front.host]: describeAuth(user), [open.front.host]: describeAuth(user) } });
  const registry = openTestRegistry(t, { configFile });
  assert.equal(await registry.readDigest(`${front.host}/app:1`, never), open.digest);
  assert.deepEqual(
    open.front.requests.map(({ headers }) => headers.authorization),
    [undefined],
  );
  open.front.take();
  open.front.intercept = (_request, response) => {
    response.writeHead(401, { "www-authenticate": `Bearer realm="${open.front.url}/token"` }).end();
    return true;
  };
  await assertFails(registry.readDigest(`${front.host}/app:1`, never), {
    ...refused,
    message: /:1: 127\.0\.0\.1:\d+, where 127\.0\.0\.1:\d+ redirects to, answered 401$/,
    hint: /never sent to where a redirect leads/,
  });
  // Nor does it choose who gets them as a token service.
  assert.deepEqual(
    open.front.requests.map(({ path, headers }) => [path, headers.authorization]),
    [["/v2/app/manifests/1", undefined]],
  );
});

test("a redirect in a circle, or to what is no web address, must not be followed", async (t) => {
  const { front, registry, image } = await setUp(t);
  for (const location of ["/v2/app/manifests/1", "ftp://127.0.0.1/app"]) {
    front.intercept = (_request, response) => {
      response.writeHead(302, { location }).end();
      return true;
    };
    await assertFails(registry.readDigest(image, never), { ...refused, message: /redirects to \S+, which is not followed$/ });
  }
});

test("a registry that does not run must be told, and asked again when it does", async (t) => {
  const directory = temporaryDirectory(t);
  const first = await startRegistry({ directory });
  t.after(() => first.stop());
  const { digest } = await pushImage({ url: first.url, repository: "app" }, "1", { text: "one" });
  const registry = openTestRegistry(t);
  const image = `${first.host}/app:1`;
  assert.equal(await registry.readDigest(image, never), digest);
  await first.stop();
  const message = /\/app:1: 127\.0\.0\.1:\d+: the connection was (refused|closed)$/;
  await assertFails(registry.readDigest(image, never), { ...unreachable, message });
  await assertFails(registry.readDigest(image, never), { ...unreachable, message });
  await startRegistryFor(t, { directory, port: first.port });
  assert.equal(await registry.readDigest(image, never), digest);
});

test("a registry that speaks TLS by now, or no TLS any more, must be found again", async (t) => {
  const certificate = await createCertificate();
  const directory = temporaryDirectory(t);
  const first = await startRegistry({ directory });
  t.after(() => first.stop());
  const { digest } = await pushImage({ url: first.url, repository: "app" }, "1", { text: "one" });
  const certificatesDirectory = temporaryDirectory(t);
  mkdirSync(join(certificatesDirectory, first.host));
  writeFileSync(join(certificatesDirectory, first.host, "ca.crt"), certificate.cert);
  const registry = openTestRegistry(t, { certificatesDirectory });
  const image = `${first.host}/app:1`;
  assert.equal(await registry.readDigest(image, never), digest);
  // Asked at its old scheme, it refuses once.
  await first.stop();
  const second = await startRegistry({ directory, port: first.port, tls: certificate });
  t.after(() => second.stop());
  await assertFails(registry.readDigest(image, never), { ...refused, message: /answered 400$/ });
  assert.equal(await registry.readDigest(image, never), digest);
  // Asked while it is away, it is found at once: here with plain http again.
  await second.stop();
  await assertFails(registry.readDigest(image, never), { ...unreachable, message: /connection was (refused|closed)$/ });
  await startRegistryFor(t, { directory, port: first.port });
  assert.equal(await registry.readDigest(image, never), digest);
});

test("a registry that fails must be told by its status", async (t) => {
  const { front, registry, image } = await setUp(t);
  for (const [status, expected] of [
    [503, { ...unreachable, message: /answered 503$/ }],
    [403, { ...refused, message: /asks for credentials \(403\)/ }],
    [400, { ...refused, message: /answered 400$/ }],
  ] as const) {
    front.intercept = (_request, response) => {
      response.writeHead(status).end("<html>\n</html>");
      return true;
    };
    await assertFails(registry.readDigest(image, never), expected);
  }
});

test("a registry that never answers must be given up, and hold up nobody else's question for longer", async (t) => {
  const { front, image } = await setUp(t);
  front.intercept = () => true;
  const registry = openTestRegistry(t, { timeoutMs: 100 });
  const both = [registry.readDigest(image, never), registry.readDigest(image, never)];
  for (const question of both) await assertFails(question, { ...unreachable, message: /took longer than 0\.1 s$/ });
});

test("a question that is stopped must end at once, also one that waits its turn", async (t) => {
  const { front, image, registry } = await setUp(t);
  front.intercept = () => true;
  const controller = new AbortController();
  const both = [registry.readDigest(image, controller.signal), registry.readDigest(image, controller.signal)];
  await waitUntil("the registry is asked", () => front.requests.length > 0);
  controller.abort();
  for (const question of both) await assertFails(question, { code: "aborted", handling: "transient", message: /was stopped$/ });
  assert.equal(front.requests.length, 1);
});
