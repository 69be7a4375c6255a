import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Attempt, fingerprintSteps, isBackingOff, recordFailure } from "../../agent/plan/backoff.ts";
import { buildStart, buildUp, NOW_MS } from "./build.ts";

function fail(times: number): Attempt[] {
  const attempts: Attempt[] = [];
  for (let count = 0; count < times; count += 1) attempts.push(recordFailure(attempts.at(-1), "same", "no", NOW_MS));
  return attempts;
}

describe("backing off", () => {
  test("must try again at once after the first failure, then after 10 s doubled up to 10 min", () => {
    assert.deepEqual(
      fail(10).map((attempt) => (attempt.nextAtMs - NOW_MS) / 1000),
      [0, 10, 20, 40, 80, 160, 320, 600, 600, 600],
    );
  });

  test("must stay at 10 min however often it fails", () => {
    const many: Attempt = { fingerprint: "same", failures: 5000, nextAtMs: 0, error: "no" };
    assert.equal(recordFailure(many, "same", "no", NOW_MS).nextAtMs, NOW_MS + 600_000);
  });

  test("must start anew for other steps, and keep the last error", () => {
    const other = recordFailure(fail(5).at(-1), "other", "why", NOW_MS);
    assert.deepEqual(other, { fingerprint: "other", failures: 1, nextAtMs: NOW_MS, error: "why" });
  });

  test("must hold the same steps until their time, and no others", () => {
    const attempt = fail(2).at(-1);
    assert.equal(isBackingOff(attempt, "same", NOW_MS + 9_999), true);
    assert.equal(isBackingOff(attempt, "same", NOW_MS + 10_000), false);
    assert.equal(isBackingOff(attempt, "other", NOW_MS), false);
    assert.equal(isBackingOff(undefined, "same", NOW_MS), false);
  });
});

describe("a fingerprint", () => {
  const steps = [buildUp(["db", "web"]), buildStart("shop-api-1")];
  const fingerprint = fingerprintSteps("inputs", steps);

  test("must not depend on what changes from one attempt to the next: ids and sentences", () => {
    const again = {
      ...buildStart("shop-api-1"),
      containerId: "another",
      causes: [{ kind: "stopped" as const, text: "Exited (2)" }],
    };
    assert.equal(fingerprintSteps("inputs", [buildUp(["db", "web"]), again as (typeof steps)[1]]), fingerprint);
  });

  const others: [string, ReturnType<typeof buildStart>[]][] = [
    ["another service", [buildUp(["db", "cache"]), buildStart("shop-api-1")]],
    ["another container", [buildUp(["db", "web"]), buildStart("shop-api-2")]],
    ["another action", [buildUp(["db", "web"], { recreate: true }), buildStart("shop-api-1")]],
    ["one step less", [buildUp(["db", "web"])]],
    ["another cause", [buildUp(["db", "web"], { causes: [{ kind: "files", text: "" }] }), buildStart("shop-api-1")]],
  ];
  for (const [what, changed] of others) {
    test(`must tell ${what}`, () => assert.notEqual(fingerprintSteps("inputs", changed), fingerprint));
  }
  test("must tell other inputs", () => assert.notEqual(fingerprintSteps("changed", steps), fingerprint));
});
