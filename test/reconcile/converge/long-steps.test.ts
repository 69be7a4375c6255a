import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { waitUntil } from "../../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "../fake-host.ts";

const PATIENCE_MS = 2_000;
const HOOKS = "hooks: {preConverge: [{service: app, command: [migrate], timeout: 30m}]}\n";

describe("a hook that takes long", () => {
  let host: FakeHost;
  /** Ends the hook that was begun last, as its program would. */
  let end: (failure?: Error) => void;
  let begun: number;
  beforeEach(async () => {
    begun = 0;
    host = createFakeHost({
      wrap: (adapters) => ({
        ...adapters,
        compose: {
          ...adapters.compose,
          run: () => {
            begun += 1;
            return new Promise((resolve, reject) => {
              end = (failure) => (failure === undefined ? resolve("migrated") : reject(failure));
            });
          },
        },
      }),
    });
    push("zero", "");
    await host.verify();
  });

  const push = (line: string, more = HOOKS): string =>
    host.git.commit({
      ...BOX,
      ...stackFiles("web", { app: `hostname: ${line}`, db: "healthcheck: {test: [CMD, 'true']}" }, more),
    });
  const app = (): string | undefined => host.world.containers().find(({ service }) => service === "app")?.id;
  /** A tick, in which what takes long is not waited for. */
  async function tick() {
    let ended = false;
    const ticking = host.tick().finally(() => {
      ended = true;
    });
    await waitUntil("the tick ends, or waits for the hook", async () => {
      if (host.clock.waits().includes(PATIENCE_MS)) host.clock.advance(PATIENCE_MS);
      return ended;
    });
    return ticking;
  }
  async function migrate(line: string, expected: number): Promise<void> {
    const before = app();
    push(line);
    assert.equal(await tick(), "waiting");
    assert.deepEqual([begun, app()], [expected, before]);
    end();
    assert.equal(await tick(), "converged");
    assert.notEqual(app(), before);
  }

  it("must run for each revision, although nobody asked how it ended", async () => {
    await migrate("one", 1);
    await migrate("two", 2);
    await migrate("three", 3);
  });

  it("must run for a newer revision too that comes while it runs, and not beside itself", async () => {
    const before = app();
    push("one");
    assert.equal(await tick(), "waiting");
    const endFirst = end;
    push("two");
    assert.equal(await tick(), "waiting");
    assert.equal(begun, 1, "two at once would migrate the same data");
    assert.deepEqual(
      [...host.memory().waiting.values()].map(({ value }) => value),
      ["hook preConverge-0 of its revision before has ended"],
    );
    // Longer than a stack may take to get healthy, which is no matter of the hook.
    host.clock.advance(600_000);
    assert.equal(await tick(), "waiting");
    endFirst();
    assert.equal(await tick(), "waiting");
    assert.deepEqual([begun, app()], [2, before], "it runs for the newer one, and only then is anything replaced");
    end();
    assert.equal(await tick(), "converged");
    assert.notEqual(app(), before);
  });

  it("must keep back a newer revision without hooks until it has ended", async () => {
    const before = app();
    push("one");
    await tick();
    push("two", "");
    assert.equal(await tick(), "waiting");
    assert.equal(app(), before);
    end(new Error("it fails, which is of no interest any more"));
    assert.equal(await tick(), "converged");
    assert.notEqual(app(), before);
    push("three");
    assert.equal(await tick(), "waiting");
    end();
    assert.equal(await tick(), "converged", "the failure of then is not told as one of now");
  });

  it("must be told when it fails, and be tried again", async () => {
    push("one");
    await tick();
    end(new Error("no space"));
    assert.equal(await tick(), "failed");
    assert.ok(host.told().some((line) => line.startsWith("step-failed web: ") && line.includes("no space")));
    await tick();
    assert.equal(begun, 2);
  });

  it("must not be waited for in vain after it has failed while its stack was held", async () => {
    push("one");
    await tick();
    host.store.write("hold/web", { sinceMs: host.clock.nowMs() });
    end(new Error("no space"));
    await tick();
    await tick();
    host.store.remove("hold/web");
    await tick();
    assert.equal(begun, 2, "it is begun again");
    end();
    assert.equal(await tick(), "converged");
  });
});
