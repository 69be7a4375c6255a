import assert from "node:assert/strict";
import { test } from "node:test";
import { openEngine } from "../../agent/engine/open-engine.ts";
import { canMove, judgeImageMoved } from "../../agent/plan/drift/judge-image-moved.ts";
import { startEngine } from "../engine/start-engine.ts";
import { architecture, type PushedManifest, pushImage, pushIndex } from "../servers/push-image.ts";
import { never, openTestRegistry, startRegistryFor } from "./fixture.ts";

/** What a real engine keeps of what it pulls from a real registry, beside what the registry says. */
for (const store of ["docker", "containerd"] as const) {
  test(`an engine with the image store of ${store} must know where its images came from`, async (t) => {
    const server = await startRegistryFor(t);
    // In the machine's own network, where the registry is; the engine changes nothing of it.
    const features = { "containerd-snapshotter": store === "containerd" };
    const engine = await startEngine({ netns: false, configuration: { bridge: "none", "ip-forward": false, features } });
    t.after(() => engine.stop());
    const target = { url: server.url, repository: "team/app" };
    const other = architecture === "arm64" ? "amd64" : "arm64";
    const pushBoth = async (tag: string, text: string, otherText: string) =>
      pushIndex(target, tag, [
        await pushImage(target, undefined, { text }),
        await pushImage(target, undefined, { text: otherText, architecture: other }),
      ]);
    const name = `${server.host}/team/app`;
    const registry = openTestRegistry(t);
    const list = () => openEngine({ socket: engine.socket }).listImages(never);
    const readDigests = async (image: string) => (await list()).find(({ tags }) => tags.includes(image))?.digests ?? [];

    /** Pulls a tag, moves it in the registry, and pulls it again. */
    async function follow(tag: string, before: PushedManifest, move: () => Promise<PushedManifest>): Promise<void> {
      const image = `${name}:${tag}`;
      const judge = async () => judgeImageMoved(image, await readDigests(image), await registry.readDigest(image, never));
      assert.equal(await judge(), "unknown");
      await engine.docker(["pull", "--quiet", image]);
      assert.deepEqual(await readDigests(image), [`${name}@${before.digest}`]);
      assert.equal(await registry.readDigest(image, never), before.digest);
      assert.equal(await judge(), "same");
      const after = await move();
      assert.notEqual(after.digest, before.digest);
      assert.equal(await registry.readDigest(image, never), after.digest);
      assert.equal(await judge(), "moved");
      await engine.docker(["pull", "--quiet", image]);
      assert.equal(await judge(), "same");
    }

    const single = await pushImage(target, "single", { text: "one" });
    await follow("single", single, () => pushImage(target, "single", { text: "two" }));
    await follow("multi", await pushBoth("multi", "a", "a"), () => pushBoth("multi", "b", "b"));
    // The index is another one, this platform's image is not: pulled again, the same image has both digests.
    await follow("elsewhere", await pushBoth("elsewhere", "c", "c"), () => pushBoth("elsewhere", "c", "d"));

    // Another name for the same image says nothing of where it came from.
    const again = `${name}:single`;
    await engine.docker(["tag", again, "somebody/app:1"]);
    assert.notEqual(judgeImageMoved(again, await readDigests(again), await registry.readDigest(again, never)), "moved");

    // containerd's store gives what was made here a digest as well, so only its maker knows that no registry has it.
    const local = `${name}:local`;
    await engine.docker(["import", "-", local], { input: Buffer.alloc(10_240) });
    assert.equal(canMove(local, await readDigests(local)), store === "containerd");
  });
}
