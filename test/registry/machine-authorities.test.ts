import assert from "node:assert/strict";
import { test } from "node:test";
import { createCertificate } from "../servers/certificate.ts";
import { pushImage } from "../servers/push-image.ts";
import { never, openTestRegistry, startRegistryFor } from "./fixture.ts";

// In a file of its own: a process reads its machine's authorities once.
test("an authority that the machine trusts must be trusted, as Docker does", async (t) => {
  const certificate = await createCertificate();
  const server = await startRegistryFor(t, { tls: certificate });
  const target = { url: server.url, repository: "app", ca: certificate.cert };
  const { digest } = await pushImage(target, "1", { text: "one" });
  process.env["SSL_CERT_FILE"] = certificate.certFile;
  assert.equal(await openTestRegistry(t).readDigest(`${server.host}/app:1`, never), digest);
});
