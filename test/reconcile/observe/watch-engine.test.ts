import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../../agent/model/error.ts";
import { resume, suspend } from "../../../agent/reconcile/manual-holds.ts";
import { waitUntil } from "../../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "../fake-host.ts";

const MINUTE_MS = 60_000;
const GATHER_MS = 250;

describe("with the engine's events", () => {
  let host: FakeHost;
  let stop: AbortController;
  let running: Promise<void> | undefined;
  beforeEach(async () => {
    [stop, running] = [new AbortController(), undefined];
    host = createFakeHost({ tellsEvents: true });
    host.git.commit({ ...BOX, ...state({ "fleet.yaml": "interval: 2m\n" }), ...stackFiles("web", { app: "" }) });
    await host.verify();
    running = host.loop().run(stop.signal);
    running.catch(() => undefined);
    await waitUntil("the stream is there", () => host.memory().watch.streaming, { intervalMs: 1 });
    await quiet();
  });
  afterEach(async () => {
    stop.abort();
    await running?.catch(() => undefined);
  });

  const lists = (): number => host.engine.calls.filter((call) => call === "list").length;
  const polls = (): number => host.git.calls.filter((call) => call === "tip").length;
  const container = () => host.world.containers().find(({ service }) => service === "app");

  /** Lets what was told be gathered, until the loop pauses for its interval. */
  async function quiet(): Promise<void> {
    await waitUntil(
      "the loop has nothing to do",
      async () => {
        const [ms] = host.clock.waits().filter((wait) => [GATHER_MS, 50, 2_500].includes(wait));
        if (ms !== undefined) host.clock.advance(ms);
        const { quiet: settled, watch } = host.memory();
        // Everything is looked at once more when the stream is there.
        const audited = !watch.streaming || watch.auditedAtMs !== undefined;
        return settled && !watch.news && audited && host.clock.waits().some((wait) => wait > MINUTE_MS);
      },
      { intervalMs: 1 },
    );
  }
  async function advance(ms: number): Promise<void> {
    const before = polls();
    host.clock.advance(ms);
    await waitUntil("the next poll", () => polls() > before, { intervalMs: 1 });
    await quiet();
  }

  it("a poll that finds nothing must make no request to the engine", async () => {
    const before = lists();
    for (let round = 0; round < 5; round += 1) await advance(2 * MINUTE_MS);
    assert.equal(lists(), before);
    assert.equal(host.memory().last?.result, "converged");
  });

  for (const [how, end] of [
    ["its time is over", (one: FakeHost) => one.clock.advance(90_000)],
    [
      "somebody resumes",
      (one: FakeHost) => {
        resume("web", one.ports);
        one.loop().look();
      },
    ],
  ] as const) {
    it(`what a hold kept back must be done when ${how}, although nothing is told then`, async () => {
      suspend("web", { forMs: 90_000 }, host.ports);
      host.world.remove(container()?.id ?? "");
      await quiet();
      assert.equal(container(), undefined);
      const before = polls();
      end(host);
      await waitUntil("it is back", () => container() !== undefined, { intervalMs: 1 });
      assert.equal(polls(), before);
    });
  }

  it("a container that is removed must be back without a poll", async () => {
    const [before, id] = [polls(), container()?.id ?? ""];
    host.world.remove(id);
    await quiet();
    assert.notEqual(container()?.id, id);
    assert.equal(container()?.state, "running");
    assert.equal(polls(), before);
  });

  it("what somebody else runs on the host must not be looked at", async () => {
    const before = lists();
    const { id } = host.world.create({ project: "other", service: "app" });
    host.world.start(id);
    host.world.remove(id);
    await quiet();
    assert.equal(lists(), before);
  });

  it("everything must be looked at every 15 minutes, whatever is told", async () => {
    const before = lists();
    for (let round = 0; round < 8; round += 1) await advance(2 * MINUTE_MS);
    assert.ok(lists() > before, "an audit");
    assert.ok(lists() <= before + 2, String(lists() - before));
  });

  it("an engine that was restarted must be looked at at once, and listed at each poll until then", async () => {
    host.engine.down();
    await waitUntil("the stream is gone", () => !host.memory().watch.streaming, { intervalMs: 1 });
    host.world.stop(container()?.id ?? "");
    host.engine.revive();
    host.clock.advance(1_000);
    await quiet();
    assert.equal(container()?.state, "running");
    assert.deepEqual(host.messages("warn"), ["the engine's events are not told; its containers are listed at each poll"]);
    assert.ok(host.messages("info").includes("the engine's events are told again"));
  });

  it("a new revision must be converged although nothing was told", async () => {
    host.git.commit(stackFiles("db", { main: "" }));
    await advance(2 * MINUTE_MS);
    assert.deepEqual(
      host.world
        .containers()
        .map(({ project }) => project)
        .sort(),
      ["db", "web"],
    );
  });

  it("a step that failed must be taken again although nothing was told", async () => {
    host.git.commit(stackFiles("db", { main: "" }));
    host.compose.failNext("up", holdfastError("compose-failed", "it failed", { handling: "transient" }));
    const failed = host.clock.nowMs();
    await waitUntil("it is there", async () => {
      host.clock.advance(10_000);
      return host.world.containers().some(({ project, state: now }) => project === "db" && now === "running");
    });
    assert.ok(host.clock.nowMs() > failed);
  });
});
