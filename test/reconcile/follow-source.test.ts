import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../agent/model/error.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

describe("following the source", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = createFakeHost();
  });

  async function converge(): Promise<void> {
    host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }) });
    assert.equal(await host.settle(), "converged", JSON.stringify(host.log));
    host.git.calls.length = 0;
    host.log.length = 0;
  }

  it("an unchanged tip must cost one request, no fetch, no rendering and no word", async () => {
    await converge();
    const before = host.compose.calls.length;
    for (let round = 0; round < 3; round += 1) assert.equal(await host.tick(), "converged");
    assert.deepEqual(host.git.calls, ["tip", "tip", "tip"]);
    assert.equal(host.compose.calls.length, before);
    assert.deepEqual(host.log, []);
  });

  it("a server that is gone must be told once, and its return once", async () => {
    await converge();
    host.git.down = true;
    for (let round = 0; round < 3; round += 1) assert.equal(await host.tick(), "failed");
    host.git.down = false;
    for (let round = 0; round < 2; round += 1) assert.equal(await host.tick(), "converged");
    assert.deepEqual(
      host.log.map(({ msg }) => msg),
      ["the newest revision cannot be read", "repository is reachable again"],
    );
  });

  it("an examination that fails must be told once, be tried again at each tick, and keep what is in force", async () => {
    await converge();
    const revision = host.memory().desired?.revision;
    host.git.commit(stackFiles("web", { app: "hostname: two" }));
    for (let round = 0; round < 3; round += 1) {
      host.compose.failNext("config", holdfastError("compose-missing", "compose cannot be started", { handling: "transient" }));
      assert.equal(await host.tick(), "failed");
    }
    assert.equal(host.memory().desired?.revision, revision);
    assert.deepEqual(host.messages("warn"), ["the newest revision cannot be read"]);
    assert.equal(await host.settle(), "converged");
    assert.notEqual(host.memory().desired?.revision, revision);
  });

  it("a rejected revision must be examined and told once, and the one that mends it be taken", async () => {
    await converge();
    const good = host.memory().desired?.revision;
    host.git.commit(state({ "hosts/box.yaml": "platfrom: x\n" }));
    for (let round = 0; round < 3; round += 1) assert.equal(await host.tick(), "invalid");
    assert.deepEqual(host.messages("error"), ["revision rejected"]);
    assert.equal(host.memory().desired?.revision, good);
    const fixed = host.git.commit(BOX);
    assert.equal(await host.settle(), "converged");
    assert.deepEqual([host.memory().desired?.revision, host.memory().rejected], [fixed, undefined]);
  });

  it("a tip that is not trusted must be rejected and told once, and be taken when it is trusted after all", async () => {
    await converge();
    const good = host.memory().desired?.revision;
    const next = host.git.commit(stackFiles("web", { app: "hostname: two" }));
    host.git.objection = "the commit is not signed (repository.allowedSigners)";
    const [before] = host.world.containers();
    for (let round = 0; round < 3; round += 1) assert.equal(await host.tick(), "invalid");
    assert.deepEqual(host.messages("error"), ["revision rejected"]);
    assert.equal(host.memory().rejected?.reason, host.git.objection);
    assert.equal(host.memory().desired?.revision, good);
    host.world.remove(before?.id ?? "");
    await host.settle();
    assert.equal(host.world.containers().length, 1, "what is in force is still healed");
    host.restart();
    assert.equal(await host.tick(), "invalid");
    assert.equal(host.memory().desired?.revision, good, "after a restart too");
    const judged = host.git.judged.length;
    assert.equal(await host.tick(), "invalid");
    assert.equal(host.git.judged.length, judged, "what is checked by a program is not checked at each poll");
    host.git.objection = undefined;
    host.git.signers = "with another key";
    assert.equal(await host.settle(), "converged");
    assert.equal(host.memory().desired?.revision, next);
  });

  it("a commit that is tagged anew must be fetched and judged anew", async () => {
    await converge();
    const { source } = host.git;
    const { readTip, judge } = source;
    const judged: (string | undefined)[] = [];
    let tag = "1".repeat(40);
    source.readTip = async (signal) => ({ ...(await readTip(signal)), tag });
    source.judge = (tip, accepted, signal) => {
      judged.push(tip.tag);
      return judge(tip, accepted, signal);
    };
    for (let round = 0; round < 2; round += 1) await host.tick();
    tag = "2".repeat(40);
    for (let round = 0; round < 2; round += 1) await host.tick();
    assert.deepEqual(judged, ["1".repeat(40), "2".repeat(40)]);
    assert.equal(host.git.calls.filter((call) => call === "fetch").length, 2);
  });

  it("a first revision that is rejected must be examined and told once as well", async () => {
    host.git.commit({ "README.md": "nothing yet\n" });
    for (let round = 0; round < 3; round += 1) assert.equal(await host.tick(), "invalid");
    assert.deepEqual(host.messages("error"), ["revision rejected"]);
  });

  it("a rejected revision must still be told after a restart, and what was accepted before be in force", async () => {
    await converge();
    host.git.commit(state({ "hosts/box.yaml": null }));
    await host.tick();
    for (const how of [undefined, "boot"] as const) {
      host.restart(how);
      host.log.length = 0;
      for (let round = 0; round < 3; round += 1) assert.equal(await host.tick(), "invalid");
      assert.deepEqual(host.messages("error"), ["revision rejected"]);
      assert.deepEqual(
        host.memory().desired?.stacks.map(({ name }) => name),
        ["web"],
      );
    }
  });

  for (const how of [undefined, "boot"] as const) {
    it(`a ${how ?? "restart"} without a network must resume from the last accepted revision, and heal`, async () => {
      await converge();
      host.git.down = true;
      host.restart(how);
      const [container] = host.world.containers();
      host.world.remove(container?.id ?? "");
      assert.equal(await host.settle(), "failed", "the poll failed");
      assert.deepEqual(
        host.world.containers().map(({ name, state: now }) => `${name} ${now}`),
        ["web-app-1 running"],
      );
      assert.ok(host.messages("info").includes("resumed from the last accepted revision"));
      host.git.down = false;
      assert.equal(await host.tick(), "converged");
    });
  }

  it("a damaged store of objects must be fetched again by itself", async () => {
    await converge();
    host.git.commit(stackFiles("web", { app: "hostname: two" }));
    host.git.damaged = true;
    assert.equal(await host.settle(), "converged", "the fetch of the new revision mends it");
    host.git.commit(stackFiles("web", { app: "hostname: three" }));
    const desire = host.tick();
    await desire;
    host.git.calls.length = 0;
    host.world.remove(host.world.containers()[0]?.id ?? "");
    host.placed.clear();
    host.store.values.delete("placed/web");
    host.git.damaged = true;
    assert.equal(await host.tick(), "failed", "its files cannot be read");
    assert.equal(await host.settle(), "converged", JSON.stringify(host.log.slice(-3)));
    assert.deepEqual(host.git.calls.slice(0, 3), ["tip", "tip", "fetch"]);
  });

  it("what is in force must be fetched with a tip that is rejected, at a start and when it is missing later", async () => {
    await converge();
    const good = host.memory().desired?.revision;
    host.git.commit(state({ "hosts/box.yaml": null }));
    for (const withIt of [true, false]) {
      host.git.lose();
      host.restart("boot");
      const { source } = host.git;
      const { fetch } = source;
      if (!withIt) source.fetch = (tip, signal) => fetch(tip, signal);
      assert.equal(await host.tick(), "invalid");
      assert.equal(host.memory().desired?.revision, withIt ? good : undefined);
      source.fetch = fetch;
      host.git.calls.length = 0;
      for (let round = 0; round < 3; round += 1) assert.equal(await host.tick(), "invalid");
      assert.equal(host.memory().desired?.revision, good);
      assert.equal(host.git.calls.filter((call) => call === "fetch").length, withIt ? 0 : 1);
    }
  });

  it("a disk that is full while a revision is accepted must not leave the agent failing once there is room", async () => {
    await converge();
    const revision = host.git.commit(stackFiles("web", { app: "hostname: two" }));
    host.store.broken = true;
    assert.equal(await host.tick(), "failed");
    host.store.broken = false;
    assert.equal(await host.settle(), "converged", JSON.stringify(host.log.slice(-3)));
    assert.equal(host.store.read("accepted"), revision);
  });

  it("a changed environment file of the host must be taken without a new revision", async () => {
    host.env.set("web.env", "NAME=one\n");
    host.git.commit({ ...BOX, ...stackFiles("web", { app: 'hostname: "${NAME}"' }, "hostEnvFiles: [web.env]\n") });
    assert.equal(await host.settle(), "converged", JSON.stringify(host.log));
    const [before] = host.world.containers();
    host.env.set("web.env", "NAME=two\n");
    host.git.calls.length = 0;
    assert.equal(await host.settle(), "converged");
    assert.notEqual(host.world.containers()[0]?.id, before?.id);
    assert.ok(!host.git.calls.includes("fetch"));
    const calls = host.compose.calls.length;
    await host.tick();
    assert.equal(host.compose.calls.length, calls, "once");
  });

  for (const why of ["is rejected", "cannot be asked for after a restart"]) {
    it(`a changed environment file must reach what is in force while the newest revision ${why}`, async () => {
      host.env.set("web.env", "NAME=one\n");
      host.git.commit({ ...BOX, ...stackFiles("web", { app: 'hostname: "${NAME}"' }, "hostEnvFiles: [web.env]\n") });
      await host.settle();
      if (why === "is rejected") host.git.commit(state({ "hosts/box.yaml": null }));
      else {
        host.git.down = true;
        host.restart();
      }
      await host.tick();
      const [before] = host.world.containers();
      host.env.set("web.env", "NAME=two\n");
      await host.tick();
      const [now] = host.world.containers();
      assert.notEqual(now?.id, before?.id);
      await host.tick();
      assert.equal(host.world.containers()[0]?.id, now?.id);
    });
  }

  it("a bug while a revision is read must end the tick", async () => {
    host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }) });
    host.compose.failNext("config", new TypeError("x is not a function") as never);
    await assert.rejects(host.tick(), /x is not a function/);
  });
});
