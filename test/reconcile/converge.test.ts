import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../agent/model/error.ts";
import type { Attempt } from "../../agent/plan/backoff.ts";
import type { HealRecord } from "../../agent/plan/heal-budget.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const failed = (message: string) => holdfastError("compose-failed", message, { handling: "transient" });

describe("converging a host and keeping what came of it", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = createFakeHost();
  });

  const running = (): string[] =>
    host.world
      .containers()
      .filter((item) => item.state === "running")
      .map(({ name }) => name)
      .sort();
  const alerts = (): string[] =>
    host
      .alerting()
      .firing()
      .map(({ alert }) => `${alert.name} ${alert.labels["stack"]} ${alert.labels["kind"] ?? ""}`.trim());
  const push = (files: Readonly<Record<string, string | null>>): string => host.git.commit({ ...BOX, ...files });

  it("a pull that fails must keep back its own service and what builds on it, and nothing else", async () => {
    const files = stackFiles("web", {
      app: "",
      gone: "",
      needs: "depends_on: {gone: {condition: service_started, required: true}}",
    });
    const compose = "desired-state/stacks/web/compose.yaml";
    push({
      ...files,
      [compose]: files[compose]?.replace(/(gone:\n {4}image: )busybox:1.35/, "$1nowhere:1") ?? null,
      ...stackFiles("other", { app: "" }),
    });
    assert.equal(await host.settle(), "failed");
    assert.deepEqual(running(), ["other-app-1", "web-app-1"]);
    assert.equal(host.store.read("applied/web"), undefined, "what failed is not applied");
    assert.notEqual(host.store.read("applied/other"), undefined);
    host.world.addImage("nowhere:1");
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(running(), ["other-app-1", "web-app-1", "web-gone-1", "web-needs-1"]);
    assert.equal(host.store.read("attempts/web"), undefined);
  });

  it("a first failure must be tried again at the next tick without an alert, a second one be delayed and told", async () => {
    push(stackFiles("web", { app: "" }));
    for (const [expected, delayMs] of [
      [[], 0],
      [["HoldfastConvergeFailed web"], 10_000],
    ] as const) {
      host.compose.failNext("up", failed("docker compose up: no space left on device"));
      assert.equal(await host.settle(), "failed");
      assert.deepEqual(alerts(), expected);
      assert.equal(host.store.read<Attempt[]>("attempts/web")?.[0]?.nextAtMs, host.clock.nowMs() + delayMs);
    }
    const calls = host.compose.calls.length;
    host.clock.advance(9_999);
    assert.equal(await host.settle(), "failed", "it is held back");
    assert.deepEqual([host.compose.calls.length, host.memory().plan?.stacks[0]?.held?.reason], [calls, "backing-off"]);
    host.clock.advance(1);
    assert.equal(await host.settle(), "converged");
    host.clock.advance(300_000);
    await host.settle();
    assert.deepEqual([alerts(), host.store.read("attempts/web")], [[], undefined]);
  });

  it("a new revision must be tried at once, whatever the old one's delay", async () => {
    push(stackFiles("web", { app: "" }));
    for (let round = 0; round < 4; round += 1) {
      host.compose.failNext("up", failed("docker compose up: broken"));
      await host.settle();
      if (round < 3) host.clock.advance(600_000);
    }
    push(stackFiles("web", { app: "hostname: two" }));
    assert.equal(await host.settle(), "converged");
  });

  it("waiting must go on for the verify timeout and then be a failure, and end when what is waited for comes", async () => {
    const services = {
      app: "depends_on: {db: {condition: service_healthy, required: true}}",
      db: "healthcheck: {test: [CMD, 'false']}",
    };
    push(stackFiles("web", services, "verify: {timeout: 1m}\nrollback: false\n"));
    assert.equal(await host.tick(), "waiting");
    host.clock.advance(59_999);
    assert.equal(await host.tick(), "waiting");
    assert.deepEqual(running(), ["web-db-1"]);
    host.clock.advance(1);
    assert.equal(await host.tick(), "failed");
    assert.match(JSON.stringify(host.log), /waited 60 s until db is healthy/);
    const db = host.world.containers().find(({ service }) => service === "db");
    host.world.change(db?.id ?? "", { health: "healthy", program: { health: "healthy" } });
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(running(), ["web-app-1", "web-db-1"]);
  });

  it("a stack that waits must keep back only what depends on it", async () => {
    const slow = {
      app: "depends_on: {db: {condition: service_healthy, required: true}}",
      db: "healthcheck: {test: [CMD, 'false']}",
    };
    push({
      ...stackFiles("slow", slow),
      ...stackFiles("after", { app: "" }, "dependsOn: [slow]\n"),
      ...stackFiles("free", { app: "" }),
    });
    assert.equal(await host.tick(), "waiting");
    assert.deepEqual(running(), ["free-app-1", "slow-db-1"]);
    assert.equal(host.memory().waiting.get("after")?.value, "stack slow is healthy");
  });

  it("drift that was healed must be remembered and told, and be over at the next tick", async () => {
    push(stackFiles("web", { app: "", db: "" }));
    await host.settle();
    host.world.stop(host.world.containers()[0]?.id ?? "");
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(
      host.memory().healed.map(({ kind, stack }) => `${stack} ${kind}`),
      ["web stopped"],
    );
    assert.equal(host.store.read<HealRecord>("heal/web")?.healedAtMs.length, 1);
    assert.deepEqual(alerts(), ["HoldfastDrift web stopped"]);
    host.clock.advance(300_000);
    await host.settle();
    assert.deepEqual([host.memory().healed, alerts()], [[], []]);
  });

  it("a change of the desired state must not count as a heal", async () => {
    for (let round = 0; round < 7; round += 1) {
      push(stackFiles("web", { app: `hostname: round-${round}` }));
      assert.equal(await host.settle(), "converged");
    }
    assert.deepEqual([host.store.read("heal/web"), alerts()], [undefined, []]);
  });

  it("the sixth undoing of a heal must be left, told, and be tried again after an hour or with a new revision", async () => {
    push(stackFiles("web", { app: "" }));
    await host.verify();
    const undo = async (): Promise<string[]> => {
      host.world.remove(host.world.containers()[0]?.id ?? "");
      host.clock.advance(30_000);
      await host.settle();
      return running();
    };
    for (let round = 0; round < 5; round += 1) assert.deepEqual(await undo(), ["web-app-1"], `heal ${round + 1}`);
    assert.deepEqual(await undo(), []);
    assert.ok(alerts().includes("HoldfastDriftFighting web"));
    host.clock.advance(3_600_000);
    assert.equal(await host.settle(), "converged", "one attempt after an hour");
    assert.deepEqual(await undo(), [], "which stops again at once");
    push(stackFiles("web", { app: "hostname: two" }));
    await host.settle();
    assert.deepEqual(running(), ["web-app-1"]);
  });

  it("a project that is not Holdfast's must never be recorded as applied", async () => {
    host.world.start(host.world.create({ project: "web", service: "app" }).id);
    const before = host.world.containers();
    push(stackFiles("web", { app: "" }));
    for (let round = 0; round < 3; round += 1) await host.settle();
    assert.deepEqual(host.world.containers(), before);
    assert.deepEqual(
      [...host.store.values.keys()].filter((key) => key.endsWith("/web")),
      [],
    );
    assert.deepEqual(alerts(), ["HoldfastDrift web not-adopted"]);
    push(state({ "stacks/web/stack.yaml": "hosts: all\nadopt: true\n" }));
    assert.equal(await host.settle(), "converged");
    assert.notEqual(host.store.read("applied/web"), undefined);
  });

  it("losing the store must cost nothing but a repeated decision", async () => {
    push({ ...stackFiles("web", { app: "", db: "" }), "desired-state/stacks/web/conf": "one\n" });
    await host.settle();
    const before = host.world.containers().map(({ id }) => id);
    host.store.values.clear();
    host.restart("boot");
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(
      host.world.containers().map(({ id }) => id),
      before,
    );
  });

  it("a suspended host must be observed and told, and not be changed", async () => {
    push(stackFiles("web", { app: "" }));
    await host.settle();
    host.git.commit(state({ "hosts/box.yaml": "platform: linux/amd64\nsuspend: true\n" }));
    host.world.stop(host.world.containers()[0]?.id ?? "");
    await host.settle();
    assert.deepEqual(running(), []);
    assert.equal(host.memory().plan?.stacks[0]?.held?.reason, "suspended");
  });
});
