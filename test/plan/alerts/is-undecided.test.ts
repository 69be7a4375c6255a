import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Alert, AlertName } from "../../../agent/model/alert.ts";
import { isUndecided, type Undecided } from "../../../agent/plan/alerts/is-undecided.ts";
import { trackAlerts } from "../../../agent/plan/alerts/track-alerts.ts";

const KNOWN: Undecided = { desired: false, revision: false, host: false, engine: false, health: [] };
const NAMES: readonly AlertName[] = [
  ...(["HoldfastDrift", "HoldfastConvergeFailed", "HoldfastRevisionRejected", "HoldfastStackUnhealthy"] as const),
  ...(["HoldfastDriftFighting", "HoldfastRolledBack", "HoldfastRemovalHeld", "HoldfastPreflightFailed"] as const),
  ...(["HoldfastSourceUnreachable", "HoldfastSuspended", "HoldfastUpgradeFailed", "HoldfastHeartbeat"] as const),
];

const alert = (name: AlertName, stack?: string): Alert => ({
  ...{ name, severity: "critical", annotations: {} },
  labels: { alertname: name, ...(stack === undefined ? {} : { stack }) },
});
const open = (undecided: Partial<Undecided>, stack?: string): AlertName[] =>
  NAMES.filter((name) => isUndecided(alert(name, stack), { ...KNOWN, ...undecided }));

describe("what cannot be told yet", () => {
  test("must be nothing when everything was looked at", () => assert.deepEqual(open({}, "web"), []));

  test("must be everything that follows from the repository before it was read, and never the heartbeat", () => {
    const told = open({ desired: true }, "web");
    assert.deepEqual(
      NAMES.filter((name) => !told.includes(name)),
      ["HoldfastSourceUnreachable", "HoldfastHeartbeat"],
    );
  });

  test("must be what is seen on the host before it was looked at", () => {
    const seen = ["HoldfastDrift", "HoldfastStackUnhealthy", "HoldfastDriftFighting", "HoldfastPreflightFailed"];
    assert.deepEqual(open({ host: true }, "web"), seen);
  });

  test("must be whether the newest revision is refused before it was examined", () =>
    assert.deepEqual(open({ revision: true }), ["HoldfastRevisionRejected", "HoldfastRemovalHeld"]));

  test("must be the health of a stack that is not healthy yet, and of no other one", () => {
    assert.deepEqual(open({ health: ["web"] }, "web"), ["HoldfastStackUnhealthy"]);
    assert.deepEqual(open({ health: ["web"] }, "db"), []);
  });

  test("must be the engine's failure when it failed once, and no stack's", () => {
    assert.deepEqual(open({ engine: true }), ["HoldfastConvergeFailed"]);
    assert.deepEqual(open({ engine: true }, "web"), []);
  });

  test("must fire on from its start if it fired, and not begin if it did not", () => {
    const fired = [{ alert: alert("HoldfastDrift", "web"), startsAtMs: 1 }];
    assert.deepEqual(
      trackAlerts(fired, [], 5, 0, () => true),
      fired,
    );
    assert.deepEqual(
      trackAlerts([], [], 5, 0, () => true),
      [],
    );
  });
});
