import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Step } from "../../agent/model/plan.ts";
import { mergeUps } from "../../agent/plan/merge-ups.ts";
import { describeStep } from "../../agent/plan/render-plan.ts";
import { buildDependency, buildStart, buildUp } from "./build.ts";

const DB_HEALTHY = buildDependency("db", "service_healthy");
const DB_STARTED = buildDependency("db");

const cases: [string, Step[], string[]][] = [
  ["join neighbours that wait for nothing", [buildUp(["a"]), buildUp(["b"]), buildUp(["c"])], ["create a, b, c"]],
  [
    "join neighbours that wait for the same",
    [buildUp(["a"], { after: [DB_HEALTHY] }), buildUp(["b"], { after: [DB_HEALTHY] })],
    ["create a, b once db is healthy"],
  ],
  [
    "join what waits with what need not",
    [buildUp(["a"], { after: [DB_HEALTHY] }), buildUp(["b"])],
    ["create a, b once db is healthy"],
  ],
  [
    "join what follows a start, which is over by then",
    [buildUp(["a"]), buildUp(["b"], { after: [DB_STARTED] })],
    ["create a, b"],
  ],
  [
    "not let one wait for what only the other waits for: db may need it to get healthy",
    [buildUp(["a"]), buildUp(["b"], { after: [DB_HEALTHY] })],
    ["create a", "create b once db is healthy"],
  ],
  [
    "not join a service with what it waits for",
    [buildUp(["db"]), buildUp(["web"], { after: [DB_STARTED] })],
    ["create db", "create web"],
  ],
  [
    "not join a service with one of several that it waits for",
    [buildUp(["a"]), buildUp(["db"]), buildUp(["web"], { after: [DB_STARTED] })],
    ["create a, db", "create web"],
  ],
  [
    "not join what is created with what is recreated",
    [buildUp(["a"]), buildUp(["b"], { recreate: true })],
    ["create a", "recreate b"],
  ],
  ["not join over another step", [buildUp(["a"]), buildStart("x"), buildUp(["b"])], ["create a", "start x", "create b"]],
];

describe("mergeUps must", () => {
  for (const [must, steps, expected] of cases) {
    test(must, () => assert.deepEqual(mergeUps(steps).map(describeStep), expected));
  }

  test("keep every cause, and each condition once", () => {
    const cause = (text: string) => ({ kind: "service-missing" as const, text });
    const [step, ...rest] = mergeUps([
      buildUp(["a"], { causes: [cause("a")], after: [DB_HEALTHY, DB_STARTED] }),
      buildUp(["b"], { causes: [cause("b")], after: [DB_HEALTHY] }),
    ]);
    assert.deepEqual(step, buildUp(["a", "b"], { causes: [cause("a"), cause("b")], after: [DB_HEALTHY, DB_STARTED] }));
    assert.deepEqual(rest, []);
  });
});
