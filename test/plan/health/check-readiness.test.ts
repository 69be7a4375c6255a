import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServiceDependency } from "../../../agent/model/desired.ts";
import type { ObservedContainer } from "../../../agent/model/observed.ts";
import { describeCondition, isConditionMet, judgeHealth } from "../../../agent/plan/health/check-readiness.ts";
import { buildContainer, buildDependency, buildExited, buildService, buildStack } from "../build.ts";

const db = (over: Partial<ObservedContainer> = {}): ObservedContainer => buildContainer("shop", "db", over);

describe("a condition", () => {
  const cases: [ServiceDependency["condition"], string, ObservedContainer[], boolean][] = [
    ["service_started", "a running container", [db()], true],
    ["service_started", "an exited one: it was started", [buildExited("shop", "db", 1)], true],
    ["service_started", "one that was only created", [db({ state: "created" })], false],
    ["service_started", "no container", [], false],
    ["service_started", "one replica that was only created", [db(), db({ number: 2, state: "created" })], false],
    ["service_started", "a container of another project", [buildContainer("other", "db")], false],
    ["service_started", "a one-off run", [db({ oneOff: true })], false],
    ["service_healthy", "a healthy container", [db({ health: "healthy" })], true],
    ["service_healthy", "a starting one", [db({ health: "starting" })], false],
    ["service_healthy", "an unhealthy one", [db({ health: "unhealthy" })], false],
    ["service_healthy", "one without a health check", [db()], false],
    ["service_healthy", "a paused one", [db({ health: "healthy", state: "paused" })], false],
    ["service_healthy", "one unhealthy replica", [db({ health: "healthy" }), db({ number: 2, health: "unhealthy" })], false],
    ["service_completed_successfully", "one that ended with code 0", [buildExited("shop", "db", 0)], true],
    ["service_completed_successfully", "one that failed", [buildExited("shop", "db", 1)], false],
    ["service_completed_successfully", "one at work", [db()], false],
    ["service_completed_successfully", "one that was only created", [db({ state: "created" })], false],
  ];
  for (const [condition, what, containers, met] of cases) {
    test(`${condition} must ${met ? "" : "not "}be met by ${what}`, () => {
      assert.equal(isConditionMet(buildDependency("db", condition), "shop", containers), met);
    });
  }

  test("must not be waited for where the dependency may be absent, but must where it is there", () => {
    const optional = buildDependency("db", "service_healthy", { required: false });
    assert.equal(isConditionMet(optional, "shop", []), true);
    assert.equal(isConditionMet(optional, "shop", [db({ health: "starting" })]), false);
  });

  test("must be readable", () => {
    const words = (["service_started", "service_healthy", "service_completed_successfully"] as const).map((condition) =>
      describeCondition(buildDependency("db", condition)),
    );
    assert.deepEqual(words, ["db is started", "db is healthy", "db has finished with code 0"]);
  });
});

describe("the health of a stack", () => {
  const stack = buildStack("shop", [buildService("db"), buildService("job", { oneShot: true })]);
  const done = buildExited("shop", "job", 0);
  const cases: [string, ObservedContainer[], string][] = [
    ["running without a health check, and a finished one-shot", [db(), done], "healthy"],
    ["a healthy check", [db({ health: "healthy" }), done], "healthy"],
    ["a check that has not decided", [db({ health: "starting" }), done], "starting"],
    ["a failed check", [db({ health: "unhealthy" }), done], "unhealthy"],
    ["a one-shot at work", [db(), buildContainer("shop", "job")], "healthy"],
    ["a one-shot that failed", [db(), buildExited("shop", "job", 1)], "unhealthy"],
    ["a one-shot that was only created", [db(), buildContainer("shop", "job", { state: "created" })], "unhealthy"],
    ["a service that ended with code 0", [buildExited("shop", "db", 0), done], "unhealthy"],
    ["a crash loop", [db({ state: "restarting" }), done], "unhealthy"],
    ["a paused service", [db({ state: "paused" }), done], "unhealthy"],
    ["a missing service", [done], "unhealthy"],
    ["unhealthy before starting", [db({ health: "starting" }), buildExited("shop", "job", 1)], "unhealthy"],
    ["strangers, which do not count", [db(), done, buildExited("shop", "old", 1), buildExited("other", "db", 1)], "healthy"],
    ["a one-off run, which does not count", [db(), done, { ...buildExited("shop", "db", 1), oneOff: true }], "healthy"],
  ];
  for (const [what, containers, health] of cases) {
    test(`must be ${health} with ${what}`, () => assert.equal(judgeHealth(stack, containers), health));
  }

  test("must need every replica", () => {
    const two = buildStack("shop", [buildService("db", { replicas: 2 })]);
    assert.equal(judgeHealth(two, [db()]), "unhealthy");
    assert.equal(judgeHealth(two, [db(), db({ number: 2 })]), "healthy");
    assert.equal(judgeHealth(buildStack("shop", [buildService("db", { replicas: 0 })]), []), "healthy");
  });
});
