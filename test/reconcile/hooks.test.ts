import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "./fake-host.ts";

const HOOKS = `hooks:
  preConverge: [{service: app, command: [sh, -c, echo migrated]}]
  postConverge: [{service: app, command: [sh, -c, echo warmed]}]
`;

describe("hooks", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = createFakeHost();
  });
  const push = (line: string, more = HOOKS): string =>
    host.git.commit({
      ...BOX,
      ...stackFiles(
        "web",
        {
          app: `hostname: ${line}\n    depends_on: {db: {condition: service_healthy, required: true}}`,
          db: "healthcheck: {test: [CMD, 'true']}",
        },
        more,
      ),
    });
  const calls = (): readonly string[] => host.compose.calls.filter((call) => /^(up|run)/.test(call));
  const firing = (): string[] =>
    host
      .alerting()
      .firing()
      .map(({ alert }) => alert.name);

  it("must run once for each change: on a first deployment when what they need is healthy, and then before anything is replaced", async () => {
    push("one");
    await host.verify();
    assert.deepEqual(calls(), [
      "up --no-recreate db",
      "run app: sh -c echo migrated",
      "up --no-recreate app",
      "run app: sh -c echo warmed",
    ]);
    await host.verify();
    host.restart("boot");
    await host.verify();
    assert.equal(calls().length, 4);
    push("two");
    await host.verify();
    assert.deepEqual(calls().slice(4), ["run app: sh -c echo migrated", "up app", "run app: sh -c echo warmed"]);
    assert.deepEqual(
      host.log.filter(({ msg }) => msg === "hook ended").map(({ output }) => output),
      ["migrated", "warmed", "migrated", "warmed"],
    );
  });

  it("must not run when only drift is healed, or nothing of the stack's containers changes", async () => {
    push("one");
    await host.verify();
    const count = calls().length;
    host.world.remove(host.world.containers().find(({ service }) => service === "app")?.id ?? "");
    await host.verify();
    assert.deepEqual(calls().slice(count), ["up --no-recreate app"]);
    push("one", `${HOOKS}drift: {rules: {paused: report}}\n`);
    await host.verify();
    assert.deepEqual(calls().slice(count + 1), []);
  });

  it("that fail before a change must keep it back, be told, and be tried again; nothing is rolled back for it", async () => {
    push("one", "");
    await host.verify();
    const before = host.world.containers().map(({ id }) => id);
    push("two", HOOKS.replace("echo migrated", "echo the database is gone; exit 3"));
    for (let second = 0; second < 400; second += 1) {
      await host.tick();
      host.clock.advance(1_000);
    }
    assert.deepEqual(
      host.world.containers().map(({ id }) => id),
      before,
    );
    assert.deepEqual(firing(), ["HoldfastConvergeFailed"]);
    assert.equal(host.store.read("quarantine/web"), undefined);
    const runs = calls().filter((call) => call.startsWith("run")).length;
    assert.ok(runs > 2 && runs < 10, String(runs));
    push("three");
    await host.verify();
    assert.ok(!host.world.containers().some(({ id, service }) => service === "app" && before.includes(id)));
  });

  it("must keep a change from being taken back, unless the stack asks for it: it is stopped", async () => {
    push("one");
    await host.verify();
    const bad = HOOKS.replace(/postConverge.*/, "");
    const count = calls().length;
    host.git.commit(stackFiles("web", { app: "healthcheck: {test: [CMD, 'false']}", db: "" }, bad));
    for (let second = 0; second < 220; second += 1) {
      await host.tick();
      host.clock.advance(1_000);
    }
    assert.equal((host.store.read("quarantine/web") as { outcome: string }).outcome, "stopped");
    host.git.commit(stackFiles("web", { app: "healthcheck: {test: [CMD, 'false']}", db: "" }, `${bad}rollback: always\n`));
    for (let second = 0; second < 250; second += 1) {
      await host.tick();
      host.clock.advance(1_000);
    }
    assert.equal((host.store.read("quarantine/web") as { outcome: string }).outcome, "rolled-back");
    assert.equal(
      calls()
        .slice(count)
        .filter((call) => call.startsWith("run")).length,
      1,
      "none on the way back, nor for a change that replaces nothing",
    );
  });

  it("must name a service that there is", async () => {
    push("one", "hooks: {preConverge: [{service: nobody, command: [x]}]}\n");
    await host.tick();
    assert.deepEqual([...(host.memory().desired?.invalid ?? [])], ["web"]);
    assert.match(JSON.stringify(host.memory().desired?.findings), /stack.yaml.*the stack has no service \\"nobody\\"/);
  });
});
