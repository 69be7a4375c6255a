import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFaults, type Faults } from "./create-faults.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "./fake-host.ts";

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
