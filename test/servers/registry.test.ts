import assert from "node:assert/strict";
import { test } from "node:test";
import { loadImages } from "../engine/load-images.ts";
import { startEngine } from "../engine/start-engine.ts";
import { pushImage } from "./push-image.ts";
import { startRegistry } from "./registry.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "./temporary-directory.ts";

test("what was pushed must be there after a restart on the same port, and the port be free after the end", async () => {
  const directory = createTemporaryDirectory("hf-images-");
  const first = await startRegistry({ directory });
  const { digest } = await pushImage({ url: first.url, repository: "app" }, "1", { text: "one" });
  await first.stop();
  const second = await startRegistry({ directory, port: first.port });
  try {
    assert.equal(second.url, first.url);
    const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
    const answer = await fetch(`${second.url}/v2/app/manifests/${digest}`, { headers });
    assert.equal(answer.status, 200);
  } finally {
    await second.stop();
    removeTemporaryDirectory(directory);
  }
  await assert.rejects(fetch(second.url));
});

test("a registry that cannot start must be told", async () => {
  const first = await startRegistry();
  try {
    await assert.rejects(startRegistry({ port: first.port }), /did not start:[\s\S]*address already in use/);
  } finally {
    await first.stop();
  }
});

test("an engine in a network namespace must push to and pull from a registry that is started there", async (t) => {
  const engine = await startEngine();
  t.after(() => engine.stop());
  const registry = await startRegistry({ enter: engine.enter });
  t.after(() => registry.stop());
  await loadImages(engine.socket, ["busybox:1.35"]);
  const name = `${registry.host}/busybox:1.35`;
  await engine.docker(["tag", "busybox:1.35", name]);
  await engine.docker(["push", "--quiet", name]);
  await engine.docker(["rmi", name, "busybox:1.35"]);
  await engine.docker(["pull", "--quiet", name]);
  assert.match((await engine.docker(["image", "inspect", name])).stdout, new RegExp(`${registry.host}/busybox@sha256:`));
});
