import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ErrorCode, holdfastError } from "../../agent/model/error.ts";
import { type Adapters, BOX, createFakeHost, type FakeHost, stackFiles } from "./fake-host.ts";

const CODES: Readonly<Record<keyof Adapters, ErrorCode>> = {
  source: "source-unreachable",
  compose: "compose-failed",
  engine: "engine-unreachable",
  placer: "place-failed",
  workspace: "state-failed",
  store: "state-failed",
  kept: "state-failed",
};

interface Faults {
  /** Every call so far: `engine.listContainers`. */
  readonly calls: string[];
  wrap(adapters: Adapters): Adapters;
}

/** Counts every call of every adapter and lets one of them fail: before it does anything, or after it has done it. */
function createFaults(failing: number, when: "before" | "after"): Faults {
  const calls: string[] = [];
  const wrapOne = <T extends object>(name: keyof Adapters, port: T): T =>
    new Proxy(port, {
      get(target, property, receiver) {
        const method: unknown = Reflect.get(target, property, receiver);
        if (typeof method !== "function" || typeof property === "symbol" || ["release", "directoryOf", "open"].includes(property))
          return method;
        return (...args: unknown[]): unknown => {
          const index = calls.push(`${name}.${property}`) - 1;
          const fail = (): never => {
            throw holdfastError(CODES[name], `${name}.${property} failed`, { handling: "transient" });
          };
          if (index !== failing) return method.apply(target, args);
          if (name === "store") return when === "before" ? fail() : [method.apply(target, args), fail()];
          return when === "before" ? Promise.reject(captured(fail)) : Promise.resolve(method.apply(target, args)).then(fail);
        };
      },
    });
  return {
    calls,
    wrap: (adapters) => ({
      source: wrapOne("source", adapters.source),
      compose: wrapOne("compose", adapters.compose),
      engine: wrapOne("engine", adapters.engine),
      placer: wrapOne("placer", adapters.placer),
      workspace: wrapOne("workspace", adapters.workspace),
      store: wrapOne("store", adapters.store),
      kept: wrapOne("kept", adapters.kept),
    }),
  };
}

function captured(fail: () => never): unknown {
  try {
    return fail();
  } catch (error) {
    return error;
  }
}

const STACKS = {
  ...stackFiles("db", { db: "healthcheck: {test: [CMD, 'true']}", gone: "" }),
  ...stackFiles(
    "web",
    {
      app: "{volumes: [{type: bind, source: /stage/root/conf, target: /conf}], depends_on: {db: {condition: service_healthy, required: true}}}",
      db: "healthcheck: {test: [CMD, 'true']}",
      job: "{command: ['true'], labels: {holdfast.one-shot: 'true'}}",
    },
    "dependsOn: [db]\n",
  ),
};

/** A second revision: one service changes, one is new, one leaves, a file leaves; and drift beside it. */
const NEXT = {
  ...stackFiles("db", { db: "{healthcheck: {test: [CMD, 'true']}, hostname: two}", fresh: "" }),
  "desired-state/stacks/web/conf": "two\n",
  "desired-state/stacks/web/README.md": null,
};

/** Lines such as `    {a: 1}` are a YAML flow mapping where block keys stand: spread them out. */
function flat(files: Readonly<Record<string, string | null>>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      text?.replace(/^ {4}\{(.*)\}$/gm, (_all, inner: string) => spread(inner)) ?? null,
    ]),
  );
}

function spread(inner: string): string {
  return inner
    .split(/, (?=(?:volumes|depends_on|healthcheck|hostname|labels|command):)/)
    .map((line) => `    ${line}`)
    .join("\n");
}

async function prepare(faults?: Faults): Promise<FakeHost> {
  const host = createFakeHost(faults === undefined ? {} : { wrap: faults.wrap });
  host.git.commit(
    flat({ ...BOX, ...STACKS, "desired-state/stacks/web/conf": "one\n", "desired-state/stacks/web/README.md": "x\n" }),
  );
  return host;
}

/** What runs and stands on the host, without what differs from run to run. */
function describeHost(host: FakeHost): object {
  const containers = host.world.containers();
  return {
    containers: containers.map((item) => `${item.name} ${item.state} ${item.health} ${item.digest}`).sort(),
    placed: [...host.placed].sort(),
    plan: host.memory().plan?.stacks,
    drift: host.memory().plan?.drift,
    jobs: containers.filter((item) => item.service === "job").map((item) => item.starts),
  };
}

async function recover(host: FakeHost): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    host.clock.advance(60_000);
    await host.settle();
  }
}

async function runThrough(host: FakeHost): Promise<void> {
  await host.settle();
  await recover(host);
}

async function change(host: FakeHost): Promise<void> {
  host.git.commit(flat(NEXT));
  const stopped = host.world.containers().find((item) => item.name === "web-db-1");
  if (stopped !== undefined) host.world.stop(stopped.id);
}

describe("one failure at any position", () => {
  for (const when of ["before", "after"] as const) {
    it(`of a first converge (${when} the call did its work) must be recovered from by the next ticks`, async () => {
      const plain = createFaults(-1, when);
      const reference = await prepare(plain);
      assert.equal(await reference.settle(), "converged", JSON.stringify(reference.log, undefined, 1));
      const positions = [...plain.calls];
      await recover(reference);
      const expected = describeHost(reference);
      assert.ok(positions.length > 40, String(positions.length));
      for (const [index, call] of positions.entries()) {
        const host = await prepare(createFaults(index, when));
        await runThrough(host).catch((cause: unknown) => assert.fail(`${index} ${call}: ${String(cause)}`));
        assert.deepEqual([await host.tick(), describeHost(host)], ["converged", expected], `${index} ${call}`);
        assert.deepEqual(
          host
            .alerting()
            .firing()
            .filter(({ alert }) => alert.name === "HoldfastConvergeFailed"),
          [],
        );
      }
    });

    it(`of a change with drift beside it (${when} the call did its work) must be recovered from, also by a new process`, async () => {
      const plain = createFaults(-1, when);
      const reference = await prepare(plain);
      await runThrough(reference);
      const first = plain.calls.length;
      await change(reference);
      assert.equal(await reference.settle(), "converged");
      const positions = plain.calls.slice(first);
      await recover(reference);
      const expected = describeHost(reference);
      for (const [index, call] of positions.entries()) {
        const host = await prepare(createFaults(first + index, when));
        await runThrough(host);
        await change(host);
        await host.tick();
        if (index % 2 === 0) host.restart(index % 4 === 0 ? "boot" : undefined);
        await recover(host);
        assert.deepEqual([await host.tick(), describeHost(host)], ["converged", expected], `${index} ${call}`);
      }
    });
  }
});
