import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Finding, hasErrors, renderFinding, sortFindings } from "../../agent/model/finding.ts";

function build(over: Partial<Finding> = {}): Finding {
  return { path: "a.yaml", line: 3, column: 5, message: "is wrong", rule: "rule", severity: "error", ...over };
}

describe("findings must", () => {
  test("read as path, place, message and rule", () => {
    assert.equal(renderFinding(build()), "a.yaml:3:5: is wrong (rule)");
    assert.equal(renderFinding(build({ severity: "warning" })), "a.yaml:3:5: warning: is wrong (rule)");
  });

  test("be one line, whatever is in the file", () => {
    const finding = build({ path: "a\u202e.yaml", message: "${X?\n::error::b\u001b[2J} has no value" });
    assert.equal(renderFinding(finding), "a\\u202e.yaml:3:5: ${X? ::error::b\\u001b[2J} has no value (rule)");
  });

  test("be in the order in which a reader goes through the files, each once", () => {
    const sorted = [
      build({ path: "a.yaml", line: 2, column: 9 }),
      build({ path: "a.yaml", line: 10, column: 1 }),
      build({ path: "a.yaml", line: 10, column: 2, rule: "a" }),
      build({ path: "a.yaml", line: 10, column: 2, rule: "b", message: "x" }),
      build({ path: "a.yaml", line: 10, column: 2, rule: "b", message: "y" }),
      build({ path: "b.yaml", line: 1, column: 1 }),
    ];
    assert.deepEqual(sortFindings([...sorted].reverse()), sorted);
    assert.deepEqual(sortFindings([...sorted, ...sorted]), sorted);
    assert.deepEqual(sortFindings([]), []);
  });

  test("forbid converging when one is an error", () => {
    assert.equal(hasErrors([]), false);
    assert.equal(hasErrors([build({ severity: "warning" })]), false);
    assert.equal(hasErrors([build({ severity: "warning" }), build()]), true);
  });
});
