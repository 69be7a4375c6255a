import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { showControls } from "../../../agent/model/show-controls.ts";
import { findUrlPassword, hideSecrets } from "../../../agent/plan/masking/secret-shapes.ts";
import { code, html, words } from "../../../agent/plan/review/markdown.ts";

describe("what looks like a secret", () => {
  for (const [text, expected] of [
    ["postgres://me:hunter2@db/app", "postgres://me:***@db/app"],
    ["at=1http://me:hunter2@db, redis+tls://:hunter2@db", "at=1http://me:***@db, redis+tls://:***@db"],
    ["run --db-password hunter2 --token=hunter3 -x", "run --db-password *** --token=*** -x"],
    ["my.db_password: hunter2, other", "my.db_password: ***, other"],
    ["---- begin ----", "---- begin ----"],
  ] as const)
    test(`must be hidden in ${JSON.stringify(text)}`, () => assert.equal(hideSecrets(text), expected));

  test("must be told where it stands in an address", () => assert.equal(findUrlPassword("a postgres://me:hunter2@db"), 16));

  // A container writes its log, and a stranger a pull request: a search that begins at every character would take hours.
  for (const unit of ["a", "-", "a-", " ", "0."])
    test(`must be looked for once in a long line of ${JSON.stringify(unit)}`, () => {
      const line = unit.repeat(500_000);
      assert.equal(hideSecrets(line), line);
      assert.equal(findUrlPassword(line), -1);
      for (const show of [showControls, words, code, html]) assert.ok(show(line).length >= line.length);
    });
});
