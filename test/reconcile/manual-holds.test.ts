import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { resume, suspend } from "../../agent/reconcile/manual-holds.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const MINUTE_MS = 60_000;

describe("a manual hold", () => {
  let host: FakeHost;
  let stop: AbortController;
  let running: Promise<void> | undefined;
  beforeEach(async () => {
    [stop, running] = [new AbortController(), undefined];
    host = createFakeHost();
    host.git.commit({
      ...BOX,
      ...state({ "fleet.yaml": "alerts: {minFiring: 0s}\n" }),
      ...stackFiles("web", { app: "" }),
      ...stackFiles("db", { db: "" }),
    });
    await host.verify();
  });
  afterEach(async () => {
    stop.abort();
    await running;
  });

  const names = (): string[] =>
    host.world
      .containers()
      .map(({ name }) => name)
      .sort();
  const removeAll = (): void => {
    for (const { id } of host.world.containers()) host.world.remove(id);
  };
  const firing = (): string[] =>
    host
      .alerting()
      .firing()
      .map(({ alert }) => `${alert.name} ${alert.labels["stack"] ?? "host"}`);

  it("must keep a stack as it is, while the others are mended, and tell what differs", async () => {
    suspend("web", { reason: "a new disk" }, host.ports);
    removeAll();
    assert.equal(await host.tick(), "converged", "what somebody asked for is no failure");
    assert.deepEqual(names(), ["db-db-1"]);
    assert.deepEqual(
      host.memory().plan?.stacks.map(({ stack, held }) => [stack, held?.reason, held?.text.endsWith(": a new disk")]),
      [["web", "suspended", true]],
    );
    assert.deepEqual(firing(), ["HoldfastDrift db", "HoldfastDrift web", "HoldfastSuspended web"]);
    const [alert] = host
      .alerting()
      .firing()
      .filter(({ alert: { name } }) => name === "HoldfastSuspended");
    assert.deepEqual([alert?.alert.severity, alert?.alert.annotations["description"]?.endsWith(": a new disk")], ["info", true]);
    resume("web", host.ports);
    assert.equal(await host.tick(), "converged");
    assert.deepEqual(names(), ["db-db-1", "web-app-1"]);
    await host.tick();
    assert.deepEqual(firing(), []);
  });

  it("of the whole host must keep every stack, a pushed change as well, and survive a restart", async () => {
    suspend(undefined, {}, host.ports);
    removeAll();
    host.git.commit(stackFiles("web", { app: "hostname: two" }));
    for (const how of [undefined, "boot"] as const) {
      host.restart(how);
      assert.equal(await host.tick(), "converged");
      assert.deepEqual([names(), firing().includes("HoldfastSuspended host")], [[], true]);
    }
    assert.deepEqual(resume(undefined, host.ports), [undefined]);
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(names(), ["db-db-1", "web-app-1"]);
  });

  it("must be ended by the hold of the whole host only when that ends, and with it", async () => {
    suspend("web", {}, host.ports);
    suspend(undefined, {}, host.ports);
    removeAll();
    assert.deepEqual(resume("web", host.ports), ["web"]);
    await host.tick();
    assert.deepEqual(names(), []);
    suspend("db", {}, host.ports);
    assert.deepEqual(resume(undefined, host.ports), [undefined, "db"]);
    await host.tick();
    assert.deepEqual(names(), ["db-db-1", "web-app-1"]);
    assert.deepEqual([resume("web", host.ports), resume(undefined, host.ports)], [[], []], "nothing is left to end");
  });

  it("that ends must be followed by a look at once, long before the next poll", async () => {
    suspend("web", { forMs: 10_000 }, host.ports);
    running = host.loop().run(stop.signal);
    await host.clock.waitedFor(10_000);
    host.world.remove(host.world.containers().find(({ name }) => name === "web-app-1")?.id ?? "");
    host.clock.advance(9_999);
    assert.deepEqual(names(), ["db-db-1"]);
    host.clock.advance(1);
    await waitUntil("it is mended", () => names().includes("web-app-1"), { intervalMs: 1 });
    await waitUntil("its end is told", () => host.told().includes("resumed web: the time of the hold of web is over"), {
      intervalMs: 1,
    });
    assert.equal(host.store.read("hold/web"), undefined);
  });

  it("that ended while no agent ran must not hold at the next start", async () => {
    suspend(undefined, { forMs: MINUTE_MS }, host.ports);
    removeAll();
    await host.tick();
    assert.deepEqual(names(), []);
    host.clock.advance(MINUTE_MS);
    host.restart("boot");
    await host.tick();
    assert.deepEqual(names(), ["db-db-1", "web-app-1"]);
    assert.deepEqual(host.told().slice(-3), [
      "resumed host: the time of the hold of the host is over",
      "healed db: service db has no container",
      "healed web: service app has no container",
    ]);
  });

  it("must end in time although the store cannot be written", async () => {
    suspend("web", { forMs: MINUTE_MS }, host.ports);
    host.world.remove(host.world.containers().find(({ name }) => name === "web-app-1")?.id ?? "");
    await host.tick();
    host.store.broken = true;
    host.clock.advance(MINUTE_MS);
    await host.tick();
    assert.deepEqual(names(), ["db-db-1", "web-app-1"]);
  });

  it("that the store cannot keep must be refused", () => {
    host.store.broken = true;
    assert.throws(() => suspend("web", {}, host.ports), { code: "state-failed" });
    assert.equal(host.told().length, 2, "and is not told");
  });

  it("that comes in the middle must let the step that has begun end, and no other one begin", async () => {
    removeAll();
    host.git.commit(
      stackFiles("web", { app: "", two: "depends_on: {app: {condition: service_started, required: true, restart: false}}" }),
    );
    const { up } = host.compose.compose;
    host.compose.compose.up = async (request, signal) => {
      if (request.project === "web") suspend("web", {}, host.ports);
      await up(request, signal);
    };
    await host.settle();
    assert.deepEqual(
      names().filter((name) => name.startsWith("web")),
      ["web-app-1"],
    );
    assert.equal(host.memory().plan?.stacks[0]?.held?.reason, "suspended");
    assert.equal(host.memory().waiting.size, 0, "nothing is waited for");
    resume("web", host.ports);
    await host.settle();
    assert.deepEqual(
      names().filter((name) => name.startsWith("web")),
      ["web-app-1", "web-two-1"],
    );
  });

  it("must keep a stack that left the repository until it ends", async () => {
    suspend("web", { forMs: MINUTE_MS }, host.ports);
    host.git.commit(Object.fromEntries(Object.keys(stackFiles("web", { app: "" })).map((path) => [path, null])));
    assert.equal(await host.tick(), "converged");
    assert.deepEqual(names(), ["db-db-1", "web-app-1"]);
    assert.equal(host.memory().plan?.stacks[0]?.held?.reason, "suspended");
    host.clock.advance(MINUTE_MS);
    await host.tick();
    assert.deepEqual(names(), ["db-db-1"]);
    assert.match(host.told().at(-1) ?? "", /^removed web: it is no longer in the repository; its volumes stay$/);
  });

  it("must keep what somebody works on from being judged, and give it its whole time after", async () => {
    host.git.commit(stackFiles("web", { app: "hostname: two\n    healthcheck: {test: [CMD, 'false']}" }));
    await host.tick();
    suspend("web", {}, host.ports);
    for (let minute = 0; minute < 10; minute += 1) {
      host.clock.advance(MINUTE_MS);
      await host.tick();
    }
    assert.equal(host.store.read("quarantine/web"), undefined);
    resume("web", host.ports);
    await host.tick();
    host.clock.advance(MINUTE_MS);
    await host.tick();
    assert.equal(host.store.read("quarantine/web"), undefined, "it has three minutes");
    for (let minute = 0; minute < 3; minute += 1) {
      host.clock.advance(MINUTE_MS);
      await host.tick();
    }
    assert.match(host.told().at(-2) ?? "", /^rolled-back web: back to [0-9a-f]{12}: /);
    assert.match(host.told().at(-1) ?? "", /^converged web: /);
  });

  it("must not stop what crashes while it lasts", async () => {
    host.git.commit(stackFiles("new", { app: "healthcheck: {test: [CMD, 'false']}" }));
    const stateOf = () => host.world.containers().find(({ project }) => project === "new")?.state;
    await host.tick();
    for (let minute = 0; minute < 4; minute += 1) {
      suspend("new", {}, host.ports);
      host.clock.advance(MINUTE_MS);
      await host.tick();
    }
    assert.equal(stateOf(), "running");
    resume("new", host.ports);
    for (let minute = 0; minute < 5; minute += 1) {
      await host.tick();
      host.clock.advance(MINUTE_MS);
    }
    assert.equal(stateOf(), "exited");
    assert.ok(host.told().some((line) => line.startsWith("verification-failed new: it is stopped: ")));
  });
});
