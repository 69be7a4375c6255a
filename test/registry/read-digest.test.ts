import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createCertificate } from "../servers/certificate.ts";
import { pushImage, pushIndex } from "../servers/push-image.ts";
import { assertFails, user } from "./assert-fails.ts";
import { describeAuth, never, openTestRegistry, startRegistryFor, temporaryDirectory, writeDockerConfig } from "./fixture.ts";
import { startFront } from "./start-front.ts";

const basic = `Basic ${describeAuth(user).auth}`;

test("a tag must be told by one HEAD request, also after it has moved", async (t) => {
  const server = await startRegistryFor(t);
  const front = await startFront(t, server.url);
  const target = { url: server.url, repository: "team/app" };
  const registry = openTestRegistry(t);
  const image = `${front.host}/team/app:1.0`;
  const { digest } = await pushImage(target, "1.0", { text: "one" });
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual(front.take(), ["HEAD /v2/team/app/manifests/1.0"]);
  const moved = await pushImage(target, "1.0", { text: "two" });
  assert.notEqual(moved.digest, digest);
  assert.equal(await registry.readDigest(image, never), moved.digest);
  assert.deepEqual(front.take(), ["HEAD /v2/team/app/manifests/1.0"]);
});

test("a tag of a multi-platform image must be told by the digest of its index", async (t) => {
  const server = await startRegistryFor(t);
  const target = { url: server.url, repository: "app" };
  const images = [
    await pushImage(target, undefined, { text: "one", architecture: "amd64" }),
    await pushImage(target, undefined, { text: "one", architecture: "arm64" }),
  ];
  const index = await pushIndex(target, "latest", images);
  assert.equal(await openTestRegistry(t).readDigest(`${server.host}/app`, never), index.digest);
});

test("a reference with a digest must be answered without a request", async (t) => {
  const digest = `sha256:${"0".repeat(64)}`;
  const registry = openTestRegistry(t);
  assert.equal(await registry.readDigest(`127.0.0.1:1/app:1@${digest}`, never), digest);
});

test("what is no reference must be refused", async (t) => {
  const expected = { code: "registry-refused", handling: "stalled" };
  await assertFails(openTestRegistry(t).readDigest("Not An Image", never), { ...expected, message: /is no image reference$/ });
  await assertFails(openTestRegistry(t).readDigest("localhost:99999/app", never), { ...expected, message: /is no address/ });
});

test("Docker Hub must be asked at its own address, with the credentials under its old name", async (t) => {
  const server = await startRegistryFor(t, { auth: user });
  const front = await startFront(t, server.url);
  const { digest } = await pushImage({ url: server.url, repository: "library/nginx", authorization: basic }, "1.25", {
    text: "one",
  });
  const registry = openTestRegistry(t, {
    endpoints: { "docker.io": front.url },
    configFile: writeDockerConfig(t, { auths: { "https://index.docker.io/v1/": describeAuth(user) } }),
  });
  assert.equal(await registry.readDigest("nginx:1.25", never), digest);
  assert.deepEqual(front.take(), ["HEAD /v2/library/nginx/manifests/1.25", "HEAD /v2/library/nginx/manifests/1.25"]);
});

test("a password must be sent only once it is asked for, and from then on at once", async (t) => {
  const server = await startRegistryFor(t, { auth: user });
  const front = await startFront(t, server.url);
  const { digest } = await pushImage({ url: server.url, repository: "app", authorization: basic }, "1", { text: "one" });
  const registry = openTestRegistry(t, {
    configFile: writeDockerConfig(t, { auths: { [front.host]: describeAuth(user), "other.lan": describeAuth(user) } }),
  });
  const image = `${front.host}/app:1`;
  assert.equal(await registry.readDigest(image, never), digest);
  assert.equal(await registry.readDigest(image, never), digest);
  assert.deepEqual(
    front.requests.map(({ headers }) => headers.authorization),
    [undefined, basic, basic],
  );
});

test("a missing and a wrong password must be told, and a new one be taken without a restart", async (t) => {
  const server = await startRegistryFor(t, { auth: user });
  const { digest } = await pushImage({ url: server.url, repository: "app", authorization: basic }, "1", { text: "one" });
  const configFile = writeDockerConfig(t, {});
  const registry = openTestRegistry(t, { configFile });
  const image = `${server.host}/app:1`;
  const expected = { code: "registry-refused", handling: "stalled" };
  await assertFails(registry.readDigest(image, never), {
    ...expected,
    message: /\/app:1: 127\.0\.0\.1:\d+ asks for credentials \(401\), and \S+config\.json has none for it$/,
    hint: /docker login 127/,
  });
  writeFileSync(configFile, JSON.stringify({ auths: { [server.host]: describeAuth({ ...user, username: "other" }) } }));
  await assertFails(registry.readDigest(image, never), { ...expected, message: /refused the credentials of \S+ \(401\)$/ });
  writeFileSync(configFile, JSON.stringify({ auths: { [server.host]: describeAuth(user) } }));
  assert.equal(await registry.readDigest(image, never), digest);
});

async function startTls(t: TestContext) {
  const certificate = await createCertificate();
  const server = await startRegistryFor(t, { tls: certificate, auth: user });
  const target = { url: server.url, repository: "app", authorization: basic, ca: certificate.cert };
  const { digest } = await pushImage(target, "1", { text: "one" });
  const directory = temporaryDirectory(t);
  const certificatesDirectory = join(directory, "certs.d");
  const own = join(certificatesDirectory, server.host);
  mkdirSync(own, { recursive: true });
  const configFile = writeDockerConfig(t, { auths: { [server.host]: describeAuth(user) } });
  const registry = openTestRegistry(t, { certificatesDirectory, configFile });
  return { certificate, digest, own, registry, image: `${server.host}/app:1` };
}

test("a private authority must be trusted where Docker trusts it, as soon as it is there", async (t) => {
  const { certificate, digest, own, registry, image } = await startTls(t);
  await assertFails(registry.readDigest(image, never), {
    code: "registry-unreachable",
    handling: "transient",
    message: /not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    hint: /\/etc\/docker\/certs\.d\/127\.0\.0\.1:\d+\/ca\.crt$/,
  });
  writeFileSync(join(own, "ca.crt"), certificate.cert);
  assert.equal(await registry.readDigest(image, never), digest);
});

test("a directory of certificates that cannot be read must be named", async (t) => {
  const { own, registry, image } = await startTls(t);
  mkdirSync(join(own, "ca.crt"));
  await assertFails(registry.readDigest(image, never), {
    code: "registry-refused",
    handling: "stalled",
    message: /certs\.d\/127\.0\.0\.1:\d+\/ca\.crt, which holds the authorities for .*, cannot be read \(EISDIR\)$/,
  });
});

test("only loopback and what is listed must be asked without TLS", async (t) => {
  const server = await startRegistryFor(t);
  const { digest } = await pushImage({ url: server.url, repository: "app" }, "1", { text: "one" });
  // The address of every interface leads here as well, and is no loopback address.
  const host = `0.0.0.0:${server.port}`;
  await assertFails(openTestRegistry(t).readDigest(`${host}/app:1`, never), {
    code: "registry-unreachable",
    handling: "transient",
    message: /TLS handshake failed/,
    hint: /insecure-registries/,
  });
  for (const listed of [host, "0.0.0.0/8"]) {
    const registry = openTestRegistry(t, { insecureRegistries: [listed] });
    assert.equal(await registry.readDigest(`${host}/app:1`, never), digest);
  }
  assert.equal(await openTestRegistry(t).readDigest(`localhost:${server.port}/app:1`, never), digest);
});
