import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { checkRegistries } from "../../agent/reconcile/observe/check-registries.ts";
import { commitVariant } from "../engine/load-images.ts";
import { type RegistryServer, startRegistry } from "../servers/registry.ts";
import { sharePort } from "./share-port.ts";
import { fleet, type Host, startHost } from "./start-host.ts";

describe("another digest that is pushed under the same tag", () => {
  let host: Host;
  let registry: RegistryServer;
  let unshare: (() => Promise<void>) | undefined;
  before(async () => {
    host = await startHost();
    registry = await startRegistry({ enter: host.engine.enter });
    unshare = await sharePort(registry.port, host.engine.enter);
    await push("reported");
    await push("healed");
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "{}\n",
      ...stack("reported", "hosts: all\n"),
      ...stack("healed", "hosts: all\ndrift: {rules: {image-moved: heal}}\n"),
    });
    assert.equal(await host.settle(), "converged");
    assert.equal(await check(), false);
  });
  after(async () => {
    await unshare?.();
    await registry?.stop();
    await host?.stop();
  });

  const image = (name: string): string => `${registry.host}/${name}:1`;
  const stack = (name: string, text: string): Record<string, string> => ({
    [`desired-state/stacks/${name}/stack.yaml`]: text,
    [`desired-state/stacks/${name}/compose.yaml`]: `services:\n  app:\n    image: ${image(name)}\n    restart: always\n    command: [sleep, "1000"]\n`,
  });
  /** Pushes a new image, which the engine then knows by the registry's digest. */
  async function push(name: string): Promise<void> {
    await commitVariant(host.engine.socket, "busybox:1.35", image(name));
    await host.docker("push", "--quiet", image(name));
  }
  /** The same from somewhere else: this engine keeps the image that it has under the tag. */
  async function pushElsewhere(name: string): Promise<void> {
    const before = await host.docker("image", "inspect", "--format", "{{.Id}}", image(name));
    await push(name);
    await host.docker("tag", before, image(name));
  }
  /** A round of questions, as if the last one were long ago. */
  async function check(): Promise<boolean> {
    host.forget("registry");
    const { desired } = host.memory();
    assert.ok(desired);
    let news = false;
    for (const _image of desired.stacks)
      news = (await checkRegistries(desired, "box", host.ports(), AbortSignal.timeout(30_000))) || news;
    return news;
  }

  it("must be told, and the container be left as it is", async () => {
    const before = await host.container("reported-app-1");
    await pushElsewhere("reported");
    assert.equal(await check(), true);
    assert.equal(await host.settle(), "converged");
    assert.equal((await host.container("reported-app-1"))?.id, before?.id);
    const [alert] = (await host.alerts()).filter(({ labels }) => labels["kind"] === "image-moved");
    assert.match(alert?.text ?? "", /reported:1 names another image in its registry than that of container reported-app-1/);
  });

  it("must be fetched and run where the stack wants that, and nothing else be touched", async () => {
    const [before, other] = [await host.container("healed-app-1"), await host.container("reported-app-1")];
    await pushElsewhere("healed");
    assert.equal(await check(), true);
    assert.equal(await host.settle(), "converged");
    const after = await host.container("healed-app-1");
    assert.notEqual(after?.imageId, before?.imageId);
    assert.equal((await host.container("reported-app-1"))?.id, other?.id);
    assert.deepEqual(
      host.memory().plan?.drift.map(({ stack: name, kind }) => `${name} ${kind}`),
      ["reported image-moved"],
    );
  });
});

describe("a registry without TLS that the engine is configured to take", () => {
  it("must be asked without any configuration of the agent's", async () => {
    // Every address of this network leads to the machine itself, and none of it is loopback to an engine.
    const host = await startHost({ engine: { configuration: { "insecure-registries": ["0.0.0.0/8"] } } });
    const registry = await startRegistry({ enter: host.engine.enter });
    const unshare = await sharePort(registry.port, host.engine.enter);
    try {
      const image = `0.0.0.0:${registry.port}/app:1`;
      const push = async (): Promise<void> => {
        await commitVariant(host.engine.socket, "busybox:1.35", image);
        await host.docker("push", "--quiet", image);
      };
      await push();
      await host.push({
        "desired-state/fleet.yaml": fleet(host),
        "desired-state/hosts/box.yaml": "{}\n",
        "desired-state/stacks/web/stack.yaml": "hosts: all\n",
        "desired-state/stacks/web/compose.yaml": `services:\n  app:\n    image: ${image}\n    command: [sleep, "1000"]\n`,
      });
      assert.equal(await host.settle(), "converged");
      const before = await host.docker("image", "inspect", "--format", "{{.Id}}", image);
      await push();
      await host.docker("tag", before, image);
      const { desired } = host.memory();
      assert.ok(desired);
      assert.equal(await checkRegistries(desired, "box", host.ports(), AbortSignal.timeout(30_000)), true);
      assert.equal(await host.settle(), "converged");
      assert.deepEqual(
        host.memory().plan?.drift.map(({ kind }) => kind),
        ["image-moved"],
      );
    } finally {
      await unshare();
      await registry.stop();
      await host.stop();
    }
  });
});
