import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeStop, type HealRecord, isHealingStopped, recordHeal, resumeHealing } from "../../agent/plan/heal-budget.ts";
import { NOW_MS } from "./build.ts";

const MINUTE = 60_000;

function heal(minutes: readonly number[], record?: HealRecord): HealRecord | undefined {
  return minutes.reduce<HealRecord | undefined>((known, minute) => recordHeal(known, NOW_MS + minute * MINUTE), record);
}

describe("healing", () => {
  test("must have its whole budget again when somebody asks for it", () => {
    assert.equal(isHealingStopped(resumeHealing(), NOW_MS), false);
    assert.equal(heal([0, 1, 2, 3], resumeHealing())?.stoppedAtMs, undefined);
    assert.notEqual(heal([0, 1, 2, 3, 4], resumeHealing())?.stoppedAtMs, undefined);
  });
  test("that stops must say why and until when", () => {
    assert.equal(
      describeStop(heal([0, 1, 2, 3, 4]) ?? assert.fail()),
      "healed 5 times within ten minutes: healing stops until a new revision, `holdfast sync` or 2026-03-01T13:04:00Z",
    );
    assert.match(describeStop({ healedAtMs: [NOW_MS], stoppedAtMs: NOW_MS }), /^one more attempt was made: healing stops until /);
  });
  test("must go on at four times within ten minutes", () => {
    assert.equal(isHealingStopped(heal([0, 1, 2, 3]), NOW_MS + 3 * MINUTE), false);
  });
  test("must stop at the fifth", () => {
    assert.equal(heal([0, 1, 2, 3, 9])?.stoppedAtMs, NOW_MS + 9 * MINUTE);
  });
  test("must go on when the five take ten minutes or longer", () => {
    assert.equal(heal([0, 2, 4, 6, 10])?.stoppedAtMs, undefined);
    assert.equal(heal([0, 20, 40, 60, 80, 100])?.stoppedAtMs, undefined);
  });
  test("must make one attempt after an hour, and stop again when that is undone", () => {
    const stopped = heal([0, 1, 2, 3, 4]);
    assert.equal(isHealingStopped(stopped, NOW_MS + 64 * MINUTE - 1), true);
    assert.equal(isHealingStopped(stopped, NOW_MS + 64 * MINUTE), false);
    const attempted = recordHeal(stopped, NOW_MS + 64 * MINUTE);
    assert.equal(isHealingStopped(attempted, NOW_MS + 65 * MINUTE), true, "one attempt, not five");
  });
  test("must have its whole budget again when that attempt held", () => {
    const attempted = heal([64], heal([0, 1, 2, 3, 4]));
    assert.equal(isHealingStopped(heal([134], attempted), NOW_MS + 135 * MINUTE), false);
  });
  test("must not be stopped where nothing was healed", () => assert.equal(isHealingStopped(undefined, NOW_MS), false));
  test("must not keep more times than count", () => {
    assert.deepEqual(heal([0, 5, 30])?.healedAtMs, [NOW_MS + 30 * MINUTE]);
  });
});
