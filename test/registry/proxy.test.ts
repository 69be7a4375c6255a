import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttpProxy } from "../servers/http-proxy.ts";
import { pushImage } from "../servers/push-image.ts";
import { assertFails, password } from "./assert-fails.ts";
import { never, openTestRegistry, startRegistryFor } from "./fixture.ts";

test("a registry must be asked through the proxy of the environment, and a failure of that be told", async (t) => {
  const server = await startRegistryFor(t);
  const { digest } = await pushImage({ url: server.url, repository: "app" }, "1", { text: "one" });
  const image = `${server.host}/app:1`;
  const proxy = await startHttpProxy({ credentials: `fleet:${password}` });
  t.after(() => proxy.stop());
  const environment = { HTTP_PROXY: proxy.url.replace("://", `://fleet:${password}@`) };
  assert.equal(await openTestRegistry(t, { environment }).readDigest(image, never), digest);
  assert.deepEqual(
    proxy.requests.map(({ method, target }) => `${method} ${target}`),
    [`HEAD ${server.url}/v2/app/manifests/1`],
  );
  await assertFails(openTestRegistry(t, { environment: { HTTP_PROXY: proxy.url } }).readDigest(image, never), {
    code: "registry-refused",
    handling: "stalled",
    message: new RegExp(`app:1: ${server.host}: the proxy ${proxy.url} asks for a user name and a password \\(407\\)$`),
    hint: /^give them in HTTP_PROXY/,
  });
  proxy.fault = "close";
  await assertFails(openTestRegistry(t, { environment }).readDigest(image, never), {
    code: "registry-unreachable",
    handling: "transient",
    message: new RegExp(`the proxy ${proxy.url} failed: the connection was closed$`),
    hint: /^check HTTP_PROXY/,
  });
  const direct = { ...environment, NO_PROXY: "127.0.0.1" };
  assert.equal(await openTestRegistry(t, { environment: direct }).readDigest(image, never), digest);
});
