import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guardRemovals, type RemovalRequest, readConfirmations } from "../../agent/plan/guard-removals.ts";

const FOUR = ["a", "b", "c", "d"];
const guard = (over: Partial<RemovalRequest>) =>
  guardRemovals({ managed: FOUR, removed: [], limits: ["50%"], confirmed: [], ...over });

describe("a revision that removes stacks", () => {
  for (const [name, request, held] of [
    ["nothing removed", {}, undefined],
    ["as many as may be", { removed: ["a", "b"] }, undefined],
    [
      "more than may be",
      { removed: ["c", "a", "b"] },
      "it would remove 3 of this host's 4 stacks (a, b, c), more than 50% (prune.maxRemovals)",
    ],
    [
      "more than the stricter of two limits",
      { removed: ["a", "b"], limits: ["50%", 1] },
      "it would remove 2 of this host's 4 stacks (a, b), more than 50% or 1 (prune.maxRemovals)",
    ],
    ["the last ones", { removed: FOUR, limits: ["100%"] }, "it would remove the last of this host's stacks (a, b, c, d)"],
    ["the only one", { managed: ["a"], removed: ["a"], limits: ["100%"] }, "it would remove the last of this host's stacks (a)"],
    ["half of three, rounded down", { managed: ["a", "b", "c"], removed: ["a"] }, undefined],
    [
      "any, where none may be",
      { removed: ["a"], limits: [0] },
      "it would remove 1 of this host's 4 stacks (a), more than 0 (prune.maxRemovals)",
    ],
    ["all, each confirmed by name", { removed: FOUR, confirmed: FOUR }, undefined],
    [
      "all, one not confirmed",
      { removed: FOUR, confirmed: ["a", "b", "c"] },
      "it would remove the last of this host's stacks (a, b, c, d)",
    ],
    ["all, confirmed as a whole", { removed: FOUR, confirmed: "all" }, undefined],
  ] satisfies [string, Partial<RemovalRequest>, string | undefined][]) {
    it(`must ${held === undefined ? "go on" : "be held"}: ${name}`, () => assert.equal(guard(request), held));
  }

  it("must be confirmed by trailers, wherever in the messages and however they are written", () => {
    const messages = [
      "feat: x\n\nHoldfast-Allow-Removal: web, db\n",
      "y\n\nholdfast-allow-removal:old-one\nSigned-off-by: me\n",
      "z",
    ];
    assert.deepEqual(readConfirmations(messages), ["db", "old-one", "web"]);
    assert.deepEqual(readConfirmations(["talks about Holdfast-Allow-Removal: web"]), []);
  });
});
