import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../agent/model/error.ts";
import { formatMoment } from "../../agent/plan/history/format-moment.ts";
import { suspend } from "../../agent/reconcile/manual-holds.ts";
import { START_MS } from "./fake-clock.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const MINUTE_MS = 60_000;

describe("the history", () => {
  let host: FakeHost;
  let revision: string;
  beforeEach(async () => {
    host = createFakeHost();
    revision = host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }) });
    await host.verify();
  });

  const removeAll = (): void => {
    for (const { id } of host.world.containers()) host.world.remove(id);
  };
  /** What was told since the last call. */
  let seen = 0;
  beforeEach(() => {
    seen = 0;
  });
  function news(): string[] {
    const told = host.told();
    const fresh = told.slice(seen);
    seen = told.length;
    return fresh;
  }
  async function tickLater(minutes = 1): Promise<void> {
    host.clock.advance(minutes * MINUTE_MS);
    await host.tick();
  }

  it("must tell the first converge: which revision, what was done and why", () => {
    const [accepted, converged, ...more] = host.history.entries;
    assert.deepEqual(more, []);
    assert.deepEqual(accepted, { atMs: START_MS, event: "revision-accepted", revision, text: "Change something (tester)" });
    assert.deepEqual([converged?.event, converged?.stack, converged?.revision], ["converged", "web", revision]);
    assert.equal(converged?.text, "place 2 files, create app");
    assert.deepEqual(converged?.steps?.[1], { text: "create app", causes: ["service app has no container"] });
  });

  it("must hold nothing of an idle poll, also after a restart, and of a new process at each poll", async () => {
    news();
    const before = [...host.store.values];
    for (let round = 0; round < 3; round += 1) await tickLater();
    for (let round = 0; round < 3; round += 1) {
      host.restart();
      await tickLater();
    }
    assert.deepEqual([news(), [...host.store.values]], [[], before]);
  });

  it("must tell a change that took several ticks in one entry, with all its steps", async () => {
    news();
    host.git.commit(
      stackFiles("web", {
        app: "depends_on: {db: {condition: service_healthy, required: true, restart: false}}\n    hostname: two",
        db: "healthcheck: {test: [CMD, 'false']}",
      }),
    );
    await tickLater();
    assert.deepEqual(news(), [], "it is under way");
    const db = host.world.containers().find(({ service }) => service === "db");
    host.world.change(db?.id ?? "", { health: "healthy", program: { health: "healthy" } });
    await host.settle();
    assert.equal(news().length, 1);
    assert.deepEqual(
      host.history.entries.at(-1)?.steps?.map(({ text }) => text),
      ["place 1 file", "create db", "recreate app once db is healthy"],
    );
  });

  it("must tell what was healed, with the container, what it was and what it should be", async () => {
    news();
    host.world.stop(host.world.containers()[0]?.id ?? "");
    await tickLater();
    assert.deepEqual(news(), ["healed web: container web-app-1 is exited with code 143"]);
    const { drift, steps } = host.history.entries.at(-1) ?? {};
    assert.deepEqual(
      [drift?.[0]?.kind, drift?.[0]?.container, drift?.[0]?.expected, drift?.[0]?.actual],
      ["stopped", "web-app-1", "running", "exited with code 143"],
    );
    assert.deepEqual(
      steps?.map(({ text }) => text),
      ["start web-app-1"],
    );
  });

  it("must tell drift that is only reported once per occurrence, through restarts and while the engine is gone", async () => {
    host.git.commit(stackFiles("web", { app: "" }, "drift: {mode: report}\n"));
    await tickLater();
    news();
    host.world.stop(host.world.containers()[0]?.id ?? "");
    await tickLater();
    assert.deepEqual(news(), ["drift-reported web: container web-app-1 is exited with code 143 (only reported)"]);
    await tickLater();
    host.restart();
    await tickLater();
    host.engine.down();
    await tickLater();
    host.restart();
    await tickLater();
    host.engine.revive();
    await tickLater();
    assert.deepEqual(news(), []);
    host.world.start(host.world.containers()[0]?.id ?? "");
    await tickLater();
    host.world.stop(host.world.containers()[0]?.id ?? "");
    await tickLater();
    assert.equal(news().length, 1, "a second time is another occurrence");
  });

  it("must tell that a stack is left alone because somebody holds it, and that it was mended after", async () => {
    news();
    const began = host.clock.nowMs();
    suspend("web", { forMs: 2 * MINUTE_MS, reason: "a new disk" }, host.ports);
    removeAll();
    for (let round = 0; round < 3; round += 1) await tickLater();
    const [since, until] = [began, began + 2 * MINUTE_MS].map(formatMoment);
    const hold = `suspended with \`holdfast suspend\` since ${since} until ${until}: a new disk`;
    assert.deepEqual(news(), [
      `suspended web: web is ${hold}`,
      `drift-reported web: service app has no container (${hold})`,
      "resumed web: the time of the hold of web is over",
      "healed web: service app has no container",
    ]);
  });

  it("must tell that a host file suspends the host, and that it no longer does", async () => {
    news();
    host.git.commit(state({ "hosts/box.yaml": "platform: linux/amd64\nsuspend: true\n" }));
    await tickLater();
    host.restart();
    await tickLater();
    host.git.commit(BOX);
    await tickLater();
    assert.deepEqual(news(), [
      "suspended host: the host is suspended (suspend: true in its host file)",
      "resumed host: the host file no longer says suspend: true",
    ]);
  });

  it("must tell revisions that are rejected, as a whole or for a stack, once", async () => {
    news();
    const broken = host.git.commit(state({ "fleet.yaml": "intervall: 1m\n" }));
    await tickLater();
    host.restart();
    await tickLater();
    assert.equal(news().length, 1);
    const entry = host.history.entries.at(-1);
    assert.deepEqual([entry?.event, entry?.revision, entry?.findings?.length], ["revision-rejected", broken, 1]);
    host.git.commit({ ...state({ "fleet.yaml": null }), ...stackFiles("web", { app: "" }, "dependsOm: []\n") });
    await tickLater();
    host.git.commit({ "README.md": "another revision\n" });
    await tickLater();
    assert.equal(news().length, 1, "the second revision leaves the stack as wrong as it was");
    assert.match(
      host.history.entries.findLast(({ event }) => event === "revision-rejected")?.findings?.[0] ?? "",
      /unknown key "dependsOm"/,
    );
    assert.equal(
      host.history.entries.findLast(({ event }) => event === "revision-accepted")?.text,
      "Change something (tester); in part, not for web",
    );
  });

  it("must tell once that a revision is held because of what it would remove", async () => {
    news();
    const held = host.git.commit(Object.fromEntries(Object.keys(stackFiles("web", { app: "" })).map((path) => [path, null])));
    await tickLater();
    host.restart();
    await tickLater();
    assert.deepEqual(
      news().map((line) => line.split(":")[0]),
      ["revision-held host"],
    );
    assert.equal(host.history.entries.at(-1)?.revision, held);
  });

  it("must tell a step that fails once per reason, and its success", async () => {
    news();
    const failing = (message: string) => holdfastError("compose-failed", message, { handling: "transient" });
    removeAll();
    for (const message of ["no space left", "no space left", "no such device"]) {
      host.compose.failNext("up", failing(message));
      await tickLater(11);
    }
    assert.deepEqual(news(), ["step-failed web: create app: no space left", "step-failed web: create app: no such device"]);
    await tickLater(11);
    assert.deepEqual(news(), ["healed web: service app has no container"]);
  });

  it("must tell that healing stops, when and for how long", async () => {
    news();
    for (let round = 0; round < 6; round += 1) {
      removeAll();
      await tickLater();
    }
    const told = news();
    assert.deepEqual(
      told.slice(0, 5),
      Array.from({ length: 5 }, () => "healed web: service app has no container"),
    );
    assert.match(
      told[5] ?? "",
      /^healing-stopped web: healed 5 times within ten minutes: healing stops until .* 2026-03-01T13:\d\d:\d\dZ$/,
    );
    assert.match(told[6] ?? "", /^drift-reported web: service app has no container \(healing was stopped/);
    assert.equal(told.length, 7);
  });

  it("that cannot be kept must be told once, and break nothing", async () => {
    host.history.broken = true;
    for (let round = 0; round < 2; round += 1) {
      removeAll();
      await tickLater();
      assert.equal(host.world.containers().length, 1);
    }
    assert.deepEqual(host.messages("warn"), ["history cannot be kept"]);
    host.history.broken = false;
    removeAll();
    await tickLater();
    assert.equal(
      host.messages("info").at(-1) === "history is kept again" || host.messages("info").includes("history is kept again"),
      true,
    );
  });

  it("must not be repeated at each tick while the store cannot keep what was told", async () => {
    host.git.commit(stackFiles("web", { app: "" }, "drift: {mode: report}\n"));
    await tickLater();
    news();
    host.store.broken = true;
    host.world.stop(host.world.containers()[0]?.id ?? "");
    for (let round = 0; round < 3; round += 1) await tickLater();
    assert.deepEqual(news(), []);
    host.store.broken = false;
    await tickLater();
    assert.equal(news().length, 1);
  });
});
