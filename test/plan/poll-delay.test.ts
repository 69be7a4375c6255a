import assert from "node:assert/strict";
import { test } from "node:test";
import { pollDelayMs } from "../../agent/plan/poll-delay.ts";

const MINUTE_MS = 60_000;

test("polls must be jittered by 10 %, and after failures be rarer, more widely jittered and never rarer than 10 minutes", () => {
  assert.deepEqual(
    [0, 0.5, 0.75].map((chance) => pollDelayMs(MINUTE_MS, 0, chance)),
    [54_000, 60_000, 63_000],
  );
  const minutes = [1, 2, 3, 4, 5, 6, 5000].map((failures) => pollDelayMs(MINUTE_MS, failures, 0.5) / MINUTE_MS);
  assert.deepEqual(minutes, [1, 2, 4, 8, 10, 10, 10]);
  assert.equal(pollDelayMs(MINUTE_MS, 3, 0), 3 * MINUTE_MS);
  for (const chance of [0, 0.5, 0.999]) assert.ok(pollDelayMs(MINUTE_MS, 9, chance) <= 10 * MINUTE_MS);
});

test("an interval of more than 10 minutes must not be shortened by failures", () => {
  assert.equal(pollDelayMs(60 * MINUTE_MS, 4, 0.5), 60 * MINUTE_MS);
});
