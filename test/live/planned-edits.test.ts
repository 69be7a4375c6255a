import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { assertPlanned } from "./assert-planned.ts";
import { fleet, type Host, startHost } from "./start-host.ts";

const STACK = "desired-state/stacks/made";
const NAMES = ["a", "b", "c", "d"] as const;
/** The same edits every time: what fails once fails again. */
const SEED = 20_261_121;
const EDITS = 20;

interface Service {
  readonly isThere: boolean;
  readonly tag: "1.35" | "1.36";
  readonly value: number;
  readonly replicas: number;
  readonly mounts: boolean;
  readonly needs: "nothing" | "started" | "restarts";
  readonly isOneShot: boolean;
}

interface State {
  readonly services: readonly Service[];
  readonly file: number;
  readonly setting: boolean;
}

const service: fc.Arbitrary<Service> = fc.record({
  isThere: fc.constantFrom(true, true, false),
  tag: fc.constantFrom("1.35", "1.35", "1.36"),
  value: fc.integer({ min: 0, max: 1 }),
  replicas: fc.constantFrom(1, 1, 1, 2),
  mounts: fc.boolean(),
  needs: fc.constantFrom("nothing", "nothing", "started", "restarts"),
  isOneShot: fc.constantFrom(false, false, false, true),
});
/** What becomes of a state: a field of one or two services is another, or what is beside the services is. */
const edit = fc.record({
  changes: fc.array(
    fc.record({
      index: fc.integer({ min: 0, max: NAMES.length - 1 }),
      field: fc.constantFrom("isThere", "tag", "value", "replicas", "replicas", "mounts", "needs", "isOneShot"),
      service,
    }),
    { minLength: 1, maxLength: 2 },
  ),
  beside: fc.constantFrom("nothing", "nothing", "nothing", "file", "setting"),
});
const FIRST: State = {
  services: NAMES.map((_, index) => ({
    ...{ isThere: true, tag: "1.35", value: 0, replicas: 1, mounts: index === 0, isOneShot: false },
    needs: index === 1 ? "restarts" : "nothing",
  })),
  file: 0,
  setting: false,
};

/** The states that edits lead to, one after the other. */
function listStates(): State[] {
  const states = [FIRST];
  for (const { changes, beside } of fc.sample(edit, { seed: SEED, numRuns: EDITS })) {
    const last = states.at(-1) ?? FIRST;
    const services = last.services.map((one, position): Service => {
      const own = changes.filter(({ index }) => index === position);
      return { ...one, ...Object.fromEntries(own.map(({ field, service: other }) => [field, other[field as keyof Service]])) };
    });
    const file = beside === "file" ? 1 - last.file : last.file;
    states.push({ services, file, setting: (beside === "setting") !== last.setting });
  }
  return states;
}

/** The files of a state; the first service is always there, so that the stack is one. */
function describeFiles({ services, file, setting }: State): Record<string, string> {
  const there = services.map((one, index) => ({ ...one, name: NAMES[index] ?? "", isThere: one.isThere || index === 0 }));
  const described = there.flatMap((one, index) => {
    if (!one.isThere) return [];
    // Only earlier ones are needed, or they would need each other.
    const needed = there.slice(0, index).find((other) => other.isThere && !other.isOneShot);
    const dependency = { condition: "service_started", ...(one.needs === "restarts" ? { restart: true } : {}) };
    const definition = {
      image: `busybox:${one.tag}`,
      init: true,
      environment: { VALUE: String(one.value) },
      ...(one.isOneShot
        ? { command: ["true"], labels: { "holdfast.one-shot": "true" } }
        : { command: ["sleep", "100000"], restart: "always", scale: one.replicas }),
      ...(one.mounts ? { volumes: ["./conf:/conf:ro", "data:/data"] } : {}),
      ...(one.needs !== "nothing" && needed !== undefined ? { depends_on: { [needed.name]: dependency } } : {}),
    };
    return [[one.name, definition] as const];
  });
  return {
    // JSON is YAML.
    [`${STACK}/compose.yaml`]: JSON.stringify({ services: Object.fromEntries(described), volumes: { data: {} } }, undefined, 1),
    [`${STACK}/conf/a.conf`]: `${file}\n`,
    [`${STACK}/stack.yaml`]: `hosts: all\n${setting ? "verify: {timeout: 2m}\n" : ""}`,
  };
}

describe("the plan of edits that nobody chose", () => {
  let host: Host;
  const [, ...states] = listStates();
  before(async () => {
    host = await startHost({ images: ["busybox:1.35"] });
    await host.docker("tag", "busybox:1.35", "busybox:1.36");
    const own = { "desired-state/fleet.yaml": fleet(host), "desired-state/hosts/box.yaml": "{}\n" };
    await host.push({ ...own, ...describeFiles(FIRST) });
    assert.equal(await host.settle(), "converged");
  });
  after(() => host?.stop());

  const effects = new Set<string>();
  for (const [index, one] of states.entries()) {
    it(`must be what happens: edit ${index + 1} of seed ${SEED}`, async () => {
      for (const effect of Object.values(await assertPlanned(host, "box", describeFiles(one)))) effects.add(effect);
    });
  }

  it("must have been put to every kind of effect", () => {
    for (const effect of ["create", "recreate", "remove", "restart", "scale"])
      assert.ok(effects.has(effect), [...effects].join());
  });
});
