import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AppliedService } from "../../../agent/plan/applied-stack.ts";
import { describeServices } from "../../../agent/plan/applied-stack.ts";
import { type CarryRequest, carryDigest } from "../../../agent/plan/desire/carry-digest.ts";
import { detectDrift } from "../../../agent/plan/drift/detect-drift.ts";
import { makePlan } from "../../../agent/plan/make-plan.ts";
import { buildApplied, buildContainer, buildRequest, buildService, buildStack } from "../build.ts";

const [OLD, NEW] = ["2.26.1/1", "2.40.3/1"];
const WEB: AppliedService = { digest: "1.old.files", renderedBy: OLD, fields: { image: "a", ports: "1" }, files: {} };
const FIELDS = { image: "a", ports: "2", "labels x": "3" };

function carry(over: Partial<CarryRequest>, digest = "1.new.files") {
  return carryDigest("web", digest, FIELDS, { tool: NEW, sameInputs: true, services: { web: WEB }, ...over });
}

describe("a digest", () => {
  const fresh = { digest: "1.new.files", fields: FIELDS, renderedBy: NEW };
  const toolChange = { tool: NEW, digest: "1.new.files", fields: ["labels x", "ports"] };
  const kept = { digest: "1.old.files", fields: WEB.fields, renderedBy: OLD, toolChange };

  test("must be the tool's own for a service that is new", () => assert.deepEqual(carry({ services: {} }), fresh));
  test("must be what it is where nothing is known", () =>
    assert.deepEqual(carryDigest("web", "1.new.files", FIELDS, undefined), { digest: "1.new.files", fields: FIELDS }));
  test("must stay where only the tool changed, and the difference be known", () => assert.deepEqual(carry({}), kept));
  test("must be the tool's own where something else changed too", () => assert.deepEqual(carry({ sameInputs: false }), fresh));
  test("must stay where another service of the stack changed", () => {
    const web = { ...WEB, now: { tool: NEW, digest: "1.new.files" } };
    assert.deepEqual(carry({ sameInputs: false, services: { web } }), kept);
    assert.deepEqual(carry({ sameInputs: false, services: { web } }, "1.newer.files").toolChange, undefined);
    const stale = { ...WEB, now: { tool: "2.30.0/1", digest: "1.new.files" } };
    assert.deepEqual(carry({ sameInputs: false, services: { web: stale } }), fresh);
  });
  test("must forget the difference when the tool is put back", () =>
    assert.deepEqual(carry({ tool: OLD }, "1.old.files"), { digest: "1.old.files", fields: FIELDS, renderedBy: OLD }));
  test("must stay for a revision that was kept, of which nothing but digests is known", () => {
    const web: AppliedService = { digest: "1.old.files", fields: {}, files: {} };
    assert.deepEqual(carry({ services: { web } }), {
      ...{ digest: "1.old.files", fields: FIELDS },
      toolChange: { tool: NEW, digest: "1.new.files", fields: [] },
    });
  });

  test("must be remembered as what the containers carry, with what the tool of now would give", () => {
    const stack = buildStack("shop", [buildService("web", kept), buildService("db", { renderedBy: NEW })]);
    assert.deepEqual(describeServices(stack), {
      web: { ...WEB, now: { tool: NEW, digest: "1.new.files" } },
      db: { digest: "1.def.files", renderedBy: NEW, fields: {}, files: {} },
    });
  });
});

describe("what another tool would change", () => {
  const toolChange = { tool: NEW, digest: "1.new.files", fields: ["ports"] };
  const web = buildService("web", { renderedBy: OLD, toolChange });
  const stack = buildStack("shop", [web], { drift: { mode: "heal", rules: { "tool-changed": "heal" } } });
  const containers = [buildContainer("shop", "web")];

  test("must be told, and change nothing, whatever the rules say", () => {
    const { stacks, drift } = makePlan(buildRequest({ stacks: [stack], containers }));
    assert.deepEqual(stacks, []);
    assert.deepEqual(drift, [
      {
        ...{ stack: "shop", kind: "tool-changed", mode: "report", origin: "host", service: "web" },
        ...{ expected: "1.new.files", actual: "1.def.files" },
        cause: "Compose 2.40.3 renders service web differently than 2.26.1 did: field ports; applied with its next real change",
      },
    ]);
  });

  test("must not be told of containers that are replaced anyway", () => {
    const drift = detectDrift({
      stack,
      containers: [{ ...containers[0], digest: "1.other.files" } as never],
      applied: buildApplied(stack),
    });
    assert.deepEqual(
      drift.map(({ kind }) => kind),
      ["definition"],
    );
  });

  for (const [what, change, was] of [
    ["another scheme", { ...toolChange, tool: "2.26.1/2", digest: "2.new.files" }, OLD],
    ["another scheme and another Compose", { ...toolChange, tool: "2.40.3/2", digest: "2.new.files" }, OLD],
  ] as const) {
    test(`must be told as Holdfast's own with ${what}`, () => {
      const services = [buildService("web", { renderedBy: was, toolChange: { ...change, fields: [] } })];
      const [drift] = detectDrift({ stack: { ...stack, services }, containers, applied: buildApplied(stack) });
      assert.equal(
        drift?.cause,
        "this version of Holdfast digests service web differently than an earlier one did; applied with its next real change",
      );
    });
  }
});
