import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { DesiredStack } from "../../agent/model/desired.ts";
import type { ObservedImage } from "../../agent/model/observed.ts";
import type { Plan } from "../../agent/model/plan.ts";
import { detectDrift } from "../../agent/plan/drift/detect-drift.ts";
import { makePlan } from "../../agent/plan/make-plan.ts";
import { renderPlan } from "../../agent/plan/render-plan.ts";
import { type EngineState, passTime, takeSteps } from "../fakes/engine-model.ts";
import { arbitraryStack, arbitraryWorld, type World } from "./arbitraries.ts";
import { buildApplied, buildRequest } from "./build.ts";

const ACTIONS = ["place", "pull", "up", "start", "unpause", "rename", "connect", "disconnect", "update", "remove", "restart"];

const world = arbitraryWorld("shop");

function imagesOf(stack: DesiredStack): ObservedImage[] {
  const names = [...new Set(stack.services.map((service) => service.image))];
  return names.map((name) => ({ id: `sha256:${name}`, tags: [name], digests: [] }));
}

function plan(stack: DesiredStack, state: Omit<EngineState, "starts" | "sequence">): Plan {
  const { containers, images, networks, details } = state;
  return makePlan(buildRequest({ stacks: [stack], containers, images, networks, details }));
}

interface Run {
  readonly state: EngineState;
  readonly rounds: number;
  readonly plans: readonly Plan[];
}

/** Plans and converges, round by round, until there is nothing left to do. */
function converge({ stack, ...host }: World, limit: number): Run {
  let state: EngineState = { ...host, images: [], starts: {}, sequence: 100 };
  const plans: Plan[] = [];
  for (let rounds = 0; rounds <= limit; rounds += 1) {
    const next = plan(stack, state);
    const [todo] = next.stacks;
    if (todo === undefined) return { state, rounds, plans };
    plans.push(next);
    state = passTime(takeSteps(state, todo.steps, stack), [stack]);
  }
  throw new Error(
    `still at it after ${limit} rounds:\n${plans
      .slice(-2)
      .map((plan) => renderPlan(plan))
      .join("\n")}`,
  );
}

/** A round per level of dependencies, one to restore what stands in the way, and one more for each. */
const limitOf = (stack: DesiredStack): number => 2 * stack.services.length + 2;

