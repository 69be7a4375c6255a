import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DesiredStack } from "../../agent/model/desired.ts";
import type { ObservedContainer } from "../../agent/model/observed.ts";
import type { Step } from "../../agent/model/plan.ts";
import { fileKey } from "../../agent/plan/desire/file-key.ts";
import { detectDrift } from "../../agent/plan/drift/detect-drift.ts";
import { planStack } from "../../agent/plan/plan-stack.ts";
import { describeStep } from "../../agent/plan/render-plan.ts";
import { buildApplied, buildContainer, buildDependency, buildExited, buildService, buildStack, IMAGE } from "./build.ts";

const DB_HEALTHY = buildDependency("db", "service_healthy");
const WITH_DB = buildDependency("db", "service_healthy", { restart: true });

/** The steps that heal what differs, before any of them are joined. */
function plan(stack: DesiredStack, containers: readonly ObservedContainer[]): Step[] {
  const drift = detectDrift({ stack, containers, applied: buildApplied(stack) });
  return planStack({ stack, containers, drift: drift.filter((item) => item.mode === "heal"), placed: {} });
}

function describePlan(stack: DesiredStack, containers: readonly ObservedContainer[]): string[] {
  return plan(stack, containers).map(describeStep);
}

describe("the steps of a stack", () => {
  const changed = buildContainer("shop", "db", { digest: "1.old.files" });

  test("must restart dependents before a step that may wait, since the next plan no longer knows of it", () => {
    const stack = buildStack("shop", [
      buildService("api", { dependencies: [DB_HEALTHY] }),
      buildService("db"),
      buildService("web", { dependencies: [WITH_DB] }),
    ]);
    assert.deepEqual(describePlan(stack, [changed, buildContainer("shop", "web")]), [
      "recreate db",
      "restart web",
      "create api once db is healthy",
    ]);
  });

  test("must restart a dependent once, after all of its dependencies", () => {
    const both = [WITH_DB, buildDependency("cache", "service_started", { restart: true })];
    const stack = buildStack("shop", [buildService("cache"), buildService("db"), buildService("web", { dependencies: both })]);
    const steps = plan(stack, [changed, buildContainer("shop", "web")]);
    assert.deepEqual(steps.map(describeStep), ["create cache", "recreate db", "restart web"]);
    assert.deepEqual(steps[2]?.causes, [
      { kind: "dependency-replaced", text: "db, cache is replaced, and web asks to be restarted with it" },
    ]);
  });

  test("must not restart what does not run, what is replaced itself, and what did not ask", () => {
    const stack = buildStack("shop", [
      buildService("asked", { dependencies: [WITH_DB] }),
      buildService("changed", { dependencies: [WITH_DB] }),
      buildService("db"),
      buildService("other", { dependencies: [DB_HEALTHY] }),
    ]);
    const containers = [
      ...[changed, buildExited("shop", "asked", 1), buildContainer("shop", "other")],
      buildContainer("shop", "changed", { digest: "1.old.files" }),
    ];
    assert.deepEqual(describePlan(stack, containers), [
      "recreate db",
      "start shop-asked-1 once db is healthy",
      "recreate changed once db is healthy",
    ]);
  });

  test("must wait for the service that another one lives in", () => {
    const stack = buildStack("shop", [buildService("app", { sharesWith: ["vpn"] }), buildService("vpn")]);
    const steps = plan(stack, []);
    assert.deepEqual(steps.map(describeStep), ["create vpn", "create app"]);
    assert.deepEqual(steps[1]?.after, [buildDependency("vpn")]);
  });

  test("must not wait for a dependency that should have no container, as Compose does not", () => {
    const stack = buildStack("shop", [
      buildService("db", { replicas: 0 }),
      buildService("web", { dependencies: [DB_HEALTHY, buildDependency("cache")] }),
      buildService("cache"),
    ]);
    const [, web] = plan(stack, []);
    assert.equal(web?.action === "up" && web.services[0], "web");
    assert.deepEqual(web?.after, [buildDependency("cache")]);
  });

  test("must unpause a replica before Compose works on its service, which it cannot while one is paused", () => {
    const stack = buildStack("shop", [buildService("web", { replicas: 2 })]);
    assert.deepEqual(describePlan(stack, [buildContainer("shop", "web", { state: "paused" })]), [
      "unpause shop-web-1",
      "create web",
    ]);
  });

  test("must take away what an interrupted replacement left, whose name is in the way of the next one", () => {
    const stack = buildStack("shop", [buildService("web")]);
    const old = buildContainer("shop", "web", { id: "0123456789abcdef", digest: "1.old.files" });
    const left = buildContainer("shop", "web", { id: "new", name: "0123456789ab_shop-web-1", state: "created" });
    const steps = plan(stack, [old, left]);
    assert.deepEqual(steps.map(describeStep), ["remove 0123456789ab_shop-web-1", "recreate web"]);
    assert.match(steps[0]?.causes[0]?.text ?? "", /left by a replacement that was interrupted/);
    const finished = ["rename 0123456789ab_shop-web-1 to shop-web-1", "start 0123456789ab_shop-web-1"];
    assert.deepEqual(describePlan(stack, [left]), finished, "it is all that there is of web");
    const ran = { ...left, state: "exited" as const, exitCode: 0 };
    assert.deepEqual(describePlan(stack, [old, ran]), ["recreate web"], "it may have done something already");
  });

  test("must start each replica that stopped", () => {
    const stack = buildStack("shop", [buildService("web", { replicas: 2 })]);
    const containers = [buildExited("shop", "web", 1), { ...buildExited("shop", "web", 1), name: "shop-web-2", number: 2 }];
    assert.deepEqual(describePlan(stack, containers), ["start shop-web-1", "start shop-web-2"]);
  });

  test("must give each step all of its causes", () => {
    const stack = buildStack("shop", [buildService("web", { replicas: 2 })]);
    const [step] = plan(stack, [buildContainer("shop", "web", { digest: "1.old.files" })]);
    assert.deepEqual(
      step?.causes.map((cause) => cause.kind),
      ["replicas", "definition"],
    );
  });

  test("must remove orphans before a successor may want their port or name", () => {
    const stack = buildStack("shop", [buildService("web")]);
    assert.deepEqual(describePlan(stack, [buildContainer("shop", "old")]), ["remove shop-old-1", "create web"]);
  });

  test("must write what is not there or differs, and remove what was placed and is no longer wanted", () => {
    const files = [
      { path: "b", oid: "01", executable: false },
      { path: "a", oid: "02", executable: true },
      { path: "same", oid: "03", executable: false },
    ];
    const steps = planStack({
      stack: buildStack("shop", [], { files }),
      drift: [],
      containers: [],
      placed: { a: "02", same: "03", old: "04" },
    });
    assert.deepEqual(steps, [
      {
        action: "place",
        stack: "shop",
        causes: [{ kind: "files-changed", text: "a changed, b added, old removed" }],
        after: [],
        write: ["a", "b"],
        remove: ["old"],
      },
    ]);
    assert.equal(fileKey({ oid: "02", executable: true }), "02+x");
  });

  test("must get only images of services that get a container", () => {
    const stack = buildStack("shop", [buildService("db", { image: "db:1" }), buildService("web", { image: "web:1" })]);
    const containers = [buildExited("shop", "db", 1)];
    const drift = detectDrift({ stack, containers, applied: buildApplied(stack) });
    const steps = planStack({ stack, containers, drift, placed: {}, images: [] });
    assert.deepEqual(steps.map(describeStep), ["pull web:1", "start shop-db-1", "create web"]);
    assert.notEqual(IMAGE, "web:1");
  });
});
