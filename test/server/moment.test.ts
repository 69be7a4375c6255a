import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { describeDistance } from "../../agent/pages/moment.ts";
import { PAGE_SCRIPT } from "../../agent/pages/page-script.ts";

const DISTANCES = [
  [0, "now"],
  [-1_400, "now"],
  [-2_000, "2 s ago"],
  [43_000, "in 43 s"],
  [-89_000, "89 s ago"],
  [-90_000, "2 min ago"],
  [-3_600_000, "60 min ago"],
  [7_200_000, "in 2 h"],
  [-5 * 86_400_000, "5 d ago"],
] as const;

test("a distance in time must be told in the largest unit that fits, by the agent and by the page's script alike", () => {
  const [source] = /function distance\(ms\) \{[\s\S]*?\n {2}\}/.exec(PAGE_SCRIPT) ?? [];
  const inPage = runInNewContext(`${source}; distance`) as (ms: number) => string;
  for (const [ms, text] of DISTANCES) assert.deepEqual([describeDistance(ms), inPage(ms)], [text, text], String(ms));
});
