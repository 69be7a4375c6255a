import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "../../agent/model/parse-duration.ts";

const cases: [string, number | undefined][] = [
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["250ms", 250],
  ["1m1ms", 60_001],
  ["2d", 172_800_000],
  ["0s", 0],
  ["1s1s", 2000],
  ["", undefined],
  ["90", undefined],
  ["1.5h", 5_400_000],
  ["-1s", undefined],
  ["1 h", undefined],
  ["1w", 604_800_000],
  ["h", undefined],
  ["1H", undefined],
  ["1h\n", undefined],
];

for (const [text, expected] of cases) {
  test(`${JSON.stringify(text)} must be ${expected ?? "no duration"}`, () => assert.equal(parseDuration(text), expected));
}
