import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Step } from "../../agent/model/plan.ts";
import { orderRenames } from "../../agent/plan/order-renames.ts";
import { describeStep } from "../../agent/plan/render-plan.ts";

const ID = (letter: string): string => letter.repeat(64);
const step = (letter: string, container: string, name: string): Step => ({
  ...{ action: "rename", stack: "shop", causes: [], after: [], container, containerId: ID(letter), name },
});
const order = (...steps: Step[]): string[] => orderRenames(steps).map(describeStep);

describe("renames", () => {
  test("must stay as they are where each name is free", () => {
    assert.deepEqual(order(step("a", "x", "web"), step("b", "y", "db")), ["rename x to web", "rename y to db"]);
  });

  test("must wait for the name that another gives up", () => {
    assert.deepEqual(order(step("a", "x", "web"), step("b", "web", "db"), step("c", "db", "job")), [
      "rename db to job",
      "rename web to db",
      "rename x to web",
    ]);
  });

  test("must swap two names, and turn three around, by way of a provisional one", () => {
    assert.deepEqual(order(step("a", "db", "web"), step("b", "web", "db")), [
      "rename db to aaaaaaaaaaaa_web",
      "rename web to db",
      "rename aaaaaaaaaaaa_web to web",
    ]);
    assert.deepEqual(order(step("a", "db", "web"), step("b", "job", "db"), step("c", "web", "job")), [
      "rename db to aaaaaaaaaaaa_web",
      "rename job to db",
      "rename web to job",
      "rename aaaaaaaaaaaa_web to web",
    ]);
  });

  test("must end when two are to have one name, and come before what is started", () => {
    const start: Step = { action: "start", stack: "shop", causes: [], after: [], container: "db", containerId: ID("a") };
    assert.deepEqual(order(start, step("a", "db", "web"), step("b", "web", "db"), start).slice(-1), ["start db"]);
    assert.ok(
      order(step("a", "db", "web"), step("b", "web", "db"), step("c", "x", "db")).includes("rename db to aaaaaaaaaaaa_web"),
    );
  });
});
