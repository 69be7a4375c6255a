import assert from "node:assert/strict";
import { test } from "node:test";
import { createCertificate } from "../servers/certificate.ts";
import { pushImage } from "../servers/push-image.ts";
import { assertFails } from "./assert-fails.ts";
import { describeAuth, never, openTestRegistry, startRegistryFor, writeDockerConfig } from "./fixture.ts";

const user = { username: "ann", password: "secret" };
const authorization = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`;

test("a registry without TLS must be asked where the engine would, and the engine only then", async (t) => {
  const server = await startRegistryFor(t, { auth: user });
  const { digest } = await pushImage({ url: server.url, repository: "app", authorization }, "1", { text: "one" });
  const host = `0.0.0.0:${server.port}`;
  const configFile = writeDockerConfig(t, { auths: { [host]: describeAuth(user), [server.host]: describeAuth(user) } });
  let asked = 0;
  let told: readonly string[] | Error = [];
  const listInsecure = async () => {
    asked += 1;
    if (told instanceof Error) throw told;
    return told;
  };
  const registry = openTestRegistry(t, { configFile, listInsecure });
  assert.equal(await registry.readDigest(`${server.host}/app:1`, never), digest);
  assert.equal(asked, 0, "loopback always may");
  for (const answer of [[], ["10.0.0.0/8"], new Error("the engine is away")]) {
    told = answer;
    await assertFails(registry.readDigest(`${host}/app:1`, never), {
      ...{ code: "registry-unreachable", handling: "transient", message: /TLS handshake failed/, hint: /insecure-registries/ },
    });
  }
  told = ["0.0.0.0/8"];
  assert.equal(await registry.readDigest(`${host}/app:1`, never), digest);
  assert.equal(await registry.readDigest(`${host}/app:1`, never), digest);
  assert.equal(asked, 4, "as long as it answers nobody is asked again");
});

test("a certificate of nobody's must do where the engine takes it, and nowhere else", async (t) => {
  const certificate = await createCertificate();
  const server = await startRegistryFor(t, { tls: certificate, auth: user });
  const target = { url: server.url, repository: "app", authorization, ca: certificate.cert };
  const { digest } = await pushImage(target, "1", { text: "one" });
  const host = `0.0.0.0:${server.port}`;
  const configFile = writeDockerConfig(t, { auths: { [host]: describeAuth(user) } });
  const image = `${host}/app:1`;
  const refused = { code: "registry-unreachable", handling: "transient", message: /not trusted/ } as const;
  await assertFails(openTestRegistry(t, { configFile }).readDigest(image, never), refused);
  let told = [host];
  const registry = openTestRegistry(t, { configFile, listInsecure: async () => told });
  assert.equal(await registry.readDigest(image, never), digest);
  await server.stop();
  await assert.rejects(registry.readDigest(image, never), /refused|closed/);
  told = [];
  const again = await startRegistryFor(t, { tls: certificate, auth: user, port: server.port });
  await pushImage({ ...target, url: again.url }, "1", { text: "one" });
  await assertFails(registry.readDigest(image, never), refused);
});
