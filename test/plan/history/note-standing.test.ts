import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Happening } from "../../../agent/model/history.ts";
import { type Marks, noteStanding, type Standing } from "../../../agent/plan/history/note-standing.ts";

const MINUTE_MS = 60_000;
const begins: Happening = { event: "drift-reported", stack: "web", text: "app is gone" };
const ends: Happening = { event: "resumed", text: "it is over" };
const drift: Standing = { id: "drift web stopped app", begins };
const ALL = new Set(["drift", "suspended"]);

/** Goes through moments, `[minute, what stands, what can be seen]`, and lists what was told at each. */
function tell(...moments: [number, Standing[], ReadonlySet<string>?][]): string[][] {
  let marks: Marks = {};
  return moments.map(([minute, standing, known = ALL]) => {
    const noted = noteStanding(JSON.parse(JSON.stringify(marks)) as Marks, standing, known, minute * MINUTE_MS);
    marks = noted.marks;
    return noted.happenings.map(({ text }) => text);
  });
}

describe("a condition that stands", () => {
  test("must be told once, whenever it is looked at", () => {
    assert.deepEqual(tell([0, [drift]], [1, [drift]], [999, [drift]]), [["app is gone"], [], []]);
  });

  test("must be told again when it had ended", () => {
    assert.deepEqual(tell([0, [drift]], [1, []], [2, [drift]]), [["app is gone"], [], ["app is gone"]]);
  });

  test("must not be taken for ended while it cannot be seen", () => {
    const blind = new Set(["suspended"]);
    assert.deepEqual(tell([0, [drift]], [1, [], blind], [2, [drift]]), [["app is gone"], [], []]);
    assert.deepEqual(tell([0, [drift], blind], [1, [drift]]), [[], ["app is gone"]]);
  });

  test("must be told at its end, when there is something to say", () => {
    const suspended: Standing = { id: "suspended", begins: { event: "suspended", text: "it is held" }, ends };
    assert.deepEqual(tell([0, [suspended]], [1, []], [2, []]), [["it is held"], ["it is over"], []]);
  });

  test("that comes and goes by itself must be one occurrence within ten minutes", () => {
    const flapping: Standing = { ...drift, flaps: true };
    const told = tell(
      [0, [flapping]],
      [1, []],
      [2, []],
      [9, [flapping]],
      [10, []],
      [20, [flapping]],
      [21, []],
      [32, []],
      [33, [flapping]],
    );
    assert.deepEqual(told.flat(), ["app is gone", "app is gone"]);
    assert.deepEqual(told.at(-1), ["app is gone"]);
  });

  test("must leave the marks as they are while nothing changes, so that nothing is written", () => {
    const flapping: Standing = { id: "drift web restarting db", begins, flaps: true };
    const first = noteStanding({}, [drift, flapping], ALL, 0).marks;
    assert.deepEqual(noteStanding(first, [flapping, drift], ALL, MINUTE_MS).marks, first);
    const gone = noteStanding(first, [drift], ALL, MINUTE_MS).marks;
    assert.deepEqual(noteStanding(gone, [drift], ALL, 2 * MINUTE_MS).marks, gone);
    assert.deepEqual(Object.keys(noteStanding(gone, [drift], ALL, 11 * MINUTE_MS).marks), [drift.id]);
  });
});
