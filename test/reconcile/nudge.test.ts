import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../agent/model/error.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const INTERVAL_MS = 120_000;
const GAP_MS = 2_000;

describe("nudging the loop", () => {
  let host: FakeHost;
  let stop: AbortController;
  let running: Promise<void> | undefined;
  beforeEach(async () => {
    stop = new AbortController();
    host = createFakeHost();
    host.git.commit({ ...BOX, ...state({ "fleet.yaml": "interval: 2m\n" }), ...stackFiles("web", { app: "" }) });
    await host.verify();
    host.git.calls.length = 0;
    running = host.loop().run(stop.signal);
    await host.clock.waitedFor(INTERVAL_MS);
    assert.equal(polls(), 1);
  });
  afterEach(async () => {
    stop.abort();
    await running;
  });
  const polls = (): number => host.git.calls.filter((call) => call === "tip").length;
  const lists = (): number => host.engine.calls.filter((call) => call === "list").length;

  async function seePolls(count: number): Promise<void> {
    await waitUntil(`poll ${count}`, () => polls() === count, { intervalMs: 1 });
    await host.clock.waitedFor(INTERVAL_MS);
    assert.equal(polls(), count);
  }

  it("must poll at once when the last poll was long ago, and keep the interval from then on", async () => {
    host.clock.advance(60_000);
    assert.equal(host.loop().nudge(), true);
    await seePolls(2);
    assert.equal(host.memory().nextAtMs, host.clock.nowMs() + INTERVAL_MS);
  });

  it("a flood must cost one poll now and one when the gap is over, and hardly a look at the engine", async () => {
    host.clock.advance(60_000);
    const before = lists();
    const news = Array.from({ length: 500 }, () => host.loop().nudge());
    assert.deepEqual([news[0], news.filter(Boolean).length], [true, 1]);
    await seePolls(2);
    for (let round = 0; round < 500; round += 1) host.loop().nudge();
    await host.clock.waitedFor(GAP_MS);
    assert.equal(host.memory().nextAtMs, host.clock.nowMs() + GAP_MS, "the status tells when");
    host.clock.advance(GAP_MS - 1_000);
    assert.equal(polls(), 2);
    host.clock.advance(1_000);
    await seePolls(3);
    assert.ok(lists() - before <= 3, `${lists() - before} looks`);
  });

  it("who rings while a poll is under way must get one more", async () => {
    host.clock.advance(60_000);
    const { readTip } = host.git.source;
    let rung = 0;
    host.git.source.readTip = (signal) => {
      if (rung === 0) for (; rung < 100; rung += 1) host.loop().nudge();
      return readTip(signal);
    };
    host.loop().nudge();
    await host.clock.waitedFor(GAP_MS);
    assert.equal(polls(), 2);
    host.clock.advance(GAP_MS);
    await seePolls(3);
  });

  it("must ask a repository anew that could not be read, but not before its server wants to be asked", async () => {
    host.git.down = true;
    for (const expected of [2, 3, 4]) {
      host.clock.advance(10_000);
      host.loop().nudge();
      await waitUntil("the poll", () => polls() === expected, { intervalMs: 1 });
      await waitUntil("its end", () => host.memory().sourceFailures === expected - 1, { intervalMs: 1 });
    }
    const { readTip } = host.git.source;
    const retryAtMs = host.clock.nowMs() + 60_000;
    host.git.source.readTip = async () => {
      host.git.calls.push("tip");
      throw Object.assign(holdfastError("source-unreachable", "429", { handling: "transient" }), { retryAtMs });
    };
    host.clock.advance(10_000);
    host.loop().nudge();
    await waitUntil("it is told when", () => host.memory().sourceError?.retryAtMs === retryAtMs, { intervalMs: 1 });
    await waitUntil("it pauses", () => host.memory().last?.atMs === host.clock.nowMs(), { intervalMs: 1 });
    host.git.source.readTip = readTip;
    host.git.down = false;
    host.loop().nudge();
    await host.clock.waitedFor(50_000);
    host.clock.advance(49_000);
    assert.equal(polls(), 5);
    host.clock.advance(1_000);
    await waitUntil("the poll that was owed", () => polls() === 6, { intervalMs: 1 });
  });

  it("must not delay somebody who wakes it", async () => {
    host.clock.advance(500);
    host.loop().nudge();
    host.loop().wake();
    await seePolls(2);
  });
});
