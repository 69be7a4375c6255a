import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSize, parseSize } from "../../agent/model/parse-size.ts";

const SIZES: readonly (readonly [string, number | undefined])[] = [
  ["16GiB", 16 * 2 ** 30],
  ["512Mi", 512 * 2 ** 20],
  ["1.5 TiB", 1.5 * 2 ** 40],
  ["50GB", 50e9],
  ["1k", 1000],
  ["1KiB", 1024],
  ["100", 100],
  ["100B", 100],
  ["", undefined],
  ["GiB", undefined],
  ["1g", undefined],
  ["-1GiB", undefined],
  ["1GiB\n", undefined],
];
for (const [text, expected] of SIZES)
  test(`${JSON.stringify(text)} must be ${expected ?? "no size"}`, () => assert.equal(parseSize(text), expected));

const SHOWN: readonly (readonly [number, string])[] = [
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [16_106_127_360, "15 GiB"],
  [16_500_000_000, "15.4 GiB"],
  [2 ** 30 - 1, "1 GiB"],
  [500 * 2 ** 30, "500 GiB"],
  [3000 * 2 ** 40, "3000 TiB"],
];
for (const [bytes, expected] of SHOWN)
  test(`${bytes} bytes must be shown as ${expected}`, () => assert.equal(formatSize(bytes), expected));
