import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { TrackedAlert } from "../../../agent/model/alert.ts";
import type { AlertSettings } from "../../../agent/model/desired.ts";
import { holdfastError } from "../../../agent/model/error.ts";
import type { WebhookPayload } from "../../../agent/model/webhook-payload.ts";
import type { HostFacts } from "../../../agent/plan/alerts/raise-alerts.ts";
import { type Alerting, openAlerting } from "../../../agent/reconcile/tell/alerting.ts";
import { createFakeClock, type FakeClock, START_MS } from "../fake-clock.ts";
import { createFakeStore, type FakeStore, type LogLine, recordLog } from "../fake-ports.ts";

const MINUTE_MS = 60_000;
const signal = new AbortController().signal;

interface Delivery {
  readonly alerts: readonly TrackedAlert[];
  readonly endsAtMs: number;
}

describe("alerting", () => {
  let clock: FakeClock;
  let store: FakeStore;
  let log: LogLine[];
  let alerting: Alerting;
  let down: Set<string>;
  let received: Map<string, Delivery[]>;
  let notified: Map<string, WebhookPayload[]>;
  beforeEach(() => {
    [clock, store, log, down, received] = [createFakeClock(), createFakeStore(), [], new Set(), new Map()];
    notified = new Map();
    alerting = open();
  });

  function open(): Alerting {
    return openAlerting({
      ...{ store, clock, log: recordLog(log) },
      openReporter: ({ url }) => ({
        async deliver(alerts, endsAtMs) {
          if (down.has(url))
            throw holdfastError("report-failed", `Alertmanager at ${url} cannot be reached`, { handling: "transient" });
          received.set(url, [...(received.get(url) ?? []), { alerts, endsAtMs }]);
        },
      }),
      openNotifier: ({ url }) => ({
        async notify(payload) {
          if (down.has(url)) throw holdfastError("report-failed", `the webhook at ${url} is down`, { handling: "transient" });
          notified.set(url, [...(notified.get(url) ?? []), payload]);
        },
      }),
    });
  }

  const settings = (urls: readonly string[] = ["a"], minFiringMs = 0, hooks: readonly string[] = []): AlertSettings => ({
    ...{ labels: {}, minFiringMs, heartbeat: false },
    alertmanagers: urls.map((url) => ({ url })),
    webhooks: hooks.map((url) => ({ url })),
  });
  const facts = (failure?: string): HostFacts => ({
    ...{ host: "box", labels: {}, stacks: [], drift: [], heartbeat: false },
    ...(failure === undefined ? {} : { failure }),
  });
  const failuresOf = (receiver: string): number =>
    alerting.deliveries().find((count) => count.receiver === receiver)?.failure ?? 0;
  const last = (url = "a"): Delivery => received.get(url)?.at(-1) ?? assert.fail(`nothing was delivered to ${url}`);
  const told = (url = "a"): string[] =>
    last(url).alerts.map(({ alert, resolvedAtMs }) => `${alert.name} ${resolvedAtMs === undefined ? "fires" : "ended"}`);

  it("what fires must be told again with an end a few intervals ahead, and its start kept", async () => {
    alerting.update(facts("engine"), settings());
    await alerting.deliver(10 * MINUTE_MS, signal);
    assert.deepEqual([told(), last().endsAtMs], [["HoldfastConvergeFailed fires"], START_MS + 40 * MINUTE_MS]);
    clock.advance(MINUTE_MS);
    alerting.update(facts("engine, again"), settings());
    await alerting.deliver(10_000, signal);
    assert.equal(last().alerts[0]?.startsAtMs, START_MS);
    assert.equal(last().endsAtMs, clock.nowMs() + 4 * MINUTE_MS, "a short interval leaves time for a late delivery");
  });

  it("what ends must be told as ended once to every receiver, and then no more", async () => {
    alerting.update(facts("engine"), settings());
    await alerting.deliver(MINUTE_MS, signal);
    alerting.update(facts(), settings());
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual([told(), last().alerts[0]?.resolvedAtMs], [["HoldfastConvergeFailed ended"], START_MS]);
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual([told(), alerting.firing()], [[], []]);
  });

  it("the heartbeat must stop when reconciliations do not finish any more, and everything else go on", async () => {
    alerting.update({ ...facts("engine"), heartbeat: true }, settings(["a"], 0, ["hook"]));
    await alerting.deliver(MINUTE_MS, signal);
    clock.advance(19 * MINUTE_MS);
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(told(), ["HoldfastConvergeFailed fires", "HoldfastHeartbeat fires"]);
    clock.advance(2 * MINUTE_MS);
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(told(), ["HoldfastConvergeFailed fires"]);
    assert.equal(notified.get("hook")?.at(-1)?.status, "resolved");
    clock.advance(MINUTE_MS);
    alerting.update({ ...facts("engine"), heartbeat: true }, settings(["a"], 0, ["hook"]));
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(told(), ["HoldfastConvergeFailed fires", "HoldfastHeartbeat fires"]);
  });

  it("what ends at once must fire for minFiring all the same", async () => {
    alerting.update(facts("engine"), settings(["a"], 5 * MINUTE_MS));
    for (const [minutes, expected] of [
      [1, "fires"],
      [3, "fires"],
      [2, "ended"],
    ] as const) {
      clock.advance(minutes * MINUTE_MS);
      alerting.update(facts(), settings(["a"], 5 * MINUTE_MS));
      await alerting.deliver(MINUTE_MS, signal);
      assert.deepEqual(told(), [`HoldfastConvergeFailed ${expected}`]);
    }
  });

  it("a restart must keep what fires and since when, and end what is over", async () => {
    alerting.update(facts("engine"), settings());
    clock.advance(MINUTE_MS);
    alerting = open();
    assert.deepEqual(
      alerting.firing().map(({ alert, startsAtMs }) => [alert.name, startsAtMs]),
      [["HoldfastConvergeFailed", START_MS]],
    );
    alerting.update(facts("engine"), settings());
    await alerting.deliver(MINUTE_MS, signal);
    assert.equal(last().alerts[0]?.startsAtMs, START_MS);
    alerting = open();
    alerting.update(facts(), settings());
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(told(), ["HoldfastConvergeFailed ended"]);
  });

  it("a receiver that was down must get the truth of the moment, no backlog, and be told of once", async () => {
    down.add("a");
    for (const failure of ["one", undefined, "two", "three"]) {
      clock.advance(MINUTE_MS);
      alerting.update(facts(failure), settings());
      await alerting.deliver(MINUTE_MS, signal);
    }
    assert.equal(received.size, 0);
    down.clear();
    clock.advance(2 * MINUTE_MS);
    await alerting.deliver(MINUTE_MS, signal);
    assert.equal(received.get("a")?.length, 1);
    assert.deepEqual(told(), ["HoldfastConvergeFailed fires"]);
    assert.match(JSON.stringify(last().alerts), /three/);
    assert.deepEqual(
      log.map(({ level, msg }) => `${level} ${msg}`),
      ["warn alerts cannot be delivered", "info alerts are delivered again"],
    );
  });

  it("one that ended while a receiver was down must be told there as ended, but not for ever", async () => {
    alerting.update(facts("engine"), settings());
    await alerting.deliver(MINUTE_MS, signal);
    down.add("a");
    alerting.update(facts(), settings());
    await alerting.deliver(MINUTE_MS, signal);
    down.clear();
    clock.advance(MINUTE_MS);
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(told(), ["HoldfastConvergeFailed ended"]);
    alerting.update(facts("engine"), settings());
    down.add("a");
    alerting.update(facts(), settings());
    clock.advance(60 * MINUTE_MS);
    alerting.update(facts(), settings());
    down.clear();
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(told(), [], "Alertmanager has forgotten it by itself");
  });

  it("a receiver that is down must not keep the other one from anything", async () => {
    down.add("a");
    alerting.update(facts("engine"), settings(["a", "b"]));
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(told("b"), ["HoldfastConvergeFailed fires"]);
    alerting.update(facts(), settings(["a", "b"]));
    await alerting.deliver(MINUTE_MS, signal);
    down.clear();
    clock.advance(MINUTE_MS);
    await alerting.deliver(MINUTE_MS, signal);
    for (const url of ["a", "b"]) assert.deepEqual(told(url), ["HoldfastConvergeFailed ended"], url);
  });

  it("other receivers must be told from the next delivery on", async () => {
    alerting.update(facts("engine"), settings(["a"]));
    alerting.update(facts("engine"), settings(["b"]));
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual([told("b"), received.has("a")], [["HoldfastConvergeFailed fires"], false]);
  });

  it("a receiver that is down must be asked less and less often, and never less than every two minutes", async () => {
    down.add("a");
    alerting.update(facts("engine"), settings());
    const attempts: number[] = [];
    for (let second = 0; second < 600; second += 1) {
      const before = failuresOf("invalid");
      await alerting.deliver(MINUTE_MS, signal);
      if (failuresOf("invalid") !== before) attempts.push(second);
      clock.advance(1_000);
    }
    assert.deepEqual(attempts, [0, 10, 30, 70, 150, 270, 390, 510]);
  });

  it("how soon to deliver again must follow from what the receivers need", async () => {
    alerting.update(facts("engine"), settings(["a"], 0, ["hook"]));
    await alerting.deliver(MINUTE_MS, signal);
    assert.equal(alerting.restMs(MINUTE_MS), MINUTE_MS);
    down.add("a");
    await alerting.deliver(MINUTE_MS, signal);
    assert.equal(alerting.restMs(MINUTE_MS), 10_000, "the first retry");
    down.clear();
    clock.advance(20_000);
    alerting.update(facts(), settings(["a"], 0, ["hook"]));
    await alerting.deliver(MINUTE_MS, signal);
    assert.equal(alerting.restMs(MINUTE_MS), 40_000, "what the webhook is not told before a minute is over");
  });

  it("a receiver that hangs must not keep another one from being told again", async () => {
    const hanging = Promise.withResolvers<void>();
    const delivered: string[] = [];
    alerting = openAlerting({
      ...{ store, clock, log: recordLog(log) },
      openReporter: ({ url }) => ({
        async deliver() {
          if (url === "a") await hanging.promise;
          delivered.push(url);
        },
      }),
      openNotifier: () => assert.fail("there is none"),
    });
    alerting.update(facts("engine"), settings(["a", "b"]));
    const all = [1, 2, 3].map(() => alerting.deliver(MINUTE_MS, signal));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(delivered, ["b", "b"]);
    hanging.resolve();
    await Promise.all(all);
    assert.deepEqual(delivered, ["b", "b", "a", "a"]);
  });

  it("deliveries must be counted by host, without what else an address holds", async () => {
    const url = "https://me:secret@hooks.lan:8443/services/T0/very-secret?token=x";
    alerting.update(facts("engine"), settings(["http://a"], 0, [url]));
    await alerting.deliver(MINUTE_MS, signal);
    down.add("http://a");
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(alerting.deliveries(), [
      { receiver: "a", success: 1, failure: 1 },
      { receiver: "hooks.lan:8443", success: 1, failure: 0 },
    ]);
    assert.doesNotMatch([...store.values].join(" "), /secret|token/);
    alerting.update(facts("engine"), settings([]));
    assert.deepEqual(alerting.deliveries(), [], "those that are not there any more are not counted for ever");
  });

  describe("to a webhook", () => {
    const hook = (): AlertSettings => settings([], 0, ["hook"]);
    const messages = (): string[] =>
      (notified.get("hook") ?? []).map(({ status, alerts }) => `${status} ${alerts.map((alert) => alert.status).join(" ")}`);

    it("what fires must be told once, again after four hours, and when it ends", async () => {
      alerting.update(facts("engine"), hook());
      for (let minute = 0; minute < 300; minute += 1) {
        await alerting.deliver(MINUTE_MS, signal);
        clock.advance(MINUTE_MS);
      }
      assert.deepEqual(messages(), ["firing firing", "firing firing"]);
      alerting.update(facts(), hook());
      for (let minute = 0; minute < 300; minute += 1) {
        await alerting.deliver(MINUTE_MS, signal);
        clock.advance(MINUTE_MS);
      }
      assert.deepEqual(messages().slice(2), ["resolved resolved"]);
    });

    it("a restart must neither tell again what was told nor forget to tell its end", async () => {
      alerting.update(facts("engine"), hook());
      await alerting.deliver(MINUTE_MS, signal);
      clock.advance(MINUTE_MS);
      alerting = open();
      alerting.update(facts("engine"), hook());
      await alerting.deliver(MINUTE_MS, signal);
      assert.deepEqual(messages(), ["firing firing"]);
      alerting = open();
      alerting.update(facts(), hook());
      await alerting.deliver(MINUTE_MS, signal);
      assert.deepEqual(messages(), ["firing firing", "resolved resolved"]);
    });

    it("after an outage it must be told the present truth, and what ended meanwhile, however long it lasted", async () => {
      alerting.update(facts("engine"), hook());
      await alerting.deliver(MINUTE_MS, signal);
      down.add("hook");
      for (const failure of [undefined, "again", undefined]) {
        clock.advance(60 * MINUTE_MS);
        alerting.update(facts(failure), hook());
        await alerting.deliver(MINUTE_MS, signal);
      }
      down.clear();
      clock.advance(MINUTE_MS);
      alerting.update(facts(), hook());
      await alerting.deliver(MINUTE_MS, signal);
      assert.deepEqual(messages(), ["firing firing", "resolved resolved"]);
    });

    it("before anything of the repository was read, nothing that it was told must be forgotten, nor ended", async () => {
      alerting.update(facts("engine"), hook());
      await alerting.deliver(MINUTE_MS, signal);
      alerting = open();
      const undecided = { desired: true, revision: true, host: true, engine: false, health: [] };
      alerting.update({ ...facts(), undecided }, undefined);
      alerting.update(facts("engine"), hook());
      clock.advance(2 * MINUTE_MS);
      await alerting.deliver(MINUTE_MS, signal);
      assert.deepEqual(messages(), ["firing firing"]);
      assert.equal(alerting.firing()[0]?.startsAtMs, START_MS);
    });

    it("one that is taken out must be forgotten", async () => {
      alerting.update(facts("engine"), hook());
      await alerting.deliver(MINUTE_MS, signal);
      alerting.update(facts("engine"), settings([]));
      assert.deepEqual([...store.list("notified/").keys()], []);
    });
  });

  it("the log must tell once that an alert fires, and that it has ended", () => {
    alerting = openAlerting({
      ...{ store, clock, log: recordLog(log, { routine: true }) },
      openReporter: () => assert.fail("nobody is told"),
      openNotifier: () => assert.fail("nobody is told"),
    });
    for (const failure of ["engine", "engine, again", undefined, undefined]) alerting.update(facts(failure), undefined);
    assert.deepEqual(log, [
      { level: "error", msg: "alert fires", alert: "HoldfastConvergeFailed", summary: "box: nothing can be converged" },
      { level: "info", msg: "alert ended", alert: "HoldfastConvergeFailed", summary: "box: nothing can be converged" },
    ]);
  });

  it("a store that fails must neither throw nor keep anything from being told", async () => {
    store.broken = true;
    alerting.update(facts("engine"), settings());
    await alerting.deliver(MINUTE_MS, signal);
    alerting.update(facts(), settings());
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual(told(), ["HoldfastConvergeFailed ended"]);
    assert.match(JSON.stringify(log), /alerts cannot be kept/);
    store.read = () => {
      throw holdfastError("state-failed", "the disk is gone", { handling: "transient" });
    };
    assert.deepEqual(open().firing(), []);
  });

  it("nothing must be written while nothing changes", () => {
    alerting.update(facts("engine"), settings());
    store.broken = true;
    alerting.update(facts("engine"), settings());
    assert.deepEqual(log, []);
  });
});
