import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { syncHost } from "../../../agent/reconcile/sync-host.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "../fake-host.ts";

const gone = (name: string): Record<string, null> =>
  Object.fromEntries(Object.keys(stackFiles(name, { app: "" })).map((path) => [path, null]));

describe("stacks that leave the repository", () => {
  let host: FakeHost;
  let first: string;
  beforeEach(async () => {
    host = createFakeHost();
    first = host.git.commit({
      ...BOX,
      ...Object.assign({}, ...["a", "b", "c", "d"].map((name) => stackFiles(name, { app: "" }))),
    });
    await host.verify();
    assert.equal(projects(), "a b c d");
  });

  const projects = (): string => [...new Set(host.world.containers().map(({ project }) => project))].sort().join(" ");
  const firing = (): string[] =>
    host
      .alerting()
      .firing()
      .map(({ alert }) => alert.name);
  const remove = (...names: string[]): Record<string, null> => Object.assign({}, ...names.map(gone));

  it("must go with their containers and files, and be forgotten", async () => {
    host.placed.set("a/data/notes", "written by a container");
    host.git.commit(remove("a"));
    assert.equal(await host.tick(), "converged");
    assert.equal(projects(), "b c d");
    assert.deepEqual(
      [...host.placed.keys()].filter((path) => path.startsWith("a/")),
      ["a/data/notes"],
    );
    assert.deepEqual(
      [...host.store.values.keys()].filter((key) => key.endsWith("/a")),
      [],
    );
    assert.deepEqual(await host.kept.list("a"), []);
    assert.ok(host.engine.calls.includes("remove networks of a"));
    assert.ok(!host.world.images().some(({ tags }) => tags.some((tag) => tag.startsWith("holdfast/a-"))));
    assert.ok(host.world.images().some(({ tags }) => tags.some((tag) => tag.startsWith("holdfast/b-"))));
  });

  it("must be held, with the whole revision, when they are more than may go at once", async () => {
    const held = host.git.commit({ ...remove("a", "b", "c"), ...stackFiles("d", { app: "hostname: two" }) });
    assert.equal(await host.tick(), "failed");
    assert.equal(projects(), "a b c d");
    assert.equal(host.memory().desired?.revision, first);
    assert.equal(host.memory().removalHeld?.revision, held);
    assert.deepEqual(firing(), ["HoldfastRemovalHeld"]);
    assert.deepEqual(host.messages("error"), ["revision held"]);
    host.world.remove(host.world.containers()[0]?.id ?? "");
    await host.tick();
    assert.equal(host.world.containers().length, 4, "what is in force is looked after");
    host.restart();
    await host.tick();
    assert.equal(projects(), "a b c d");
    assert.ok(firing().includes("HoldfastRemovalHeld"));
  });

  it("must go when a commit since the last converged one confirms them, not necessarily the last", async () => {
    host.git.commit(remove("a", "b", "c"), "drop three\n\nHoldfast-Allow-Removal: a, b, c\n");
    host.git.commit({ "README.md": "more" }, "docs");
    assert.equal(await host.tick(), "converged");
    assert.equal(projects(), "d");
  });

  it("must not go because of a confirmation that was used already", async () => {
    host.git.commit(remove("a"), "drop\n\nHoldfast-Allow-Removal: a, b, c, d\n");
    await host.tick();
    assert.equal(projects(), "b c d");
    host.git.commit(remove("b", "c", "d"), "oops");
    assert.equal(await host.tick(), "failed");
    assert.equal(projects(), "b c d");
    host.git.commit({ "README.md": "more" }, "yes\n\nHoldfast-Allow-Removal: b, c, d\n");
    assert.equal(await host.tick(), "converged");
    assert.equal(projects(), "");
  });

  it("must go when somebody confirms them on the host", async () => {
    host.git.commit(remove("a", "b", "c", "d"));
    await host.tick();
    assert.equal(projects(), "a b c d");
    const never = new AbortController().signal;
    const parts = { ports: host.ports, memory: host.memory(), loop: host.loop() };
    await syncHost({}, parts, never, never);
    assert.equal(projects(), "a b c d");
    await syncHost({ allowRemoval: true }, parts, never, never);
    assert.equal(projects(), "");
  });

  it("must be held by the limit that was in force, although the same revision raises it", async () => {
    host.git.commit({ "desired-state/fleet.yaml": "prune: {maxRemovals: 1}\n" });
    await host.tick();
    host.git.commit({ "desired-state/fleet.yaml": "prune: {maxRemovals: 100%}\n", ...remove("a", "b") });
    assert.equal(await host.tick(), "failed");
    assert.equal(projects(), "a b c d");
  });

  it("must not count as gone when only their stack.yaml is broken", async () => {
    host.git.commit({ "desired-state/stacks/a/stack.yaml": "hosts: [", "desired-state/stacks/b/stack.yaml": null });
    await host.tick();
    assert.equal(projects(), "a b c d");
    assert.deepEqual([...(host.memory().desired?.invalid ?? [])], ["a", "b"]);
  });

  it("must be removed to the end by an agent that was ended in between", async () => {
    host.git.commit(remove("a"));
    host.engine.failNext(
      "remove networks",
      Object.assign(new Error("killed"), { name: "HoldfastError", code: "aborted", handling: "transient" }) as never,
    );
    await host.tick();
    assert.equal(projects(), "b c d");
    assert.notEqual(host.store.read("removal/a"), undefined);
    host.restart("boot");
    host.git.down = true;
    await host.tick();
    assert.equal(host.store.read("removal/a"), undefined);
    assert.deepEqual(
      [...host.placed.keys()].filter((path) => path.startsWith("a/")),
      [],
    );
  });

  it("must be taken up again when they come back", async () => {
    host.git.commit(remove("a"));
    await host.tick();
    host.git.commit(stackFiles("a", { app: "" }));
    await host.verify();
    assert.equal(projects(), "a b c d");
    assert.equal(host.store.read("removal/a"), undefined);
  });

  it("must only be told when Holdfast does not remember them", async () => {
    host.world.start(host.world.create({ project: "old", service: "app", stack: "old" }).id);
    await host.tick();
    assert.equal(projects(), "a b c d old");
    assert.deepEqual(firing(), ["HoldfastDrift"]);
    const never = new AbortController().signal;
    await syncHost({ allowRemoval: true }, { ports: host.ports, memory: host.memory(), loop: host.loop() }, never, never);
    assert.equal(projects(), "a b c d");
  });
});
