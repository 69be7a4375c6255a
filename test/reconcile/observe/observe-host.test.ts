import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { holdfastError } from "../../../agent/model/error.ts";
import { readLimits } from "../../../agent/plan/drift/read-limits.ts";
import type { Engine } from "../../../agent/ports.ts";
import { createMemory, type Memory } from "../../../agent/reconcile/memory.ts";
import { createDefinitions } from "../../../agent/reconcile/observe/definitions.ts";
import { observeHost } from "../../../agent/reconcile/observe/observe-host.ts";
import { createEngineWorld, type EngineWorld } from "../../fakes/engine-world.ts";
import { createFakeEngine } from "../../fakes/fake-engine.ts";
import { strict } from "../../fakes/strict.ts";
import { buildHost, buildStack } from "../../plan/build.ts";
import { createFakeStore } from "../fake-ports.ts";

const signal = new AbortController().signal;
const desired = buildHost([buildStack("shop", [])]);
const refused = holdfastError("engine-refused", "engine cannot list volumes: a plugin hangs", { handling: "transient" });

function open() {
  const world = createEngineWorld();
  world.addImage("busybox:1.35");
  const { engine, calls, failNext, down, revive } = createFakeEngine({ world });
  const memory = createMemory();
  let seen = 0;
  return {
    ...{ world, memory, failNext, down, revive },
    look: () =>
      observeHost(
        desired,
        { engine, store: createFakeStore(), clock: { nowMs: () => 1_000, random: () => 0, wait: async () => undefined } },
        memory,
        signal,
      ),
    /** The requests since the last call. */
    asked(): string[] {
      const fresh = calls.slice(seen);
      seen = calls.length;
      return [...fresh];
    },
  };
}

function start(world: EngineWorld, service: string, project = "shop"): string {
  const endpoints = { shop_default: { networkId: "", endpointId: "", aliases: [service] } };
  const { id } = world.create({ project, service, endpoints });
  world.start(id);
  return id;
}

const audit = (memory: Memory): void => void delete memory.watch.auditedAtMs;
const LISTS = ["list", "list networks", "list volumes"];

describe("a look at the host", () => {
  test("must ask for everything once, and then only for its containers", async () => {
    const { world, look, asked } = open();
    world.addNetwork("shop_default");
    world.addVolume("shop_data");
    start(world, "web");
    start(world, "other", "somebodys");
    world.create({ project: "shop", service: "job", oneOff: true });
    const observed = await look();
    assert.deepEqual(asked(), [...LISTS, "inspect shop-web-1"]);
    assert.equal(observed.details?.size, 1);
    assert.ok(observed.networks?.some(({ name }) => name === "shop_default"));
    assert.deepEqual(
      observed.volumes?.map(({ name }) => name),
      ["shop_data"],
    );
    for (let again = 0; again < 3; again += 1) await look();
    assert.deepEqual(asked(), ["list", "list", "list"]);
  });

  test("must ask about a container that is new, and for the networks and volumes that came with it", async () => {
    const { world, look, asked } = open();
    world.addNetwork("shop_default");
    await look();
    asked();
    start(world, "web");
    await look();
    assert.deepEqual(asked(), [...LISTS, "inspect shop-web-1"]);
    await look();
    assert.deepEqual(asked(), ["list"]);
  });

  test("must ask for networks again when a container names one that is not known, but not for one that is gone", async () => {
    const { world, look, asked } = open();
    world.addNetwork("shop_default");
    const id = start(world, "web");
    await look();
    asked();
    const networkId = world.addNetwork("late");
    world.change(id, { endpoints: { late: { networkId, endpointId: "e", aliases: [] } } });
    await look();
    assert.deepEqual(asked(), [...LISTS, "inspect shop-web-1"]);
    world.stop(id);
    world.removeNetwork("late");
    await look();
    asked();
    world.change(id, { endpoints: { late: { networkId: "gone", endpointId: "", aliases: [] } } });
    await look();
    assert.deepEqual(asked(), LISTS);
    await look();
    assert.deepEqual(asked(), ["list"], "it is gone, and that is known now");
  });

  test("must ask for everything again at an audit, and after the engine was gone", async () => {
    const { world, memory, look, asked, down, revive } = open();
    world.addNetwork("shop_default");
    start(world, "web");
    await look();
    audit(memory);
    asked();
    await look();
    assert.deepEqual(asked(), [...LISTS, "inspect shop-web-1"]);
    down();
    await assert.rejects(look(), { code: "engine-unreachable" });
    revive();
    asked();
    await look();
    assert.deepEqual(asked(), [...LISTS, "inspect shop-web-1"]);
  });

  test("must ask for what was told to be another", async () => {
    const { world, memory, look, asked } = open();
    world.addNetwork("shop_default");
    const id = start(world, "web");
    await look();
    asked();
    memory.definitions.invalidate();
    await look();
    assert.deepEqual(asked(), LISTS);
    memory.details.invalidate(id);
    await look();
    assert.deepEqual(asked(), ["list", "inspect shop-web-1"]);
  });

  test("must ask again for networks and volumes when there were others while they were listed", async () => {
    const definitions = createDefinitions();
    let lists = 0;
    const given: Pick<Engine, "listNetworks" | "listVolumes"> = {
      async listNetworks() {
        lists += 1;
        if (lists === 1) definitions.invalidate();
        return [];
      },
      listVolumes: async () => [],
    };
    const engine = strict<Engine>("the engine", given);
    for (let look = 0; look < 3; look += 1) await definitions.get([], engine, signal);
    assert.equal(lists, 2);
  });

  test("must go on without networks or volumes that the engine does not tell, until the next audit", async () => {
    const { world, memory, look, asked, failNext } = open();
    world.addNetwork("shop_default");
    start(world, "web");
    failNext("list volumes", refused);
    const { volumes, networks } = await look();
    assert.deepEqual([volumes, networks !== undefined], [undefined, true]);
    asked();
    assert.equal((await look()).volumes, undefined);
    assert.deepEqual(asked(), ["list"]);
    audit(memory);
    assert.deepEqual((await look()).volumes, []);
    failNext("list networks", refused);
    audit(memory);
    assert.equal((await look()).networks, undefined);
    asked();
    await look();
    assert.deepEqual(asked(), ["list"], "it cannot tell which networks are gone, and is not asked for ever");
  });

  test("must ask whether swap can be limited only where it matters, and once", async () => {
    const { world, look, asked } = open();
    world.addNetwork("shop_default");
    const id = start(world, "web");
    await look();
    assert.ok(!asked().includes("info"));
    world.change(id, { limits: { ...readLimits({ mem_limit: "1000" }), memorySwap: -1 } });
    world.stop(id);
    world.start(id);
    assert.equal((await look()).limitsSwap, true);
    assert.deepEqual(asked(), ["list", "inspect shop-web-1", "info"]);
    assert.equal((await look()).limitsSwap, true);
    assert.deepEqual(asked(), ["list"]);
  });
});
