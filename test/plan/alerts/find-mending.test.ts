import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StackPlan } from "../../../agent/model/plan.ts";
import { findMending } from "../../../agent/plan/alerts/find-mending.ts";
import { buildStart } from "../build.ts";

describe("what is done about drift", () => {
  const steps = [buildStart("shop-web-1")];
  const tell = (plan: Omit<StackPlan, "stack">, ...waiting: string[]) =>
    findMending({ host: "box", stacks: [{ stack: "shop", ...plan }], drift: [] }, new Set(waiting)).get("shop");

  test("must be told from the plan: steps that are taken, that wait, or none", () => {
    assert.equal(tell({ steps }), "healing");
    assert.equal(tell({ steps }, "blog"), "healing");
    assert.equal(tell({ steps }, "shop"), "waits");
    assert.equal(tell({ steps: [] }), undefined);
  });

  test("must tell a step that is delayed from a stack that is held", () => {
    assert.equal(tell({ steps: [], held: { reason: "backing-off", text: "failed 3 times" } }), "waits");
    assert.equal(tell({ steps: [], held: { reason: "suspended", text: "by hand" } }), undefined);
    assert.equal(tell({ steps, held: { reason: "quarantined", text: "it crashed" } }), undefined);
  });
});
