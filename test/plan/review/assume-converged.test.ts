import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { makePlan } from "../../../agent/plan/make-plan.ts";
import { assumeConverged } from "../../../agent/plan/review/assume-converged.ts";
import { buildDependency, buildRequest, buildService, buildStack } from "../build.ts";

const FILE = { path: "a.conf", oid: "01", executable: true };

/** Stacks with everything that a plan looks at. */
const stacks = fc
  .uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name, index) =>
        fc
          .record({
            replicas: fc.integer({ min: 0, max: 3 }),
            oneShot: fc.boolean(),
            image: fc.constantFrom(
              "nginx",
              "nginx:1.27",
              "docker.io/library/nginx:1",
              "ghcr.io/a/b@sha256:1234",
              "x:1@sha256:5678",
            ),
            dependencies: fc.constant(index === 0 ? [] : [buildDependency(names[0] ?? "", "service_healthy", { restart: true })]),
            sharesWith: fc.constant(index < 2 ? [] : [names[1] ?? ""]),
          })
          .map((over) => buildService(name, { ...over, replicas: over.sharesWith.length > 0 ? 1 : over.replicas })),
      ),
    ),
  )
  .map((services) => buildStack("shop", services, { files: [FILE] }));

describe("a host that is assumed to be converged", () => {
  test("must have nothing to do", () => {
    fc.assert(
      fc.property(stacks, (stack) => {
        const { containers, images, applied, placed } = assumeConverged(stack);
        const request = buildRequest({
          stacks: [stack],
          containers,
          images,
          applied: [["shop", applied]],
          placed: new Map([["shop", placed]]),
        });
        const plan = makePlan(request);
        assert.deepEqual([plan.stacks, plan.drift], [[], []]);
      }),
    );
  });

  test("must name its containers as Compose does", () => {
    const stack = buildStack("shop", [buildService("web", { replicas: 2 }), buildService("db", { containerName: "my-db" })]);
    assert.deepEqual(
      assumeConverged(stack)
        .containers.map(({ name }) => name)
        .sort(),
      ["my-db", "shop-web-1", "shop-web-2"],
    );
  });
});
