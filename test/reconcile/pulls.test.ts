import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "./fake-host.ts";

const PATIENCE_MS = 2_000;

describe("an image that takes long to come", () => {
  let host: FakeHost;
  let arrive: (failure?: Error) => void;
  let pulls: number;
  beforeEach(async () => {
    pulls = 0;
    host = createFakeHost({
      wrap: (adapters) => ({
        ...adapters,
        compose: {
          ...adapters.compose,
          pull: () => {
            pulls += 1;
            return new Promise((resolve, reject) => {
              arrive = (failure) => {
                if (failure !== undefined) return reject(failure);
                host.world.addImage("large:1");
                resolve();
              };
            });
          },
        },
      }),
    });
    host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }) });
    await host.verify();
    host.git.commit(large("web", "more: {image: large:1}"));
  });

  const large = (stack: string, line: string): Record<string, string> => ({
    [`desired-state/stacks/${stack}/compose.yaml`]: `services:\n  app: {image: busybox:1.35, restart: always}\n  ${line}\n`,
    [`desired-state/stacks/${stack}/stack.yaml`]: "hosts: all\n",
    [`desired-state/stacks/${stack}/new`]: "file",
  });
  const names = (): string[] =>
    host.world
      .containers()
      .map(({ name }) => name)
      .sort();
  /** A tick, in which what takes long is not waited for. */
  async function tick() {
    let ended = false;
    const ticking = host.tick().finally(() => {
      ended = true;
    });
    await waitUntil("the tick ends, or waits for the image", async () => {
      if (host.clock.waits().includes(PATIENCE_MS)) host.clock.advance(PATIENCE_MS);
      return ended;
    });
    return ticking;
  }

  it("must hold up no other stack and no new revision, and be asked for once", async () => {
    assert.equal(await tick(), "waiting");
    assert.deepEqual(
      [...host.memory().waiting.values()].map(({ value }) => value),
      ["image large:1 is here"],
    );
    host.git.commit(stackFiles("other", { app: "" }));
    assert.equal(await tick(), "waiting");
    assert.deepEqual(names(), ["other-app-1", "web-app-1"]);
    // Longer than a stack may take to get healthy.
    host.clock.advance(3_600_000);
    assert.equal(await tick(), "waiting");
    assert.equal(pulls, 1);
    assert.equal(host.placed.has("web/new"), false, "what runs does not see the files of what is to come");
    arrive();
    assert.equal(await tick(), "converged");
    assert.deepEqual(names(), ["other-app-1", "web-app-1", "web-more-1"]);
    assert.equal(host.placed.has("web/new"), true);
    assert.equal(host.log.filter(({ action }) => action === "pull").length, 1, "told once");
  });

  it("must be here before another service of the same change is replaced, also where no file of the stack changes", async () => {
    const both = (tag: string, name: string): Record<string, string> => ({
      "desired-state/hosts/box.yaml": `platform: linux/amd64\nvars: {TAG: "${tag}", NAME: ${name}}\n`,
      "desired-state/stacks/web/stack.yaml": "hosts: all\n",
      "desired-state/stacks/web/new": "file",
      "desired-state/stacks/web/compose.yaml":
        'services:\n  app: {image: busybox:1.35, restart: always, hostname: "${NAME}"}\n  more: {image: "large:${TAG}", restart: always}\n',
    });
    host.world.addImage("large:0");
    host.git.commit(both("0", "one"));
    await host.verify();
    const id = (): string | undefined => host.world.containers().find(({ service }) => service === "app")?.id;
    const before = id();
    host.git.commit(both("1", "two"));
    assert.equal(await tick(), "waiting");
    assert.equal(id(), before, "it runs on as it was");
    host.world.remove(host.world.containers().find(({ service }) => service === "more")?.id ?? "");
    arrive();
    assert.equal(await tick(), "converged");
    assert.notEqual(id(), before);
  });

  it("must be a failure when it does not come, and be asked for again", async () => {
    await tick();
    arrive(new Error("no route"));
    assert.equal(await tick(), "failed");
    await tick();
    assert.equal(pulls, 2);
    arrive();
    host.clock.advance(20_000);
    assert.equal(await tick(), "converged");
  });

  it("that comes at once must not be waited for in another tick", async () => {
    const ticking = host.tick();
    await waitUntil("it is asked for", async () => pulls === 1, { intervalMs: 1 });
    arrive();
    assert.equal(await ticking, "converged");
  });
});
