import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createCertificate } from "../servers/certificate.ts";
import { pushImage } from "../servers/push-image.ts";
import { startTokenService, type TokenServiceOptions } from "../servers/token-service.ts";
import { assertFails, identityToken, password, user } from "./assert-fails.ts";
import { describeAuth, never, openTestRegistry, startRegistryFor, temporaryDirectory, writeDockerConfig } from "./fixture.ts";
import { startFront } from "./start-front.ts";

const START_MS = 1_700_000_000_000;
const HEAD = (repository: string, tag = "1") => `HEAD /v2/${repository}/manifests/${tag}`;

/** A real registry that wants tokens, with the image `app:1`, and its token service. */
async function setUp(t: TestContext, options: Partial<TokenServiceOptions> = {}, auths: object = {}) {
  const certificate = await createCertificate();
  const service = await startTokenService({ certificate, users: { fleet: password }, ...options });
  t.after(() => service.stop());
  const { realm, issuer } = service;
  const tokenService = { realm, issuer, service: service.service, certFile: certificate.certFile };
  const server = await startRegistryFor(t, { tokenService });
  const front = await startFront(t, server.url);
  const push = (repository: string, tag: string) => {
    const authorization = `Bearer ${service.issue(repository, ["pull", "push"])}`;
    return pushImage({ url: server.url, repository, authorization }, tag, { text: `${repository} ${tag}` });
  };
  const { digest } = await push("app", "1");
  const clock = { nowMs: START_MS };
  const configFile = writeDockerConfig(t, { auths: { [front.host]: auths } });
  const registry = openTestRegistry(t, { configFile, nowMs: () => clock.nowMs });
  return { service, front, push, digest, clock, registry, image: `${front.host}/app:1` };
}

test("a public image must be read with an anonymous token, which is kept until it expires", async (t) => {
  const { service, front, push, digest, clock, registry, image } = await setUp(t);
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual(front.take(), [HEAD("app"), HEAD("app")]);
  const asked = { method: "GET", scope: "repository:app:pull", authorization: undefined, grantType: undefined };
  assert.deepEqual(service.requests.splice(0), [asked]);

  const second = await push("app", "2");
  front.take();
  assert.equal(await registry.readDigest(`${front.host}/app:2`, never), second.digest);
  assert.deepEqual([front.take(), service.requests.length], [[HEAD("app", "2")], 0]);

  // Another repository is another token, and it is known by now how this registry asks.
  const other = await push("team/other", "1");
  front.take();
  assert.equal(await registry.readDigest(`${front.host}/team/other:1`, never), other.digest);
  assert.deepEqual(front.take(), [HEAD("team/other")]);
  assert.deepEqual(service.requests.splice(0), [{ ...asked, scope: "repository:team/other:pull" }]);

  clock.nowMs += 291_000;
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual([front.take(), service.requests.length], [[HEAD("app")], 1]);
});

test("a token that the registry does not take any more must be replaced", async (t) => {
  const { service, front, digest, registry, image } = await setUp(t);
  await registry.readDigest(image, never);
  front.take();
  front.intercept = (_request, response) => {
    const challenge = `Bearer realm="${service.realm}",service="${service.service}",error="invalid_token"`;
    response.writeHead(401, { "www-authenticate": challenge }).end();
    front.intercept = () => false;
    return true;
  };
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual([front.take(), service.requests.length], [[HEAD("app"), HEAD("app")], 2]);
});

test("a registry that went away must be asked first what it wants when it is back", async (t) => {
  const { front, digest, clock, registry, image } = await setUp(t);
  assert.equal(await registry.readDigest(image, never), digest);
  clock.nowMs += 600_000;
  front.intercept = (_request, response) => {
    response.destroy();
    return true;
  };
  const failure = { code: "registry-unreachable", handling: "transient", message: /connection was closed$/ };
  await assertFails(registry.readDigest(image, never), failure);
  front.intercept = () => false;
  front.take();
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual(front.take(), [HEAD("app"), HEAD("app")]);
});

test("a private image must be read with a token for the password, which the registry itself never sees", async (t) => {
  const { service, front, digest, registry, image } = await setUp(t, { isPublic: () => false }, describeAuth(user));
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual(
    service.requests.map(({ authorization }) => authorization),
    [`Basic ${describeAuth(user).auth}`],
  );
  const sent = front.requests.map(({ headers }) => headers.authorization?.split(" ")[0]);
  assert.deepEqual(sent, [undefined, "Bearer"]);
});

test("an identity token must be exchanged at the token service", async (t) => {
  const auths = { ...describeAuth({ username: "00000000", password: "" }), identitytoken: identityToken };
  const { service, digest, registry, image } = await setUp(
    t,
    { isPublic: () => false, refreshTokens: [identityToken], users: {} },
    auths,
  );
  assert.equal(await registry.readDigest(image, never), digest);
  const asked = { method: "POST", scope: "repository:app:pull", authorization: undefined, grantType: "refresh_token" };
  assert.deepEqual(service.requests, [asked]);
});

