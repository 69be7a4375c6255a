import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../agent/model/error.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const MINUTE_MS = 60_000;

describe("the loop", () => {
  let host: FakeHost;
  let stop: AbortController;
  let running: Promise<void> | undefined;
  let delivered: string[][];
  beforeEach(() => {
    [stop, delivered, running] = [new AbortController(), [], undefined];
    host = createFakeHost({
      openReporter: () => ({
        deliver: async (alerts) => void delivered.push(alerts.map(({ alert }) => alert.name)),
      }),
    });
    host.git.commit({
      ...BOX,
      ...state({ "fleet.yaml": "interval: 2m\nalerts: {heartbeat: true, alertmanager: [{url: 'http://a'}]}\n" }),
      ...stackFiles("web", { app: "" }),
    });
  });
  afterEach(async () => {
    stop.abort();
    await running?.catch(() => undefined);
  });

  /** Runs the loop until it pauses for this long. */
  async function run(pauseMs: number): Promise<void> {
    await host.verify();
    host.git.calls.length = 0;
    await start(pauseMs);
  }
  async function start(pauseMs: number): Promise<void> {
    running = host.loop().run(stop.signal);
    running.catch(() => undefined);
    await host.clock.waitedFor(pauseMs);
    await waitUntil("it pauses, beside alerts and registries", () => host.clock.waits().length === 3, { intervalMs: 1 });
  }
  const polls = (): number => host.git.calls.filter((call) => call === "tip").length;

  for (const [chance, pauseMs] of [
    [0, 108_000],
    [0.5, 120_000],
    [0.75, 126_000],
  ] as const) {
    it(`must pause for the fleet's interval with a jitter of 10 % (chance ${chance})`, async () => {
      host.clock.chance = chance;
      await run(pauseMs);
      assert.equal(host.memory().nextAtMs, host.clock.nowMs() + pauseMs);
      const before = polls();
      host.clock.advance(pauseMs - 1);
      assert.equal(polls(), before);
      host.clock.advance(1);
      await waitUntil("the next poll", () => polls() > before, { intervalMs: 1 });
    });
  }

  it("must look again after 500 ms while something is on its way, and end the pause when it has come", async () => {
    host.git.commit(
      stackFiles("web", {
        app: "depends_on: {db: {condition: service_healthy, required: true}}",
        db: "healthcheck: {test: [CMD, 'false']}",
      }),
    );
    await start(500);
    assert.deepEqual([...host.memory().waiting.keys()], ["web"]);
    const db = host.world.containers().find(({ service }) => service === "db");
    host.world.change(db?.id ?? "", { health: "healthy", program: { health: "healthy" } });
    host.clock.advance(500);
    // Until it is known to stay healthy.
    await host.clock.waitedFor(2_500);
    assert.equal(host.memory().last?.result, "converged");
    assert.equal(polls(), 1, "only the engine was looked at meanwhile");
  });

  it("must end the pause when it is woken", async () => {
    await run(2 * MINUTE_MS);
    for (const expected of [2, 3]) {
      host.loop().wake();
      await waitUntil("the next poll", () => polls() === expected, { intervalMs: 1 });
      await host.clock.waitedFor(2 * MINUTE_MS);
    }
  });

  it("a wake during a tick must not be lost", async () => {
    let woken = false;
    const { readTip } = host.git.source;
    host.git.source.readTip = (signal) => {
      if (!woken) host.loop().wake();
      woken = true;
      return readTip(signal);
    };
    running = host.loop().run(stop.signal);
    await waitUntil("a second poll follows at once", () => polls() === 2, { intervalMs: 1 });
    await host.clock.waitedFor(2_500);
    assert.equal(polls(), 2, "and no third one");
  });

  it("errors of the engine and of the source must not end it", async () => {
    await run(2 * MINUTE_MS);
    host.engine.down();
    host.git.down = true;
    for (let round = 2; round <= 4; round += 1) {
      await advance();
      assert.equal(host.memory().last?.result, "failed");
    }
    assert.ok(
      host
        .alerting()
        .firing()
        .some(({ alert }) => alert.name === "HoldfastConvergeFailed"),
    );
    assert.deepEqual(host.messages("error"), ["the host cannot be observed"], "told once");
    host.engine.revive();
    host.git.down = false;
    host.loop().wake();
    await waitUntil("it converges again", () => host.memory().last?.result === "converged", { intervalMs: 1 });
  });

  /** Lets an interval of two minutes pass, and the tick at its end. */
  async function advance(): Promise<void> {
    host.clock.advance(2 * MINUTE_MS);
    await waitUntil("the next tick", () => host.memory().last?.atMs === host.clock.nowMs(), { intervalMs: 1 });
    await host.clock.waitedFor(2 * MINUTE_MS);
  }
  const firing = (): string[] =>
    host
      .alerting()
      .firing()
      .map(({ alert }) => alert.name);

  it("a repository that cannot be read must be asked less and less often, be told, and not slow down repair", async () => {
    await run(2 * MINUTE_MS);
    host.git.down = true;
    const [asked, told]: number[][] = [[], []];
    for (let minute = 2; minute <= 38; minute += 2) {
      const before = polls();
      // Not in each interval, or it would be given up as a fight.
      if (minute % 6 === 0) host.world.remove(host.world.containers()[0]?.id ?? "");
      await advance();
      assert.equal(host.world.containers().length, 1, "what runs is repaired in the same interval");
      if (polls() > before) asked?.push(minute);
      if (firing().includes("HoldfastSourceUnreachable")) told?.push(minute);
    }
    assert.deepEqual(asked, [2, 4, 8, 16, 26, 36]);
    assert.equal(told?.[0], 8);
    assert.equal(told?.length, 16, "until the end");
    host.git.down = false;
    const before = polls();
    while (polls() === before) await advance();
    assert.deepEqual([host.memory().last?.result, firing().includes("HoldfastSourceUnreachable")], ["converged", false]);
    await advance();
    assert.equal(polls(), before + 2, "and then asked at every interval again");
  });

  it("a server that names a time must not be asked before, unless somebody wakes the agent", async () => {
    await run(2 * MINUTE_MS);
    const { readTip } = host.git.source;
    const retryAtMs = host.clock.nowMs() + 15 * MINUTE_MS;
    host.git.source.readTip = async (signal) => {
      await readTip(signal);
      throw Object.assign(holdfastError("source-unreachable", "429", { handling: "transient" }), { retryAtMs });
    };
    for (let minute = 2; minute <= 14; minute += 2) await advance();
    assert.equal(polls(), 2);
    host.loop().wake();
    await waitUntil("the poll of who woke it", () => polls() === 3, { intervalMs: 1 });
    host.git.source.readTip = readTip;
    await waitUntil("its tick", () => host.memory().last?.atMs === host.clock.nowMs(), { intervalMs: 1 });
    while (polls() === 3) await advance();
    assert.ok(host.clock.nowMs() >= retryAtMs);
    assert.equal(host.memory().last?.result, "converged");
  });

  it("a repository that could not be read before a restart either must go on being told from the same start", async () => {
    await run(2 * MINUTE_MS);
    host.git.down = true;
    for (let round = 0; round < 4; round += 1) await advance();
    const since = host.memory().unreadableSinceMs;
    stop.abort();
    await running;
    host.restart();
    await host.tick();
    assert.equal(host.memory().unreadableSinceMs, since);
    assert.ok(firing().includes("HoldfastSourceUnreachable"));
    host.git.down = false;
    // Longer than an alert fires at least.
    host.clock.advance(10 * MINUTE_MS);
    host.restart();
    await host.tick();
    assert.ok(!firing().includes("HoldfastSourceUnreachable"));
    assert.equal(host.store.read("unreadable-since"), undefined);
  });

  it("a store that cannot be read must not end it", async () => {
    const { read } = host.store;
    host.store.read = () => {
      throw holdfastError("state-failed", "holdfast.db: disk I/O error", { handling: "transient" });
    };
    await run(MINUTE_MS);
    await waitUntil("the failure is told", () => host.messages("error").includes("reconciliation failed"), { intervalMs: 1 });
    await waitUntil("it pauses", () => host.clock.waits().length === 3, { intervalMs: 1 });
    host.store.read = read;
    host.clock.advance(MINUTE_MS);
    await waitUntil("it converges", () => host.memory().last?.result === "converged", { intervalMs: 1 });
  });

  it("a bug must end it, so that the service manager starts it afresh", async () => {
    host.engine.failNext("list", new TypeError("x is undefined") as never);
    await assert.rejects(host.loop().run(stop.signal), /x is undefined/);
  });

  it("alerts must be refreshed while a tick hangs", async () => {
    await run(2 * MINUTE_MS);
    await waitUntil("the heartbeat is told", () => delivered.length > 0, { intervalMs: 1 });
    host.engine.freeze();
    const before = polls();
    host.clock.advance(2 * MINUTE_MS);
    await waitUntil("the tick hangs", () => polls() > before && host.engine.calls.at(-1) === "list", { intervalMs: 1 });
    for (let round = 0; round < 3; round += 1) {
      const count = delivered.length;
      await host.clock.waitedFor(2 * MINUTE_MS);
      host.clock.advance(2 * MINUTE_MS);
      await waitUntil("alerts are told again", () => delivered.length > count, { intervalMs: 1 });
    }
    assert.equal(polls(), before + 1, "the tick still hangs");
    host.engine.revive();
  });

  it("must end at once when it is stopped: in a pause, and in the middle of a tick", async () => {
    await run(2 * MINUTE_MS);
    stop.abort();
    await running;
    assert.deepEqual(host.clock.waits(), []);
    stop = new AbortController();
    host.engine.freeze();
    const count = host.engine.calls.length;
    running = host.loop().run(stop.signal);
    await waitUntil("the tick hangs", () => host.engine.calls.length > count, { intervalMs: 1 });
    stop.abort();
    await running;
  });

  it("several who ask at once must share one tick", async () => {
    const { signal } = stop;
    const results = await Promise.all([
      host.loop().reconcile(signal),
      host.loop().reconcile(signal),
      host.loop().reconcile(signal),
    ]);
    assert.deepEqual([results, polls()], [["converged", "converged", "converged"], 1]);
  });
});