describe("for every stack and every host,", () => {
  test("plans must converge in a bounded number of rounds", () => {
    fc.assert(
      fc.property(world, (start) => {
        const { stack } = start;
        const { state } = converge(start, limitOf(stack));
        for (const service of stack.services) {
          const own = state.containers.filter((container) => container.service === service.name && !container.oneOff);
          assert.equal(own.length, service.replicas, service.name);
          for (const container of own) {
            assert.equal(container.digest, service.digest);
            const works = ["running", "restarting"].includes(container.state);
            assert.ok(works || (service.oneShot && container.exitCode === 0), `${service.name} is ${container.state}`);
            for (const host of service.sharesWith) {
              const hosts = state.containers.filter((item) => item.service === host && !item.oneOff);
              assert.ok(
                hosts.some((item) => item.createdAtMs <= container.createdAtMs),
                `${service.name} lives in ${host}`,
              );
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("a converged host must have no drift but what is only reported", () => {
    fc.assert(
      fc.property(world, (start) => {
        const { stack } = start;
        const { state } = converge(start, limitOf(stack));
        const drift = detectDrift({ stack, ...state, applied: buildApplied(stack) });
        assert.deepEqual(
          drift.filter((item) => !["foreign", "restarting", "unhealthy"].includes(item.kind)),
          [],
        );
      }),
    );
  });

  test("a one-shot that has done its work must not be started again", () => {
    fc.assert(
      fc.property(world, (start) => {
        const { stack, containers } = start;
        const { state } = converge(start, limitOf(stack));
        for (const service of stack.services.filter((item) => item.oneShot)) {
          const before = containers.filter((item) => item.service === service.name);
          const [first] = before;
          const done = first?.digest === service.digest && first.exitCode === 0 && first.image === service.image;
          const starts = state.starts[`${service.name} ${service.digest}`] ?? 0;
          if (done && before.length === 1 && service.sharesWith.length === 0) assert.equal(starts, 0, service.name);
          // One that lives in a container that is replaced goes with it.
          const moves = service.sharesWith.length > 0 ? 1 : 0;
          assert.ok(starts <= 1 + moves + before.length, `${service.name} was started ${starts} times`);
        }
      }),
    );
  });

  test("the plan must not depend on the order of the input", () => {
    const pair = fc.tuple(world, arbitraryStack("blog"), fc.array(fc.nat(), { minLength: 8, maxLength: 8 }));
    fc.assert(
      fc.property(pair, ([{ stack, containers, networks, details }, blog, seeds]) => {
        const images = imagesOf(stack);
        const shuffle = <T>(items: readonly T[]): T[] =>
          items
            .map((item, index) => ({ item, at: seeds[index % seeds.length] ?? 0, index }))
            .sort((a, b) => a.at - b.at || b.index - a.index)
            .map(({ item }) => item);
        const turn = (one: DesiredStack): DesiredStack => ({
          ...one,
          services: shuffle(one.services).map((service) => ({ ...service, dependencies: shuffle(service.dependencies) })),
        });
        const first = makePlan(buildRequest({ stacks: [stack, blog], containers, images, networks, details }));
        const second = makePlan(
          buildRequest({
            ...{ stacks: shuffle([turn(stack), turn(blog)]), containers: shuffle(containers), images: shuffle(images) },
            ...{ networks: shuffle(networks), details: new Map(shuffle([...details])) },
          }),
        );
        assert.equal(renderPlan(second), renderPlan(first));
      }),
    );
  });

  test("no plan may hold a step that could remove a volume, or remove a container that is not Holdfast's", () => {
    fc.assert(
      fc.property(world, (start) => {
        const { stack, containers } = start;
        const { plans } = converge(start, limitOf(stack));
        for (const step of plans.flatMap((one) => one.stacks.flatMap((item) => item.steps))) {
          assert.ok(ACTIONS.includes(step.action), `${step.action} is not known to keep volumes`);
          assert.doesNotMatch(JSON.stringify(step), /volume/i);
          if (step.action !== "remove") continue;
          const removed = containers.find((container) => container.id === step.containerId);
          assert.equal(removed?.stack, "shop");
          assert.ok(!stack.services.some((service) => service.name === removed?.service));
        }
      }),
    );
  });

  test("a plan must have steps exactly when there is drift that is healed", () => {
    fc.assert(
      fc.property(world, ({ stack, ...host }) => {
        const { drift, stacks } = plan(stack, { ...host, images: imagesOf(stack) });
        const healed = drift.some((item) => item.mode === "heal");
        assert.equal(stacks.length > 0, healed, JSON.stringify(drift));
      }),
    );
  });

  test("every step must say why", () => {
    fc.assert(
      fc.property(world, ({ stack, ...host }) => {
        const steps = plan(stack, { ...host, images: [] }).stacks.flatMap((item) => item.steps);
        for (const step of steps) assert.ok(step.causes.length > 0 && step.causes.every((cause) => cause.text !== ""));
      }),
    );
  });

  test("a project that is not Holdfast's must not be touched", () => {
    fc.assert(
      fc.property(world, ({ stack, containers }) => {
        const foreign = containers.map(({ stack: _stack, digest: _digest, ...container }) => container);
        fc.pre(foreign.length > 0);
        const request = buildRequest({ stacks: [stack], containers: foreign, images: [], applied: [], placed: new Map() });
        const { stacks } = makePlan(request);
        assert.deepEqual(
          stacks.map((item) => [item.steps.length, item.held?.reason]),
          [[0, "not-adopted"]],
        );
      }),
    );
  });
});
