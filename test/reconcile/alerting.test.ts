import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { TrackedAlert } from "../../agent/model/alert.ts";
import type { AlertSettings } from "../../agent/model/desired.ts";
import { holdfastError } from "../../agent/model/error.ts";
import type { HostFacts } from "../../agent/plan/raise-alerts.ts";
import { type Alerting, openAlerting } from "../../agent/reconcile/alerting.ts";
import { createFakeClock, type FakeClock, START_MS } from "./fake-clock.ts";
import { createFakeStore, type FakeStore, type LogLine, recordLog } from "./fake-ports.ts";

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
  beforeEach(() => {
    [clock, store, log, down, received] = [createFakeClock(), createFakeStore(), [], new Set(), new Map()];
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
    });
  }

  const settings = (urls: readonly string[] = ["a"], minFiringMs = 0): AlertSettings => ({
    ...{ labels: {}, minFiringMs, heartbeat: false },
    alertmanagers: urls.map((url) => ({ url })),
  });
  const facts = (failure?: string): HostFacts => ({
    ...{ host: "box", labels: {}, stacks: [], drift: [], heartbeat: false },
    ...(failure === undefined ? {} : { failure }),
  });
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
    await alerting.deliver(MINUTE_MS, signal);
    for (const url of ["a", "b"]) assert.deepEqual(told(url), ["HoldfastConvergeFailed ended"], url);
  });

  it("other receivers must be told from the next delivery on", async () => {
    alerting.update(facts("engine"), settings(["a"]));
    alerting.update(facts("engine"), settings(["b"]));
    await alerting.deliver(MINUTE_MS, signal);
    assert.deepEqual([told("b"), received.has("a")], [["HoldfastConvergeFailed fires"], false]);
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
