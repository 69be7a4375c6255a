import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Step } from "../../agent/model/plan.ts";
import {
  type Attempt,
  fingerprintStep,
  postponeFailing,
  recordFailures,
  retryNow,
  withoutServices,
} from "../../agent/plan/backoff.ts";
import { buildStart, buildUp, NOW_MS } from "./build.ts";

const UP = buildUp(["web"]);
const START = buildStart("shop-api-1");
const PULL: Step = {
  action: "pull",
  stack: "shop",
  image: "web:2",
  refresh: false,
  services: ["web"],
  causes: [{ kind: "image-missing", text: "" }],
  after: [],
};

function fail(times: number, step: Step = UP): readonly Attempt[] {
  let attempts: readonly Attempt[] = [];
  for (let count = 0; count < times; count += 1)
    attempts = recordFailures(attempts, "inputs", [UP, START], [{ step, error: "no" }], NOW_MS);
  return attempts;
}

describe("trying again because somebody asks", () => {
  test("must end the delay, and make the next one short", () => {
    const again = retryNow(fail(9), NOW_MS + 5);
    assert.deepEqual(again, [{ ...fail(9)[0], failures: 2, nextAtMs: NOW_MS + 5 }]);
    assert.deepEqual(postponeFailing("inputs", [UP], again, NOW_MS + 5).steps, [UP]);
    const [failed] = recordFailures(again, "inputs", [UP], [{ step: UP, error: "no" }], NOW_MS + 5);
    assert.equal((failed?.nextAtMs ?? 0) - NOW_MS - 5, 20_000);
  });

  test("must make no more of a first failure than it is", () => {
    assert.equal(retryNow(fail(1), NOW_MS)[0]?.failures, 1);
    assert.deepEqual(retryNow([], NOW_MS), []);
  });
});

describe("backing off", () => {
  test("must try again at once after the first failure, then after 10 s doubled up to 10 min", () => {
    const delays = Array.from({ length: 10 }, (_, index) => ((fail(index + 1)[0]?.nextAtMs ?? 0) - NOW_MS) / 1000);
    assert.deepEqual(delays, [0, 10, 20, 40, 80, 160, 320, 600, 600, 600]);
  });

  test("must stay at 10 min however often it fails", () => {
    const many: Attempt = { fingerprint: fingerprintStep("inputs", UP), failures: 5000, nextAtMs: 0, error: "no" };
    assert.equal(recordFailures([many], "inputs", [UP], [{ step: UP, error: "no" }], NOW_MS)[0]?.nextAtMs, NOW_MS + 600_000);
  });

  test("must keep a delayed step while another one fails, and forget it once it is neither planned nor delayed", () => {
    const both = recordFailures(fail(3), "inputs", [START], [{ step: START, error: "why" }], NOW_MS);
    assert.deepEqual(
      both.map((attempt) => [attempt.failures, attempt.error]),
      [
        [3, "no"],
        [1, "why"],
      ],
    );
    const later = recordFailures(both, "inputs", [START], [{ step: START, error: "why" }], NOW_MS + 700_000);
    assert.deepEqual(
      later.map((attempt) => attempt.failures),
      [2],
    );
  });

  test("must leave out a step until its time, and take the others", () => {
    const before = postponeFailing("inputs", [UP, START], fail(2), NOW_MS + 9_999);
    assert.deepEqual(before.steps, [START]);
    assert.equal(before.waiting.length, 1);
    assert.deepEqual(postponeFailing("inputs", [UP, START], fail(2), NOW_MS + 10_000), { steps: [UP, START], waiting: [] });
    assert.deepEqual(postponeFailing("other inputs", [UP, START], fail(2), NOW_MS).waiting, []);
  });

  test("must leave out what builds on a step that is left out", () => {
    const after = { service: "web", condition: "service_started", required: true, restart: false } as const;
    const dependent: Step = { ...buildUp(["api"]), after: [after] };
    assert.deepEqual(postponeFailing("inputs", [UP, dependent, START], fail(2), NOW_MS).steps, [START]);
  });

  test("must take no step at all while files cannot be placed", () => {
    const place: Step = {
      action: "place",
      stack: "shop",
      write: ["a"],
      remove: [],
      causes: [{ kind: "files-changed", text: "" }],
      after: [],
    };
    const attempts = [0, 1].reduce<readonly Attempt[]>(
      (kept) => recordFailures(kept, "inputs", [place, UP], [{ step: place, error: "full" }], NOW_MS),
      [],
    );
    assert.deepEqual(postponeFailing("inputs", [place, UP, START], attempts, NOW_MS).steps, []);
  });
});

describe("a step without services that cannot be had", () => {
  const without = new Set(["web"]);

  test("must keep the other services of an up", () => {
    const step = withoutServices(buildUp(["db", "web"]), without);
    assert.deepEqual(step?.action === "up" ? step.services : undefined, ["db"]);
  });

  test("must be nothing when no service is left, and when it would remove what may have no successor", () => {
    assert.equal(withoutServices(UP, without), undefined);
    const remove: Step = {
      action: "remove",
      stack: "shop",
      container: "shop-old-1",
      containerId: "1",
      causes: [{ kind: "orphan", text: "" }],
      after: [],
    };
    assert.equal(withoutServices(remove, without), undefined);
    assert.equal(withoutServices(remove, new Set()), remove);
    assert.equal(withoutServices(PULL, without), PULL);
  });
});

describe("a fingerprint", () => {
  const fingerprint = fingerprintStep("inputs", UP);

  test("must not depend on what changes from one attempt to the next: ids and sentences", () => {
    const again: Step = {
      ...START,
      containerId: "another",
      causes: START.causes.map(({ kind }) => ({ kind, text: "Exited (2)" })),
    };
    assert.equal(fingerprintStep("inputs", again), fingerprintStep("inputs", START));
  });

  const others: [string, Step][] = [
    ["another service", buildUp(["cache"])],
    ["another action", buildUp(["web"], { recreate: true })],
    ["another cause", buildUp(["web"], { causes: [{ kind: "files", text: "" }] })],
  ];
  for (const [what, changed] of others) {
    test(`must tell ${what}`, () => assert.notEqual(fingerprintStep("inputs", changed), fingerprint));
  }
  test("must tell another container", () =>
    assert.notEqual(fingerprintStep("inputs", buildStart("shop-api-2")), fingerprintStep("inputs", START)));
  test("must tell other inputs", () => assert.notEqual(fingerprintStep("changed", UP), fingerprint));
});
