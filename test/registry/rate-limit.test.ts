import assert from "node:assert/strict";
import { test } from "node:test";
import { readRateHold } from "../../agent/registry/rate-limit.ts";

const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

/** For how long an answer says to leave the registry alone, milliseconds. */
function hold(status: number, headers: Readonly<Record<string, string>>): number | undefined {
  const found = readRateHold({ status, header: (name) => headers[name] }, NOW_MS);
  return found && found.untilMs - NOW_MS;
}

const limits = (remaining: string, limit = "100;w=21600") => ({ "ratelimit-limit": limit, "ratelimit-remaining": remaining });

test("a registry that was asked too often must be left alone for as long as it says", () => {
  assert.equal(hold(429, { "retry-after": "90" }), 90_000);
  assert.equal(hold(503, { "retry-after": new Date(NOW_MS + MINUTE_MS).toUTCString() }), MINUTE_MS);
  assert.equal(hold(429, limits("0;w=21600")), 360 * MINUTE_MS);
  assert.equal(hold(429, { "ratelimit-remaining": "0", "ratelimit-reset": "30" }), 30_000);
  assert.equal(hold(429, {}), 15 * MINUTE_MS);
  assert.equal(hold(503, {}), undefined);
});

test("the last tenth of a limit must be left to pulls", () => {
  assert.equal(hold(200, limits("11;w=21600")), undefined);
  assert.equal(hold(200, limits("10;w=21600")), 360 * MINUTE_MS);
  assert.equal(hold(401, limits("0;w=21600")), 360 * MINUTE_MS);
  assert.equal(hold(200, limits("201;w=3600", "2000")), undefined);
  assert.equal(hold(200, limits("200;w=3600", "2000")), 60 * MINUTE_MS);
  assert.equal(hold(200, limits("1", "5")), undefined);
  assert.equal(hold(200, { "ratelimit-remaining": "6" }), undefined);
  assert.equal(hold(200, { "ratelimit-remaining": "5" }), 15 * MINUTE_MS);
});

test("a window must be told by its length, its end, or the time of its end", () => {
  assert.equal(hold(200, { ...limits("1", "600"), "ratelimit-reset": "40" }), 40_000);
  assert.equal(hold(200, { ...limits("1", "600"), "ratelimit-reset": String(NOW_MS / 1000 + 50) }), 50_000);
  assert.equal(hold(200, { ...limits("1", "600"), "ratelimit-reset": "soon" }), 15 * MINUTE_MS);
});

test("nobody must be left alone for more than six hours", () => {
  assert.equal(hold(200, limits("1;w=999999")), 360 * MINUTE_MS);
  assert.equal(hold(200, { ...limits("1", "600"), "ratelimit-reset": String(NOW_MS / 1000 + 999_999) }), 360 * MINUTE_MS);
});

test("what cannot be read must say nothing", () => {
  for (const text of ["", "many", "-1", '"default";r=0']) assert.equal(hold(200, { "ratelimit-remaining": text }), undefined);
});
