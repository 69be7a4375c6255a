import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DriftMode } from "../../../agent/model/desired.ts";
import type { DriftKind } from "../../../agent/model/drift.ts";
import { DEFAULT_DRIFT_MODES, decideDriftMode } from "../../../agent/plan/drift/drift-policy.ts";

const decide = (kind: DriftKind, mode: DriftMode, rule?: DriftMode): DriftMode =>
  decideDriftMode(kind, { mode, rules: rule === undefined ? {} : { [kind]: rule } });

describe("what is done about drift", () => {
  const cases: [DriftKind, DriftMode, DriftMode | undefined, DriftMode][] = [
    ["stopped", "heal", undefined, "heal"],
    ["stopped", "report", undefined, "report"],
    ["stopped", "ignore", undefined, "ignore"],
    ["stopped", "report", "heal", "heal"],
    ["stopped", "heal", "ignore", "ignore"],
    ["unhealthy", "heal", undefined, "report"],
    ["unhealthy", "report", undefined, "report"],
    ["unhealthy", "ignore", undefined, "ignore"],
    ["unhealthy", "heal", "heal", "report"],
    ["restarting", "heal", "heal", "report"],
    ["foreign", "heal", "ignore", "ignore"],
  ];
  for (const [kind, mode, rule, expected] of cases) {
    test(`${kind} in mode ${mode}${rule === undefined ? "" : ` with the rule ${rule}`} must be ${expected}`, () => {
      assert.equal(decide(kind, mode, rule), expected);
    });
  }

  test("must never be more than the default when only the mode speaks", () => {
    for (const [kind, usual] of Object.entries(DEFAULT_DRIFT_MODES)) {
      assert.equal(decide(kind as DriftKind, "heal"), usual, kind);
      assert.notEqual(decide(kind as DriftKind, "report"), "heal", kind);
      assert.equal(decide(kind as DriftKind, "ignore"), "ignore", kind);
    }
  });

  test("must not follow a rule for another kind", () => {
    assert.equal(decideDriftMode("stopped", { mode: "heal", rules: { paused: "ignore" } }), "heal");
  });
});
