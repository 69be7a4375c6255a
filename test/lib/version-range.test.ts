import assert from "node:assert/strict";
import { test } from "node:test";
import { isInRange } from "../../agent/lib/version-range.ts";

const CASES: readonly (readonly [string, string, boolean | undefined])[] = [
  ["26.1.5+dfsg1", ">=20.10", true],
  ["2.26.1-4", ">=2.26.1", true],
  ["2.26.1-4", ">2.26.1", false],
  ["29.0.0-rc.1", ">=29", true],
  ["v2.40.3", "^2.26", true],
  ["5.5.0", "^2.26", false],
  ["5.5.0", ">=2.26 <3 || 5.x", true],
  ["20.10", ">=20.10", true],
  ["19.03.15", ">=20.10", false],
  ["dev", ">=20.10", undefined],
  ["26.1.5", "at least 20", undefined],
];

for (const [version, range, expected] of CASES) {
  const verb = expected === undefined ? "not be comparable with" : expected ? "be in" : "not be in";
  test(`${version} must ${verb} ${range}`, () => assert.equal(isInRange(version, range), expected));
}
