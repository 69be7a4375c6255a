import assert from "node:assert/strict";
import { test } from "node:test";
import { maskValues } from "../../../agent/plan/masking/mask-values.ts";

const ROWS: readonly (readonly [string, readonly string[], string, string])[] = [
  ["the longest first", ["ab", "abcd", "abc"], "abcd abc ab a", "*** *** *** a"],
  ["every place of a text", ["x1"], "x1-x1 0x10", "***-*** 0***0"],
  ["nothing for an empty value", ["", "z"], "abc", "abc"],
  ["what looks like a pattern, literally", ["a.c", "$&"], "abc a.c $&", "abc *** ***"],
];
for (const [name, values, text, expected] of ROWS) {
  test(`must mask ${name}`, () => assert.equal(maskValues(text, values), expected));
}
