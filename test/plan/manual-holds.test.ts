import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ManualHold } from "../../agent/model/manual-hold.ts";
import {
  describeHold,
  explainHold,
  explainHostHold,
  isInForce,
  makeHold,
  nextHoldEndMs,
  SUSPENDED_IN_FILE,
} from "../../agent/plan/manual-holds.ts";
import { NOW_MS } from "./build.ts";

const HOUR_MS = 3_600_000;
const hold: ManualHold = { sinceMs: NOW_MS - HOUR_MS, untilMs: NOW_MS + HOUR_MS, reason: "a new disk" };
const NONE = { stacks: new Map<string, ManualHold>() };

describe("a manual hold", () => {
  test("must be in force until its time is over, or for good", () => {
    const at = (nowMs: number) => isInForce(hold, nowMs);
    assert.deepEqual([at(NOW_MS), at(NOW_MS + HOUR_MS - 1), at(NOW_MS + HOUR_MS)], [true, true, false]);
    assert.equal(isInForce({ sinceMs: 0 }, NOW_MS), true);
    assert.equal(isInForce(undefined, NOW_MS), false);
  });

  test("must begin when it is asked for, and end after the time that was asked for", () => {
    assert.deepEqual(makeHold(undefined, { forMs: HOUR_MS, reason: "x" }, NOW_MS), {
      sinceMs: NOW_MS,
      untilMs: NOW_MS + HOUR_MS,
      reason: "x",
    });
    assert.deepEqual(makeHold(undefined, {}, NOW_MS), { sinceMs: NOW_MS });
  });

  test("that is asked for again must keep its beginning and nothing else, unless it was over", () => {
    assert.deepEqual(makeHold(hold, {}, NOW_MS), { sinceMs: hold.sinceMs });
    assert.deepEqual(makeHold(hold, {}, NOW_MS + HOUR_MS), { sinceMs: NOW_MS + HOUR_MS });
  });

  test("must say since when, until when and why", () => {
    assert.equal(
      describeHold(hold),
      "suspended with `holdfast suspend` since 2026-03-01T11:00:00Z until 2026-03-01T13:00:00Z: a new disk",
    );
    assert.equal(
      describeHold({ sinceMs: NOW_MS }),
      "suspended with `holdfast suspend` since 2026-03-01T12:00:00Z until `holdfast resume`",
    );
  });
});

describe("what holds a stack", () => {
  const explain = (suspended: boolean, holds: Parameters<typeof explainHold>[2]) =>
    explainHold("web", { suspended }, holds, NOW_MS);

  test("must be nothing, its own hold, the host's, or the host file", () => {
    assert.equal(explain(false, NONE), undefined);
    assert.equal(explain(false, { stacks: new Map([["db", hold]]) }), undefined);
    assert.match(explain(false, { stacks: new Map([["web", hold]]) }) ?? "", /^suspended with .*: a new disk$/);
    assert.match(explain(false, { ...NONE, host: hold }) ?? "", /^the host is suspended with .*: a new disk$/);
    assert.equal(explain(true, NONE), SUSPENDED_IN_FILE);
  });

  test("must not be a hold that is over", () => {
    const over = { ...hold, untilMs: NOW_MS };
    assert.equal(explain(false, { host: over, stacks: new Map([["web", over]]) }), undefined);
  });

  test("must name both that hold the host", () => {
    assert.match(explainHostHold(true, { ...NONE, host: hold }, NOW_MS) ?? "", /suspend: true.*; the host is suspended with/);
  });
});

test("the next end must be that of the first hold that is in force and ends by itself", () => {
  const untilMs = NOW_MS + 5;
  const stacks = new Map([
    ["a", { sinceMs: 0, untilMs: NOW_MS + 9 }],
    ["b", { sinceMs: 0, untilMs: NOW_MS }],
    ["c", { sinceMs: 0 }],
  ]);
  assert.equal(nextHoldEndMs({ stacks }, NOW_MS), NOW_MS + 9);
  assert.equal(nextHoldEndMs({ host: { sinceMs: 0, untilMs }, stacks }, NOW_MS), untilMs);
  assert.equal(nextHoldEndMs(NONE, NOW_MS), Number.POSITIVE_INFINITY);
});
