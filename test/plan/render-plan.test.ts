import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Step } from "../../agent/model/plan.ts";
import { describeDrift, describeStep, renderPlan } from "../../agent/plan/render-plan.ts";
import { buildDependency, buildDrift, buildStart, buildUp } from "./build.ts";

const about = { stack: "shop", causes: [], after: [] } as const;

describe("a step must read", () => {
  const cases: [Step, string][] = [
    [{ ...about, action: "place", write: ["a"], remove: [] }, "place 1 file"],
    [{ ...about, action: "place", write: ["a", "b"], remove: ["c", "d"] }, "place 2 files, remove 2 files"],
    [{ ...about, action: "place", write: [], remove: ["c"] }, "remove 1 file"],
    [{ ...about, action: "pull", image: "nginx:1", services: ["web"], refresh: false }, "pull nginx:1"],
    [buildUp(["a", "b"]), "create a, b"],
    [buildUp(["a"], { recreate: true }), "recreate a"],
    [buildUp(["a"], { after: [buildDependency("b")] }), "create a"],
    [
      buildUp(["a"], {
        after: [buildDependency("b", "service_healthy"), buildDependency("c", "service_completed_successfully")],
      }),
      "create a once b is healthy and c has finished",
    ],
    [buildStart("shop-web-1"), "start shop-web-1"],
    [{ ...about, action: "unpause", container: "shop-web-1", containerId: "x" }, "unpause shop-web-1"],
    [{ ...about, action: "remove", container: "shop-web-1", containerId: "x" }, "remove shop-web-1"],
    [{ ...about, action: "restart", service: "web" }, "restart web"],
  ];
  for (const [step, text] of cases) test(text, () => assert.equal(describeStep(step), text));
});

describe("a plan must", () => {
  test("say that there is nothing to do", () => {
    assert.equal(renderPlan({ host: "box", stacks: [], drift: [] }), "box: nothing to do\n");
  });
  test("show all stacks, their holds, and what is only reported", () => {
    const text = renderPlan({
      host: "box",
      stacks: [
        { stack: "shop", steps: [buildStart("shop-web-1")] },
        { stack: "blog", steps: [], held: { reason: "suspended", text: "by hand" } },
      ],
      drift: [
        buildDrift(),
        buildDrift({ stack: "blog", kind: "orphan", cause: "an orphan" }),
        buildDrift({ mode: "report", kind: "unhealthy", cause: "container shop-db-1 is unhealthy" }),
      ],
    });
    assert.equal(
      text,
      `box:
shop
  start shop-web-1
      because container shop-web-1 is exited with code 1
blog: held: by hand
  not healed: orphan: an orphan
reported only
  shop: unhealthy: container shop-db-1 is unhealthy
`,
    );
  });
  test("not hide drift that is only reported when there is no step", () => {
    const drift = buildDrift({ mode: "report", kind: "unhealthy", cause: "container shop-db-1 is unhealthy" });
    assert.equal(renderPlan({ host: "box", stacks: [], drift: [drift] }), `box:\nreported only\n  ${describeDrift(drift)}\n`);
  });
});
