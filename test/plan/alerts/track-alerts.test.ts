import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Alert, TrackedAlert } from "../../../agent/model/alert.ts";
import { forgetDelivered, identifyAlert, trackAlerts } from "../../../agent/plan/alerts/track-alerts.ts";

const MIN_FIRING = 300_000;

function alertOf(stack: string, description = ""): Alert {
  return {
    name: "HoldfastDrift",
    severity: "warning",
    labels: { alertname: "HoldfastDrift", stack },
    annotations: { description },
  };
}

/** Tracks through moments: at each, what is raised. */
function track(...moments: [number, Alert[]][]): TrackedAlert[] {
  return moments.reduce<TrackedAlert[]>((known, [atMs, raised]) => trackAlerts(known, raised, atMs, MIN_FIRING), []);
}

const web = alertOf("web");

describe("an alert", () => {
  test("must keep its start while it is raised, and take its newest annotations", () => {
    const later = alertOf("web", "now with another cause");
    assert.deepEqual(track([1000, [web]], [2000, [later]]), [{ alert: later, startsAtMs: 1000 }]);
  });

  test("must fire for its shortest time, although it was only raised for a moment", () => {
    const firing = [{ alert: web, startsAtMs: 0, firesUntilMs: MIN_FIRING }];
    assert.deepEqual(track([0, [web]], [1, []], [MIN_FIRING - 1, []]), firing);
    assert.deepEqual(track([0, [web]], [1, []], [MIN_FIRING, []]), [{ alert: web, startsAtMs: 0, resolvedAtMs: MIN_FIRING }]);
  });

  test("must end at once when it has fired for long enough", () => {
    assert.equal(track([0, [web]], [MIN_FIRING, [web]], [MIN_FIRING + 5, []])[0]?.resolvedAtMs, MIN_FIRING + 5);
  });

  test("must go on, not end, when it is raised again within its shortest time", () => {
    assert.deepEqual(track([0, [web]], [1, []], [2, [web]]), [{ alert: web, startsAtMs: 0 }]);
  });

  test("must start anew when it is raised after it has ended", () => {
    const again = track([0, [web]], [MIN_FIRING, []], [MIN_FIRING + 10, [web]]);
    assert.deepEqual(again, [{ alert: web, startsAtMs: MIN_FIRING + 10 }]);
  });

  test("must keep the moment of its end until it is forgotten, a quarter of an hour later", () => {
    const ended = MIN_FIRING;
    const at = (atMs: number) => track([0, [web]], [ended, []], [atMs, []]);
    assert.equal(at(ended + 899_999)[0]?.resolvedAtMs, ended);
    assert.deepEqual(at(ended + 900_000), []);
  });

  test("must be forgotten when its end was delivered, but not while it fires again", () => {
    const ended = track([0, [web]], [MIN_FIRING, []]);
    const firing = track([0, [alertOf("db")]]);
    assert.deepEqual(forgetDelivered([...ended, ...firing], [...ended, ...firing]), firing);
    const again: TrackedAlert[] = [{ alert: web, startsAtMs: MIN_FIRING + 1 }];
    assert.deepEqual(forgetDelivered(again, ended), again);
    assert.deepEqual(forgetDelivered(ended, []), ended);
  });

  test("must be the same whatever the order of its labels and its annotations", () => {
    const turned = { ...alertOf("web", "x"), labels: { stack: "web", alertname: "HoldfastDrift" } };
    assert.equal(identifyAlert(turned), identifyAlert(web));
    assert.notEqual(identifyAlert(alertOf("db")), identifyAlert(web));
  });

  test("must be there once, fire while it is raised, and never end before its time", () => {
    const moments = fc.array(fc.tuple(fc.nat(200_000), fc.uniqueArray(fc.constantFrom("a", "b", "c"))), { maxLength: 30 });
    fc.assert(
      fc.property(moments, (steps) => {
        let [known, nowMs]: [TrackedAlert[], number] = [[], 0];
        for (const [delayMs, stacks] of steps) {
          nowMs += delayMs;
          known = trackAlerts(known, stacks.map((stack) => alertOf(stack)).reverse(), nowMs, MIN_FIRING);
          const ids = known.map((item) => identifyAlert(item.alert));
          assert.deepEqual(ids, [...new Set(ids)].sort());
          for (const stack of stacks) {
            const item = known.find((one) => one.alert.labels["stack"] === stack);
            assert.ok(item !== undefined && item.resolvedAtMs === undefined, "what is raised fires");
          }
          for (const { startsAtMs, resolvedAtMs } of known) {
            assert.ok(startsAtMs <= nowMs);
            if (resolvedAtMs !== undefined) assert.ok(resolvedAtMs - startsAtMs >= MIN_FIRING && resolvedAtMs <= nowMs);
          }
        }
      }),
    );
  });
});
