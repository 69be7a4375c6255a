import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judgeProbes, nextSampleAtMs, type ProbeHistory, recordSample } from "../../../agent/plan/health/judge-probes.ts";
import { NOW_MS } from "../build.ts";

const INTERVAL_MS = 30_000;

/** Takes samples as soon as each is due; `+` passed, `-` failed. Returns the history after each. */
function sample(results: string, start?: ProbeHistory): ProbeHistory[] {
  const histories: ProbeHistory[] = [];
  let history = start;
  for (const result of results) {
    const atMs = history === undefined ? NOW_MS : nextSampleAtMs(history, INTERVAL_MS);
    history = recordSample(history, { ok: result === "+", durationMs: 1, detail: result }, atMs);
    histories.push(history);
  }
  return histories;
}
const states = (results: string) => sample(results).map((history) => history.state);
const last = (results: string) => sample(results).at(-1) as ProbeHistory;

describe("a probe must", () => {
  const [S, H, F] = ["starting", "healthy", "failing"];
  const CASES: readonly (readonly [string, string, readonly string[]])[] = [
    ["be trusted after three successes in a row", "+++", [S, S, H] as string[]],
    ["begin to count anew after a failure", "++-+++", [S, S, S, S, S, H] as string[]],
    ["only be starting as long as it never worked, however often it failed", "----", [S, S, S, S] as string[]],
    ["survive one failure", "+++-+", [S, S, H, H, H] as string[]],
    ["fail at the second in a row", "+++--", [S, S, H, H, F] as string[]],
    ["survive failures that are not in a row", "+++-+-+", [S, S, H, H, H, H, H] as string[]],
    ["come back after three successes in a row", "+++--++-+++", [S, S, H, H, F, F, F, F, F, F, H] as string[]],
  ];
  for (const [what, results, expected] of CASES) test(what, () => assert.deepEqual(states(results), expected));

  test("say since when it is what it is", () => {
    const histories = sample("+++-");
    assert.deepEqual(
      histories.map(({ sinceMs }) => sinceMs - NOW_MS),
      [0, 0, 2000, 2000],
    );
    const failing = sample("-", histories.at(-1)).at(-1);
    assert.equal(failing?.sinceMs, failing?.lastAtMs);
  });

  const SPACING: readonly (readonly [string, string, number])[] = [
    ["closely while it starts", "+", 1000],
    ["closely while it fails to start", "-", 1000],
    ["in its interval while all is well", "+++", INTERVAL_MS],
    ["closely after the first failure", "+++-", 1000],
    ["less closely while it fails", "+++--", 5000],
    ["closely while it comes back", "+++--+", 1000],
  ];
  for (const [what, results, expected] of SPACING)
    test(`be looked at ${what}`, () => {
      const history = last(results);
      assert.equal(nextSampleAtMs(history, INTERVAL_MS) - history.lastAtMs, expected);
    });

  test("never be looked at less often than its interval says", () => {
    for (const results of ["+", "+++", "+++--"]) assert.equal(nextSampleAtMs(last(results), 500) - last(results).lastAtMs, 500);
  });

  test("be due at once when it is new", () => assert.ok(nextSampleAtMs(undefined, INTERVAL_MS) <= NOW_MS));
});

describe("the probes of a stack must", () => {
  const judge = (...results: (string | undefined)[]) => {
    const entries = results.flatMap((text, index): [string, ProbeHistory][] =>
      text === undefined ? [] : [[`probe ${index}`, last(text)]],
    );
    return judgeProbes(
      results.map((_, index) => `probe ${index}`),
      new Map(entries),
    );
  };

  test("be healthy when there are none, or all are", () => {
    assert.deepEqual(judge(), { state: "healthy", reasons: [] });
    assert.deepEqual(judge("+++", "+++-"), { state: "healthy", reasons: [] });
  });

  test("be starting as long as one is, or has not run", () => {
    const { state, reasons } = judge("+++", "++", "-", undefined);
    assert.equal(state, "starting");
    assert.deepEqual(
      reasons.map(({ probe, detail }) => `${probe}: ${detail}`),
      ["probe 1: passed 2 of 3 times in a row", "probe 2: -", "probe 3: has not run yet"],
    );
  });

  test("fail when one does, and name that first", () => {
    const { state, reasons } = judge("-", "+++", "+++--");
    assert.equal(state, "failing");
    assert.deepEqual(
      reasons.map(({ probe }) => probe),
      ["probe 2", "probe 0"],
    );
  });
});
