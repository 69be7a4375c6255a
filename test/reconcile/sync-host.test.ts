import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../agent/model/error.ts";
import type { TickOutcome } from "../../agent/reconcile/memory.ts";
import { syncHost } from "../../agent/reconcile/sync-host.ts";
import type { Progress } from "../../agent/reconcile/tell/journal.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "./fake-host.ts";
import { letTimePass } from "./let-time-pass.ts";

const MINUTE_MS = 60_000;
const LOOK_AGAIN_MS = 250;

describe("a sync", () => {
  let host: FakeHost;
  let stop: AbortController;
  let gone: AbortController;
  let running: Promise<void> | undefined;
  /** Stacks that did not prove themselves, as the last sync said. */
  let unproved: readonly string[];
  beforeEach(async () => {
    [stop, gone, running] = [new AbortController(), new AbortController(), undefined];
    host = createFakeHost();
    host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }), ...stackFiles("db", { db: "" }) });
    await host.verify();
  });
  afterEach(async () => {
    stop.abort();
    await running?.catch(() => undefined);
  });

  const names = (): string[] =>
    host.world
      .containers()
      .map(({ name }) => name)
      .sort();
  const removeAll = (): void => {
    for (const { id } of host.world.containers()) host.world.remove(id);
  };
  const polls = (): number => host.git.calls.filter((call) => call === "tip").length;
  /** Its clock stands still: what is waited for never comes unless the test lets it. */
  async function begin(stack?: string): Promise<TickOutcome> {
    const request = stack === undefined ? {} : { stack };
    const parts = { ports: host.ports, memory: host.memory(), loop: host.loop() };
    const { result, failed } = await syncHost(request, parts, stop.signal, gone.signal);
    unproved = failed;
    return result;
  }
  /** Lets time pass for as long as the sync waits. */
  const sync = (stack?: string): Promise<TickOutcome> => letTimePass(host.clock, begin(stack));
  async function fight(): Promise<void> {
    for (let round = 0; round < 6; round += 1) {
      removeAll();
      await host.tick();
    }
    assert.deepEqual(names(), []);
  }

  it("must ask the repository at once, and leave the loop its interval", async () => {
    running = host.loop().run(stop.signal);
    await host.clock.waitedFor(MINUTE_MS);
    const before = polls();
    host.clock.advance(MINUTE_MS / 2);
    const pushed = host.git.commit({ "README.md": "another revision\n" });
    assert.equal(await sync(), "converged");
    assert.deepEqual([polls(), host.memory().desired?.revision], [before + 1, pushed]);
    await waitUntil(
      "the loop pauses again for its whole interval",
      () => host.memory().nextAtMs === host.clock.nowMs() + MINUTE_MS,
      { intervalMs: 1 },
    );
    assert.equal(polls(), before + 1, "it does not ask twice");
  });

  it("must begin after what is under way, so that its answer is about what was pushed before it was asked for", async () => {
    const { readTip } = host.git.source;
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    host.git.source.readTip = async (signal) => {
      const tip = await readTip(signal);
      await gate;
      return tip;
    };
    const before = polls();
    const first = host.tick();
    await waitUntil("the tip was read", () => polls() > before, { intervalMs: 1 });
    host.git.commit(stackFiles("web", { app: "", two: "" }));
    const second = sync();
    open();
    assert.deepEqual([await first, await second, names().includes("web-two-1")], ["converged", "converged", true]);
  });

  it("must resume healing that was stopped, with the whole budget, and tell why", async () => {
    await fight();
    assert.equal(await sync(), "converged");
    assert.deepEqual(names(), ["db-db-1", "web-app-1"]);
    assert.ok(host.told().includes("synced host: asked for with `holdfast sync`: healing resumes"));
    for (let round = 0; round < 5; round += 1) {
      removeAll();
      await host.tick();
    }
    assert.equal(names().length, 0, "five heals, the first by the sync, and no more");
  });

  it("of one stack must leave what the others were given up for", async () => {
    await fight();
    assert.equal(await sync("web"), "failed");
    assert.deepEqual(names(), ["web-app-1"]);
    assert.ok(host.told().includes("synced web: asked for with `holdfast sync`: healing resumes"));
  });

  it("must try again at once what is delayed after failures", async () => {
    removeAll();
    const error = holdfastError("compose-failed", "no such device", { handling: "transient" });
    for (let round = 0; round < 4; round += 1) {
      host.compose.failNext("up", error);
      host.compose.failNext("up", error);
      await host.tick();
      host.clock.advance(MINUTE_MS);
    }
    host.compose.failNext("up", error);
    host.compose.failNext("up", error);
    await host.tick();
    await host.tick();
    assert.deepEqual(names(), [], "it is delayed");
    assert.equal(await sync(), "converged");
    assert.deepEqual(names(), ["db-db-1", "web-app-1"]);
    assert.ok(host.told().includes("synced host: asked for with `holdfast sync`: what failed is tried again"));
  });

  it("must wait for what it started, and not for ever for whoever has gone", async () => {
    host.git.commit(
      stackFiles("web", {
        app: "depends_on: {db: {condition: service_healthy, required: true, restart: false}}\n    hostname: two",
        db: "healthcheck: {test: [CMD, 'false']}",
      }),
    );
    let ended = false;
    const result = begin().finally(() => {
      ended = true;
    });
    await host.clock.waitedFor(LOOK_AGAIN_MS);
    assert.equal(ended, false);
    gone.abort();
    assert.equal(await result, "waiting");
    gone = new AbortController();
    const again = sync();
    await host.clock.waitedFor(LOOK_AGAIN_MS);
    const db = host.world.containers().find(({ name }) => name === "web-db-1");
    host.world.change(db?.id ?? "", { health: "healthy", program: { health: "healthy" } });
    assert.equal(await again, "converged");
  });

  it("must wait until what was pushed has proved itself, and what did not was taken back", async () => {
    const verified = (): unknown => (host.store.read("verification/web") as { state?: string } | undefined)?.state;
    host.git.commit(stackFiles("web", { app: "command: [serve, '2']" }));
    let over = false;
    const syncing = begin().finally(() => {
      over = true;
    });
    await host.clock.waitedFor(LOOK_AGAIN_MS);
    assert.deepEqual([over, verified()], [false, "pending"], "its containers run, which is not enough");
    assert.deepEqual([await letTimePass(host.clock, syncing), verified(), unproved], ["converged", "verified", []]);

    host.git.commit(stackFiles("web", { app: "command: [serve, '3']\n    healthcheck: {test: [CMD, 'false']}" }));
    assert.equal(await sync(), "converged");
    assert.deepEqual([unproved, host.memory().desired?.rolledBack, verified()], [["web"], ["web"], "verified"]);
    assert.match(JSON.stringify(host.memory().desired?.stacks.find(({ name }) => name === "web")?.model), /serve","2/);
    assert.equal(await sync("web"), "converged");
    assert.deepEqual(unproved, ["web"], "it was tried again, and is no better");
  });

  it("must tell those who look on what is done, while it is done", async () => {
    removeAll();
    const seen: Progress[] = [];
    const ignore = host.ports.journal.listen((progress) => seen.push(progress));
    host.ports.journal.listen(() => {
      throw new Error("whoever looks on has gone");
    });
    await sync();
    ignore();
    removeAll();
    await host.tick();
    assert.deepEqual(seen.map(({ event, stack, text }) => `${event} ${stack ?? "host"}: ${text}`).sort(), [
      "healed db: service db has no container",
      "healed web: service app has no container",
      "step db: create db",
      "step web: create app",
      "synced host: asked for with `holdfast sync`",
    ]);
    assert.ok(!host.told().some((line) => line.startsWith("step ")), "what passes is not kept");
  });

  it("must ask the repository although the store cannot be written", async () => {
    await fight();
    host.store.broken = true;
    const before = polls();
    await sync().catch(() => undefined);
    assert.equal(polls(), before + 1);
    assert.ok(host.messages("warn").includes("failures cannot be forgotten"));
  });
});
