import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fingerprintStep } from "../../agent/plan/backoff.ts";
import { makePlan, sortStacks, wantsImages } from "../../agent/plan/make-plan.ts";
import { renderPlan } from "../../agent/plan/render-plan.ts";
import {
  buildApplied,
  buildContainer,
  buildExited,
  buildRequest,
  buildService,
  buildStack,
  NOW_MS,
  type Scenario,
} from "./build.ts";

const FILE = { path: "conf/web.conf", oid: "01", executable: false };
const PAIR = buildStack("shop", [buildService("db"), buildService("web")]);
const ONE = buildStack("shop", [buildService("web")], { files: [FILE] });

describe("a hold", () => {
  const broken: Scenario = { stacks: [PAIR], containers: [buildContainer("shop", "db"), buildExited("shop", "web", 1)] };
  const [step] = makePlan(buildRequest(broken)).stacks[0]?.steps ?? [];
  assert.ok(step);
  const fingerprint = fingerprintStep(PAIR.inputs, step);
  const attempt = { fingerprint, failures: 3, nextAtMs: NOW_MS + 1, error: "no such device" };
  const stopped = new Map([["shop", { healedAtMs: [], stoppedAtMs: NOW_MS - 1 }]]);
  const render = (over: Partial<Scenario>): string => renderPlan(makePlan(buildRequest({ ...broken, ...over })));

  test("must say how often it failed, when it is tried again and why it failed", () => {
    assert.equal(
      render({ attempts: new Map([["shop", [attempt]]]) }),
      "box:\nshop: held: failed 3 times, next attempt at 2026-03-01T12:00:00.001Z: no such device\n",
    );
  });

  test("must end at its time, and concern nothing but what failed", () => {
    const started = renderPlan(makePlan(buildRequest(broken)));
    assert.equal(render({ attempts: new Map([["shop", [{ ...attempt, nextAtMs: NOW_MS }]]]) }), started);
    assert.equal(render({ attempts: new Map([["shop", [{ ...attempt, fingerprint: "other" }]]]) }), started);
    assert.equal(render({ attempts: new Map([["other", [attempt]]]) }), started);
  });

  test("must stop healing, but not a new revision", () => {
    assert.match(render({ heals: stopped }), /^box:\nshop: held: healing was stopped because it kept being undone;/);
    const applied = [["shop", buildApplied(PAIR, { inputs: "old" })]] as const;
    assert.match(render({ heals: stopped, applied }), /start shop-web-1/);
  });

  test("must keep every hand off a host whose revision is not trusted, or that is suspended", () => {
    const unverified = "it is not signed";
    assert.equal(
      render({ host: { unverified } }),
      `box:\nshop: held: the revision in force is not trusted any more: ${unverified}\n  not healed: stopped: container shop-web-1 is exited with code 1\n`,
    );
    const failed = { inputs: PAIR.inputs, revision: "r", atMs: NOW_MS, reason: "it crashed", outcome: "stopped" } as const;
    const containers = [buildContainer("shop", "db"), buildContainer("shop", "web", { state: "restarting" })];
    const scenario = { containers, quarantines: new Map([["shop", failed]]) };
    assert.match(render(scenario), /stop shop-web-1/);
    for (const host of [{ unverified }, { suspended: true }])
      assert.doesNotMatch(render({ ...scenario, host }), /stop shop-web-1/);
  });

  test("must not be shown where there is nothing to do", () => {
    const containers = [buildContainer("shop", "db"), buildContainer("shop", "web")];
    assert.equal(render({ containers, heals: stopped, host: { suspended: true } }), "box: nothing to do\n");
  });
});

describe("stacks", () => {
  test("must be in the order of dependsOn", () => {
    const stacks = [
      buildStack("ai", [], { dependsOn: ["proxy", "pihole"] }),
      buildStack("pihole", [], { dependsOn: ["proxy"] }),
      buildStack("proxy", []),
    ];
    assert.deepEqual(
      sortStacks(stacks).map((stack) => stack.name),
      ["proxy", "pihole", "ai"],
    );
  });

  test("must ask for images only when one may be needed", () => {
    const asks = (scenario: Scenario): boolean => {
      const request = buildRequest(scenario);
      return wantsImages(makePlan(request), request);
    };
    const both = [buildContainer("shop", "db"), buildContainer("shop", "web")];
    assert.equal(asks({ stacks: [PAIR], containers: both }), false);
    assert.equal(asks({ stacks: [PAIR], containers: [buildContainer("shop", "db"), buildExited("shop", "web", 1)] }), false);
    assert.equal(asks({ stacks: [PAIR], containers: both.slice(1) }), true);
    assert.equal(asks({ stacks: [ONE], containers: [buildContainer("shop", "web", { image: "sha256:1111" })] }), true);
    assert.equal(asks({ stacks: [{ ...PAIR, drift: { mode: "report", rules: {} } }], containers: both.slice(1) }), false);
  });
});
