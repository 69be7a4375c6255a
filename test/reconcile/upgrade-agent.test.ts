import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../agent/model/error.ts";
import type { UpgradeTarget, UpgradeTrial } from "../../agent/model/upgrade.ts";
import { keyOf } from "../../agent/plan/choose-upgrade.ts";
import type { Upgrader } from "../../agent/ports/upgrader.ts";
import { suspend } from "../../agent/reconcile/manual-holds.ts";
import { createMemory, type Memory } from "../../agent/reconcile/memory.ts";
import { collectFacts } from "../../agent/reconcile/tell/collect-facts.ts";
import { openUpgrading, type Upgrading } from "../../agent/reconcile/upgrade-agent.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const [OLD, NEW] = ["a".repeat(64), "b".repeat(64)];
const RELEASE = { version: "0.2.0", url: "https://git.lan/v0.2.0", sha256: { "linux-x64": NEW } };
const signal = new AbortController().signal;

describe("the agent's own version", () => {
  let host: FakeHost;
  let fetched: UpgradeTarget[];
  let failure: Error | undefined;
  let trial: UpgradeTrial | undefined;
  let sha256: string;
  let restarts: number;
  let memory: Memory;
  let upgrading: Upgrading;

  const upgrader: Upgrader = {
    ...{ version: "0.1.0", platform: "linux-x64" },
    identify: async () => sha256,
    recall: async () => trial,
    async stage(target) {
      fetched.push(target);
      if (failure !== undefined) throw failure;
      trial = { ...target, state: "staged", from: "0.1.0" };
    },
    async settle() {
      trial = undefined;
    },
  };

  beforeEach(() => {
    [host, fetched, failure, trial, sha256, restarts] = [createFakeHost(), [], undefined, undefined, OLD, 0];
    start();
  });

  /** Another process of the agent. */
  function start(): void {
    memory = createMemory();
    const ports = { ...host.ports, upgrader } as Parameters<typeof openUpgrading>[0];
    const restart = (): void => {
      restarts += 1;
    };
    upgrading = openUpgrading(ports, memory, { restart, ring: () => undefined });
  }

  /** A tick of a host that has converged this. */
  async function tick(agent: typeof RELEASE | null = RELEASE): Promise<void> {
    const entry = agent === null ? "" : `agent: ${JSON.stringify(agent)}\n`;
    host.git.commit({ ...BOX, ...state({ "fleet.yaml": `interval: 1m\n${entry}` }), ...stackFiles("web", { app: "" }) });
    await host.verify();
    memory.desired = host.memory().desired as NonNullable<Memory["desired"]>;
    upgrading.look(signal);
    await upgrading.finish(signal);
  }
  const alert = () => collectFacts("box", memory, host.store, host.clock.nowMs(), 60_000).notUpgraded;
  const told = () => host.told().filter((line) => line.includes("upgrade"));

  it("must stay as it is when nothing is asked for, or what is asked for runs", async () => {
    await tick(null);
    sha256 = NEW;
    await tick();
    assert.deepEqual([fetched, restarts, alert(), told()], [[], 0, undefined, []]);
  });

  it("must be fetched once, and take its place when nothing is under way", async () => {
    await tick();
    assert.deepEqual(
      fetched.map(({ version }) => version),
      ["0.2.0"],
    );
    for (const busy of [
      () => memory.samples.set("web", []),
      () => memory.waiting.set("web", { value: "app is not healthy", sinceMs: host.clock.nowMs() }),
      () => {
        memory.redesire = true;
      },
    ]) {
      busy();
      upgrading.look(signal);
      assert.equal(restarts, 0);
      await new Promise((resolve) => setImmediate(resolve));
      memory.samples.clear();
      memory.waiting.clear();
      delete memory.redesire;
    }
    upgrading.look(signal);
    assert.equal(restarts, 1);
    assert.equal(fetched.length, 1);
  });

  it("must not wait for what never comes", async () => {
    await tick();
    memory.waiting.set("web", { value: "db is not healthy", sinceMs: host.clock.nowMs() - 600_000 });
    upgrading.look(signal);
    assert.equal(restarts, 1);
  });

  it("must be told of when it has got ready, and no more be on trial", async () => {
    trial = { state: "trial", version: "0.2.0", from: "0.1.0", sha256: NEW, key: keyOf(RELEASE) };
    sha256 = NEW;
    await tick();
    assert.equal(trial, undefined);
    assert.deepEqual(told(), ["agent-upgraded host: from version 0.1.0 to 0.2.0"]);
  });

  it("must not be tried again when it did not get ready, not even by another process without a memory", async () => {
    trial = { state: "failed", version: "0.2.0", from: "0.1.0", sha256: NEW, key: keyOf(RELEASE), reason: "it ended twice" };
    await tick();
    assert.deepEqual(alert(), { version: "0.2.0", reason: "it ended twice; 0.1.0 is back" });
    start();
    host.clock.advance(86_400_000);
    assert.ok(alert(), "it goes on firing after a restart");
    await tick();
    host.store.remove("upgrade");
    start();
    await tick();
    assert.deepEqual([fetched, restarts], [[], 0]);
    // Another entry is another attempt, and back again is one more.
    await tick({ ...RELEASE, version: "0.2.1" });
    assert.equal(fetched.length, 1);
    await tick();
    assert.equal(fetched.length, 2);
  });

  it("must be no more of an alert when the entry is taken back", async () => {
    trial = { state: "failed", version: "0.2.0", from: "0.1.0", sha256: NEW, key: keyOf(RELEASE), reason: "it ended twice" };
    await tick();
    await tick(null);
    assert.deepEqual([alert(), trial], [undefined, undefined]);
  });

  it("must be fetched again later when it could not be, and be told of from the second time on", async () => {
    failure = holdfastError("upgrade-failed", "no answer came in time", { handling: "transient" });
    await tick();
    await tick();
    assert.deepEqual([fetched.length, alert()], [1, undefined]);
    host.clock.advance(60_000);
    await tick();
    assert.deepEqual([fetched.length, alert()?.reason], [2, "no answer came in time"]);
    assert.equal(told().length, 1);
    failure = undefined;
    host.clock.advance(120_000);
    await tick();
    upgrading.look(signal);
    assert.equal(restarts, 1);
  });

  it("must not restart for ever when nobody puts it in its place", async () => {
    await tick();
    upgrading.look(signal);
    start();
    await tick();
    upgrading.look(signal);
    assert.deepEqual([fetched.length, restarts], [1, 1]);
    assert.match(alert()?.reason ?? "", /^it was not put in its place: run install\.sh/);
    assert.equal(trial, undefined);
  });

  it("must be left alone on a host that is held, and where the desired state is not trusted", async () => {
    await tick(null);
    suspend(undefined, {}, { ...host.ports });
    await tick();
    assert.equal(fetched.length, 0);
    host.store.remove("host-hold");
    await tick();
    assert.equal(fetched.length, 1);
    memory.desired = { ...(memory.desired as NonNullable<Memory["desired"]>), unverified: "no key" };
    upgrading.look(signal);
    assert.equal(restarts, 0);
  });

  it("must not take its place when something else is wanted meanwhile", async () => {
    await tick();
    memory.desired = { ...(memory.desired as NonNullable<Memory["desired"]>) };
    delete (memory.desired as { agent?: unknown }).agent;
    upgrading.look(signal);
    await upgrading.finish(signal);
    assert.deepEqual([restarts, trial], [0, undefined]);
  });
});
