import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Plan, Step } from "../../../agent/model/plan.ts";
import type { PreflightFinding } from "../../../agent/model/preflight.ts";
import { recordFailures } from "../../../agent/plan/backoff.ts";
import { planDirectories } from "../../../agent/plan/plan-directories.ts";
import { holdUnfit } from "../../../agent/plan/preflight/hold-unfit.ts";
import { renderPlan } from "../../../agent/plan/render-plan.ts";
import { buildDependency, buildHost, buildService, buildStack, buildStart, buildUp, NOW_MS } from "../build.ts";

const planOf = (stacks: Readonly<Record<string, readonly Step[]>>): Plan => ({
  host: "box",
  stacks: Object.entries(stacks).map(([stack, steps]) => ({ stack, steps })),
  drift: [],
});

function finding(what: string, over: Partial<PreflightFinding> = {}): PreflightFinding {
  return { kind: "port", what, expected: "this", actual: "that", fix: "do it", severity: "error", stack: "shop", ...over };
}

describe("holdUnfit", () => {
  const plan = planOf({ shop: [buildUp(["web"])], blog: [buildUp(["web"])], wiki: [buildStart("wiki-web-1")] });

  it("must hold the stack that an error concerns, with everything that is wrong at once, and no other", () => {
    assert.equal(
      renderPlan(holdUnfit(plan, [finding("port 80"), finding("network lan"), finding("memory", { severity: "warning" })])),
      `box:
shop: held: the host lacks what it needs: port 80: expected this, found that; do it; also network lan: expected this, found that; do it
blog
  create web
wiki
  start wiki-web-1
      because container wiki-web-1 is exited with code 1
`,
    );
  });

  it("must hold every stack that would get containers for what the host itself lacks, and heal what is there", () => {
    const { stack: _stack, ...ofHost } = finding("platform");
    const { stacks } = holdUnfit(plan, [ofHost]);
    assert.deepEqual(
      stacks.map(({ stack, steps, held }) => [stack, steps.length, held?.reason]),
      [
        ["shop", 0, "preflight"],
        ["blog", 0, "preflight"],
        ["wiki", 1, undefined],
      ],
    );
  });

  it("must leave the plan alone without an error", () => {
    assert.equal(holdUnfit(plan, [finding("image", { severity: "warning" })]), plan);
  });

  it("must go on starting and unpausing a held stack's containers, but not one that needs what is held", () => {
    const start = buildStart("shop-db-1");
    const unpause: Step = { ...start, action: "unpause", container: "shop-cache-1" };
    const needy: Step = { ...buildStart("shop-api-1"), after: [buildDependency("web", "service_healthy")] };
    const place: Step = { action: "place", stack: "shop", causes: [], after: [], write: ["a"], remove: [] };
    const remove: Step = { ...start, action: "remove", container: "shop-old-1" };
    const { stacks } = holdUnfit(planOf({ shop: [place, remove, start, unpause, needy, buildUp(["web"])] }), [
      finding("port 80"),
    ]);
    assert.deepEqual(stacks[0]?.steps, [start, unpause]);
  });
});

describe("planDirectories", () => {
  const shop = buildStack("shop", [buildService("web")], {
    requires: { disk: [{ path: "/srv/shop", create: true, mode: "0750" }] },
  });
  const desired = buildHost([shop], { requires: { disk: [{ path: "/srv", create: true }, { path: "/other" }] } });
  const machine = {
    paths: Object.fromEntries(["/srv", "/srv/shop", "/other"].map((path) => [path, { kind: "missing" }])),
  } as never;
  const request = { desired, machine, attempts: new Map(), nowMs: NOW_MS };

  it("must make what is missing before the first step, with its mode and cause", () => {
    assert.equal(
      renderPlan(planDirectories(planOf({ shop: [buildUp(["web"])] }), request)),
      `box:
shop
  create directory /srv with mode 0755
      because requires.disk asks for the directory /srv, which is not there
  create directory /srv/shop with mode 0750
      because requires.disk asks for the directory /srv/shop, which is not there
  create web
`,
    );
  });

  it("must make nothing for a stack that gets no container, or is held", () => {
    const plan = planOf({ shop: [buildStart("shop-web-1")] });
    assert.deepEqual(planDirectories(plan, request), plan);
    const held = holdUnfit(planOf({ shop: [buildUp(["web"])] }), [finding("port 80")]);
    assert.deepEqual(planDirectories(held, request), held);
  });

  it("must hold the stack back while a directory that could not be made is not tried again", () => {
    const { stacks } = planDirectories(planOf({ shop: [buildUp(["web"])] }), request);
    const steps = stacks[0]?.steps ?? [];
    const failed = steps.slice(0, 1).map((step) => ({ step, error: "read-only file system" }));
    const once = recordFailures([], shop.inputs, steps, failed, NOW_MS);
    const twice = recordFailures(once, shop.inputs, steps, failed, NOW_MS);
    const later = planDirectories(planOf({ shop: [buildUp(["web"])] }), { ...request, attempts: new Map([["shop", twice]]) });
    assert.deepEqual(later.stacks[0]?.steps, []);
    assert.match(later.stacks[0]?.held?.text ?? "", /^failed 2 times, .*read-only file system$/);
  });
});
