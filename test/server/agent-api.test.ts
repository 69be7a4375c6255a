import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { HistoryReport } from "../../agent/model/generated/history.ts";
import type { Status } from "../../agent/model/generated/status.ts";
import type { HoldAnswer, ResumeAnswer, SyncAnswer } from "../../agent/server/agent-api.ts";
import { askAgent, readStatus } from "../../agent/server/ask-agent.ts";
import { openAgentApi } from "../../agent/server/open-agent-api.ts";
import { serveSocket } from "../../agent/server/serve-socket.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "../reconcile/fake-host.ts";
import { letTimePass } from "../reconcile/let-time-pass.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const MINUTE_MS = 60_000;

describe("what an agent answers", () => {
  let host: FakeHost;
  let path: string;
  let stop: AbortController;
  let close: () => void;
  beforeEach(async () => {
    host = createFakeHost();
    stop = new AbortController();
    host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }), ...stackFiles("db", { db: "" }) });
    path = join(createTemporaryDirectory("hf-api-"), "run", "holdfast.sock");
    const parts = {
      ports: host.ports,
      memory: host.memory(),
      loop: host.loop(),
      alerting: host.alerting(),
      history: host.history,
    };
    const server = await serveSocket({ path, api: openAgentApi({ host: "box", version: "1", ...parts, signal: stop.signal }) });
    close = () => {
      server.close();
      server.closeAllConnections();
    };
    assert.equal(await host.settle(), "converged");
  });
  afterEach(() => {
    stop.abort();
    close();
  });

  const post = <T>(url: string, body: object = {}): Promise<T> => askAgent<T>({ path, method: "POST", url, body });
  const history = (query: string): Promise<HistoryReport> => askAgent({ path, method: "GET", url: `/v1/history?${query}` });
  const names = (): string[] =>
    host.world
      .containers()
      .map(({ name }) => name)
      .sort();
  const removeAll = (): void => {
    for (const { id } of host.world.containers()) host.world.remove(id);
  };

  it("a stack that is suspended must be shown with its times and reason, and be left alone until it is resumed", async () => {
    const hold = await post<HoldAnswer>("/v1/stacks/web/suspend", { for: "2h", reason: "a new\n disk " });
    assert.deepEqual(hold, {
      since: "2026-03-01T12:00:00.000Z",
      until: "2026-03-01T14:00:00.000Z",
      reason: "a new disk",
      busy: false,
    });
    removeAll();
    await host.tick();
    assert.deepEqual(names(), ["db-db-1"]);
    const { busy: _busy, ...shown } = hold;
    const status = await readStatus(path);
    assert.deepEqual(status.holds, [{ stack: "web", origin: "command", ...shown }]);
    assert.deepEqual(
      status.stacks.map(({ name, state: is, reason }) => [name, is, reason?.endsWith("a new disk")]),
      [
        ["db", "converged", undefined],
        ["web", "held", true],
      ],
    );
    assert.deepEqual(await post<ResumeAnswer>("/v1/stacks/web/resume"), { stacks: ["web"], host: false });
    await host.tick();
    assert.deepEqual([names(), (await readStatus(path)).holds], [["db-db-1", "web-app-1"], []]);
  });

  it("the whole host must be suspended and resumed with every stack", async () => {
    await post("/v1/stacks/web/suspend");
    await post("/v1/suspend", { reason: "moving" });
    removeAll();
    await host.tick();
    assert.deepEqual(names(), []);
    assert.deepEqual(
      (await readStatus(path)).holds.map(({ stack, reason }) => [stack, reason]),
      [
        [undefined, "moving"],
        ["web", undefined],
      ],
    );
    const own = await post<ResumeAnswer>("/v1/stacks/web/resume");
    assert.match(own.held ?? "", /^the host is suspended with .*: moving$/);
    assert.deepEqual(await post<ResumeAnswer>("/v1/resume"), { stacks: [], host: true });
    await host.tick();
    assert.equal(names().length, 2);
  });

  it("a host that its file suspends must be shown, and stay so", async () => {
    host.git.commit(state({ "hosts/box.yaml": "platform: linux/amd64\nsuspend: true\n" }));
    await host.tick();
    assert.deepEqual((await readStatus(path)).holds, [{ origin: "repository" }]);
    assert.match((await post<ResumeAnswer>("/v1/resume")).held ?? "", /suspend: true in its host file/);
  });

  it("a suspension must wait for the step that has begun, but not for ever", async () => {
    removeAll();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { up } = host.compose.compose;
    host.compose.compose.up = async (project, signal) => {
      await gate;
      await up(project, signal);
    };
    const tick = host.tick();
    await waitUntil("a step has begun", () => host.log.some(({ msg }) => msg === "step"), { intervalMs: 1 });
    const late = post<HoldAnswer>("/v1/suspend");
    await host.clock.waitedFor(10_000);
    host.clock.advance(10_000);
    assert.equal((await late).busy, true);
    const early = post<HoldAnswer>("/v1/suspend");
    await host.clock.waitedFor(10_000);
    open();
    assert.equal((await early).busy, false);
    await tick;
    assert.deepEqual(host.clock.waits(), [], "and nobody waits on");
  });

  it("a suspension must tell of a hook of that stack that still runs, and of no other", async () => {
    let end: () => void = () => undefined;
    const hook = host.ports.longSteps.take(
      "hook preConverge-0 of web has ended",
      () =>
        new Promise((resolve) => {
          end = resolve;
        }),
      stop.signal,
    );
    await host.clock.waitedFor(2_000);
    assert.equal((await post<HoldAnswer>("/v1/stacks/db/suspend")).busy, false);
    assert.equal((await post<HoldAnswer>("/v1/stacks/web/suspend")).busy, true);
    end();
    await hook;
    assert.equal((await post<HoldAnswer>("/v1/suspend")).busy, false);
  });

  it("a sync must be answered with what came of it, and tell meanwhile what is done", async () => {
    removeAll();
    const lines: unknown[] = [];
    const asking = askAgent<SyncAnswer>({
      ...{ path, method: "POST", url: "/v1/sync", body: { stack: "web" } },
      onLine: (line) => lines.push(line),
    });
    const answer = await letTimePass(host.clock, asking);
    assert.deepEqual([answer.result, answer.status.host, names().length], ["converged", "box", 2]);
    assert.deepEqual(
      lines.map((line) => (line as { event: string }).event),
      ["synced", "step", "healed", "finished"],
      "of this stack only",
    );
  });

  it("a sync that breaks must say why", async () => {
    host.engine.failNext("list", new TypeError("x is undefined") as never);
    const answer = await post<{ event: string; error: string }>("/v1/sync");
    assert.deepEqual([answer.event, answer.error], ["broken", "x is undefined"]);
  });

  it("whoever goes away during a sync must not end the tick", async () => {
    host.git.commit(
      stackFiles("web", {
        app: "depends_on: {db: {condition: service_healthy, required: true, restart: false}}\n    hostname: two",
        db: "healthcheck: {test: [CMD, 'false']}",
      }),
    );
    const asking = request({ socketPath: path, path: "/v1/sync", method: "POST" });
    asking.on("error", () => undefined);
    asking.end();
    await host.clock.waitedFor(250);
    asking.destroy();
    await waitUntil("nobody waits on", () => host.clock.waits().length === 0, { intervalMs: 1 });
    assert.deepEqual([host.memory().last?.result, names().includes("web-db-1")], ["waiting", true]);
  });

  it("the history must be answered as it is asked for", async () => {
    const all = await history("limit=30");
    assert.deepEqual(
      [all.host, all.entries.map(({ event, stack }) => [event, stack])],
      [
        "box",
        [
          ["revision-accepted", undefined],
          ["converged", "db"],
          ["converged", "web"],
        ],
      ],
    );
    assert.deepEqual((await history("stack=web")).entries, all.entries.slice(2));
    assert.deepEqual((await history("limit=1")).entries, all.entries.slice(2));
    assert.equal(all.entries[0]?.at, "2026-03-01T12:00:00.000Z");
  });

  it("an alert that only fires on must be shown with its end", async () => {
    host.world.stop(host.world.containers()[0]?.id ?? "");
    await host.tick();
    const fires = async (): Promise<(string | undefined)[]> =>
      (await readStatus(path)).alerts.map(({ firesUntil }) => firesUntil);
    assert.deepEqual(await fires(), [undefined], "the tick that healed it has just seen it");
    host.clock.advance(MINUTE_MS);
    await host.tick();
    assert.deepEqual(await fires(), ["2026-03-01T12:05:00.000Z"]);
    host.clock.advance(4 * MINUTE_MS);
    await host.tick();
    assert.deepEqual(await fires(), []);
  });

  const WRONG: readonly (readonly [string, string, object, RegExp])[] = [
    ["a stack that is misspelt", "/v1/stacks/wbe/suspend", {}, /^there is no stack "wbe" on this host; did you mean "web"\?$/],
    ["a stack that is nothing like", "/v1/stacks/something/resume", {}, /; known here: db, web$/],
    ["a sync of no stack", "/v1/sync", { stack: "wbe" }, /did you mean "web"/],
    ["no duration", "/v1/suspend", { for: "two hours" }, /^for: "two hours" is no duration; 30m, 2h and 1d are$/],
    ["no time at all", "/v1/suspend", { for: "0s" }, /is no duration/],
    ["half an eternity", "/v1/suspend", { for: "999999999999w" }, /more than ten years/],
    ["a duration that is a number", "/v1/suspend", { for: 5 }, /is no duration/],
    ["a reason that is none", "/v1/suspend", { reason: " \n" }, /reason: it is empty/],
    ["a reason that is a novel", "/v1/suspend", { reason: "x".repeat(201) }, /201 characters, 200 at most/],
    ["an unknown key", "/v1/suspend", { untl: "2h" }, /unknown key "untl"/],
    ["a list", "/v1/suspend", [], /expected a JSON object/],
    ["more than anybody writes", "/v1/suspend", { reason: "x".repeat(100_000) }, /more than 65536 bytes/],
  ];
  for (const [what, url, body, message] of WRONG) {
    it(`${what} must be refused with what is right`, async () => {
      const said = await post(url, body).then(
        () => assert.fail("it was accepted"),
        (error: Error & { hint?: string }) => `${error.message}${error.hint === undefined ? "" : `; ${error.hint}`}`,
      );
      assert.match(said, message);
      assert.deepEqual((await readStatus(path)).holds, []);
    });
  }

  for (const query of ["limit=0", "limit=x", "limit=99999", "stack=wbe"]) {
    it(`a history with ${query} must be refused`, () => assert.rejects(history(query), /limit: |there is no stack "wbe"/));
  }

  it("a hold that cannot be kept must be refused, and what breaks off be no answer", async () => {
    host.store.broken = true;
    await assert.rejects(post("/v1/suspend"), { code: "state-failed" });
    host.store.broken = false;
    const statusBefore: Status = await readStatus(path);
    assert.deepEqual(statusBefore.holds, []);
  });
});
