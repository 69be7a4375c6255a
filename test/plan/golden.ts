import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DesiredService, DesiredStack } from "../../agent/model/desired.ts";
import { makePlan } from "../../agent/plan/make-plan.ts";
import { renderPlan } from "../../agent/plan/render-plan.ts";
import { buildRequest, type Scenario } from "./build.ts";

/** A host, and the plan for it as users read it. */
export interface Golden extends Scenario {
  readonly must: string;
  readonly plan: string;
}

/** Declares one test per scenario. */
export function testGoldens(title: string, goldens: readonly Golden[]): void {
  describe(title, () => {
    for (const { must, plan, ...scenario } of goldens) {
      test(`must ${must}`, () => assert.equal(renderPlan(makePlan(buildRequest(scenario))), plan));
    }
  });
}

/** The stack after a commit that changed one service. */
export function changeService(
  stack: DesiredStack,
  name: string,
  over: Partial<DesiredService>,
  rest: Partial<DesiredStack> = {},
): DesiredStack {
  const services = stack.services.map((service) => (service.name === name ? { ...service, ...over } : service));
  return { ...stack, services, inputs: "new", ...rest };
}
