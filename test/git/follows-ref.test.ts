import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFollowed } from "../../agent/git/followed.ts";
import { followsRef } from "../../agent/git/follows-ref.ts";

for (const [what, wanted, yes, no] of [
  ["a branch", { branch: "main" }, ["refs/heads/main"], ["refs/heads/main2", "refs/heads/a/main", "refs/tags/main", "main", ""]],
  ["a branch with a slash", { branch: "env/prod" }, ["refs/heads/env/prod"], ["refs/heads/env", "refs/heads/prod"]],
  ["main without either", {}, ["refs/heads/main"], ["refs/heads/master"]],
  [
    "tags",
    { tag: "v1.?" },
    ["refs/tags/v1.2", "refs/tags/v1.x"],
    ["refs/tags/v1.10", "refs/tags/v1,2", "refs/heads/v1.2", "v1.2"],
  ],
  ["every tag", { tag: "*" }, ["refs/tags/x", "refs/tags/a/b"], ["refs/heads/x", "refs/pull/1/head"]],
  ["tags below a path", { tag: "infra/*" }, ["refs/tags/infra/v1", "refs/tags/infra/"], ["refs/tags/v1"]],
] as const) {
  test(`${what} must be followed, and nothing else`, () => {
    const follows = followsRef(parseFollowed(wanted));
    for (const ref of yes) assert.equal(follows(ref), true, ref);
    for (const ref of no) assert.equal(follows(ref), false, ref);
  });
}
