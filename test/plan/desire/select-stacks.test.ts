import assert from "node:assert/strict";
import { test } from "node:test";
import { type HostSelector, selectsHost } from "../../../agent/plan/desire/select-stacks.ts";

const LABELS = { role: "web", site: "attic" };
const cases: [HostSelector, boolean][] = [
  ["all", true],
  [{ names: ["box", "other"] }, true],
  [{ names: ["other"] }, false],
  [{ names: ["box2"] }, false],
  [{ names: [] }, false],
  [{ labels: { role: "web" } }, true],
  [{ labels: { role: "web", site: "attic" } }, true],
  [{ labels: { role: "web", site: "cellar" } }, false],
  [{ labels: { rack: "1" } }, false],
];

for (const [selector, expected] of cases) {
  test(`${JSON.stringify(selector)} must ${expected ? "" : "not "}mean a host with ${JSON.stringify(LABELS)}`, () => {
    assert.equal(selectsHost(selector, "box", LABELS), expected);
  });
}