test("a registry's own token must be sent as it is", async (t) => {
  const { service, front, digest, image } = await setUp(t, { isPublic: () => false });
  const registrytoken = service.issue("app", ["pull"]);
  const configFile = writeDockerConfig(t, { auths: { [front.host]: { registrytoken } } });
  assert.equal(await openTestRegistry(t, { configFile }).readDigest(image, never), digest);
  assert.equal(service.requests.length, 0);
});

test("a private image without credentials, and a wrong password, must be told", async (t) => {
  const { front, registry, image } = await setUp(t, { isPublic: () => false });
  const expected = { code: "registry-refused", handling: "stalled" };
  await assertFails(registry.readDigest(image, never), {
    ...expected,
    message: /\/app:1: 127\.0\.0\.1:\d+ asks for credentials \(401\), and \S+config\.json has none for it$/,
  });
  const auths = { [front.host]: describeAuth({ ...user, username: "somebody" }) };
  const wrong = openTestRegistry(t, { configFile: writeDockerConfig(t, { auths }) });
  await assertFails(wrong.readDigest(image, never), { ...expected, message: /refused the credentials of \S+ \(401\)$/ });
});

test("a token service that does not work must be told", async (t) => {
  const { service, registry, image } = await setUp(t, {}, describeAuth(user));
  const unreachable = { code: "registry-unreachable", handling: "transient" };
  const answers: [number, string, { code: string; handling: string; message: RegExp }][] = [
    [503, "", { ...unreachable, message: /token service 127\.0\.0\.1:\d+ of 127\.0\.0\.1:\d+ answered 503$/ }],
    [302, "", { code: "registry-refused", handling: "stalled", message: /answered 302$/ }],
    [200, "<html>", { ...unreachable, message: /gave no token$/ }],
    [200, '{"token":"a\\r\\nb"}', { ...unreachable, message: /gave no token$/ }],
    [200, `{"token":"${"a".repeat(1024 * 1024)}"}`, { ...unreachable, message: /gave no token$/ }],
  ];
  for (const [status, body, expected] of answers) {
    service.intercept = (_request, response) => {
      response.writeHead(status, { location: "http://127.0.0.1:1/elsewhere" }).end(body);
      return true;
    };
    await assertFails(registry.readDigest(image, never), expected);
  }
});

test("no token service that speaks plain http must be sent a password, unless it is on this machine", async (t) => {
  const { front, registry, image } = await setUp(t, {}, describeAuth(user));
  for (const [realm, shown] of [
    ["http://auth.example/token", "http://auth.example"],
    ["ftp://127.0.0.1/token", "ftp://127.0.0.1"],
    ["token", "no address"],
  ]) {
    front.alter = (headers) => ({ ...headers, "www-authenticate": `Bearer realm="${realm}",service="x"` });
    await assertFails(registry.readDigest(image, never), {
      code: "registry-refused",
      handling: "stalled",
      message: new RegExp(`names ${shown} as its token service, which is not asked$`),
      hint: /https/,
    });
  }
});

test("a token service that has moved must be found again", async (t) => {
  const { service, front, push, digest, registry, image } = await setUp(t);
  front.alter = (headers) => ({ ...headers, "www-authenticate": 'Bearer realm="http://127.0.0.1:1/old",service="x"' });
  const message = /the connection was refused$/;
  await assertFails(registry.readDigest(image, never), { code: "registry-unreachable", handling: "transient", message });
  front.alter = (headers) => headers;
  assert.equal(await registry.readDigest(image, never), digest);
  // Of another repository it is known where to get a token, until that fails.
  const other = await push("other", "1");
  service.intercept = (_request, response) => {
    response.writeHead(500).end();
    return true;
  };
  const failure = { code: "registry-unreachable", handling: "transient", message: /answered 500$/ };
  await assertFails(registry.readDigest(`${front.host}/other:1`, never), failure);
  service.intercept = () => false;
  front.take();
  assert.equal(await registry.readDigest(`${front.host}/other:1`, never), other.digest);
  assert.deepEqual(front.take(), [HEAD("other"), HEAD("other")]);
});

test("a registry with TLS must not lead to a token service without", async (t) => {
  const certificate = await createCertificate();
  const service = await startTokenService({ certificate });
  t.after(() => service.stop());
  const { realm, issuer } = service;
  const tokenService = { realm, issuer, service: service.service, certFile: certificate.certFile };
  const server = await startRegistryFor(t, { tokenService, tls: certificate });
  const certificatesDirectory = temporaryDirectory(t);
  mkdirSync(join(certificatesDirectory, server.host));
  writeFileSync(join(certificatesDirectory, server.host, "ca.crt"), certificate.cert);
  await assertFails(openTestRegistry(t, { certificatesDirectory }).readDigest(`${server.host}/app:1`, never), {
    code: "registry-refused",
    handling: "stalled",
    message: /names http:\/\/127\.0\.0\.1:\d+ as its token service, which is not asked$/,
  });
  assert.equal(service.requests.length, 0);
});
