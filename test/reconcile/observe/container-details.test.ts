import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { holdfastError } from "../../../agent/model/error.ts";
import type { ContainerDetails, ObservedContainer } from "../../../agent/model/observed.ts";
import { readLimits } from "../../../agent/plan/drift/read-limits.ts";
import type { Engine } from "../../../agent/ports.ts";
import { createContainerDetails } from "../../../agent/reconcile/observe/container-details.ts";
import { buildContainer } from "../../plan/build.ts";

const never = new AbortController().signal;

/** An engine that is asked about its containers, and the ids of whom it was asked about. */
function openEngine(inspect: (id: string) => Promise<ContainerDetails | undefined> | undefined = () => undefined) {
  const asked: string[] = [];
  const engine: Pick<Engine, "inspectContainer"> = {
    inspectContainer: async (id) => {
      asked.push(id);
      return (await inspect(id)) ?? describeContainer("e");
    },
  };
  return { asked, engine };
}

function describeContainer(endpointId: string): ContainerDetails {
  return {
    limits: readLimits({}),
    restartCount: 0,
    oomKilled: false,
    startedAtMs: 0,
    endpoints: { net: { endpointId, aliases: [] } },
  };
}

const container = (id: string, endpointId = "e"): ObservedContainer =>
  buildContainer("shop", "web", { id, networks: { net: { networkId: "n", endpointId } } });

describe("the details of containers", () => {
  test("must be asked for once", async () => {
    const [cache, { asked, engine }] = [createContainerDetails(), openEngine()];
    const two = [container("a"), container("b")];
    assert.deepEqual([...(await cache.get(two, engine, never)).keys()], ["a", "b"]);
    assert.equal((await cache.get(two, engine, never)).size, 2);
    assert.deepEqual(asked, ["a", "b"]);
  });

  test("must be asked for again when somebody says so: of one, or of all", async () => {
    const [cache, { asked, engine }] = [createContainerDetails(), openEngine()];
    const two = [container("a"), container("b")];
    await cache.get(two, engine, never);
    cache.invalidate("b");
    await cache.get(two, engine, never);
    assert.deepEqual(asked.splice(0), ["a", "b", "b"]);
    cache.invalidate();
    await cache.get(two, engine, never);
    assert.deepEqual(asked, ["a", "b"]);
  });

  test("must be asked for again when the container was connected or started anew", async () => {
    const [cache, { asked, engine }] = [createContainerDetails(), openEngine()];
    await cache.get([container("a")], engine, never);
    await cache.get([container("a", "other")], engine, never);
    await cache.get([{ ...container("a"), networks: {} }], engine, never);
    assert.equal(asked.length, 3);
  });

  test("must be forgotten with their container", async () => {
    const [cache, { asked, engine }] = [createContainerDetails(), openEngine()];
    await cache.get([container("a"), container("b")], engine, never);
    assert.deepEqual([...(await cache.get([container("b")], engine, never)).keys()], ["b"]);
    await cache.get([container("a"), container("b")], engine, never);
    assert.deepEqual(asked, ["a", "b", "a"]);
  });

  test("must be asked for by at most eight requests at once", async () => {
    let [running, most] = [0, 0];
    const { engine, asked } = openEngine(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return undefined;
    });
    const many = Array.from({ length: 40 }, (_, index) => container(`c${index}`));
    assert.equal((await createContainerDetails().get(many, engine, never)).size, 40);
    assert.deepEqual([asked.length, most], [40, 8]);
  });

  test("must be asked for again when they changed while they were asked for", async () => {
    for (const id of ["a", undefined]) {
      const cache = createContainerDetails();
      const { asked, engine } = openEngine(() => {
        if (asked.length === 1) cache.invalidate(id);
        return undefined;
      });
      const two = [container("a"), container("b")];
      assert.equal((await cache.get(two, engine, never)).size, 2);
      await cache.get(two, engine, never);
      assert.deepEqual(asked.sort(), id === undefined ? ["a", "a", "b", "b"] : ["a", "a", "b"]);
    }
  });

  test("must be missing, and not be asked for at each look, where the engine does not tell them", async () => {
    const refused = holdfastError("engine-refused", "engine cannot inspect container: it is broken", { handling: "transient" });
    const { asked, engine } = openEngine((id) => (id === "a" ? Promise.reject(refused) : undefined));
    const cache = createContainerDetails();
    for (let look = 0; look < 3; look += 1)
      assert.deepEqual([...(await cache.get([container("a"), container("b")], engine, never)).keys()], ["b"]);
    assert.deepEqual(asked, ["a", "b"]);
  });

  test("must fail with an engine that is gone, and be asked for then", async () => {
    const gone = holdfastError("engine-unreachable", "it is gone", { handling: "transient" });
    const { asked, engine } = openEngine(() => (asked.length === 1 ? Promise.reject(gone) : undefined));
    const cache = createContainerDetails();
    await assert.rejects(cache.get([container("a")], engine, never), { code: "engine-unreachable" });
    assert.equal((await cache.get([container("a")], engine, never)).size, 1);
  });
});
