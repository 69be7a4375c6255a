import assert from "node:assert/strict";
import { test } from "node:test";
import { type Progress, watchProgress } from "../../agent/commands/watch-progress.ts";
import type { LoopPorts } from "../../agent/reconcile/loop.ts";
import { createMemory, type Memory } from "../../agent/reconcile/memory.ts";

const MINUTE_MS = 60_000;
const signal = new AbortController().signal;

interface World extends Progress {
  readonly memory: Memory;
  /** Lets time pass, on both clocks. */
  pass(ms: number): void;
  /** Sets the clock of the wall. */
  set(byMs: number): void;
  /** Ends the request that was begun last. */
  end(): void;
}

/** An engine that answers when it is told to, and two clocks. */
function openWorld(): World {
  let monotonicMs = 1_000;
  let offsetMs = 1_750_000_000_000;
  let end = (): void => undefined;
  const engine = {
    own: "kept",
    listContainers(this: { own: string }) {
      assert.equal(this.own, "kept");
      return new Promise<[]>((resolve) => {
        end = () => resolve([]);
      });
    },
  };
  const clock = { nowMs: () => monotonicMs + offsetMs };
  const ports = { engine, clock, source: {}, compose: {}, placer: {}, desire: () => Promise.resolve() } as unknown as LoopPorts;
  const memory = createMemory();
  return {
    ...watchProgress(ports, memory, () => monotonicMs),
    memory,
    pass(ms) {
      monotonicMs += ms;
    },
    set(byMs) {
      offsetMs += byMs;
    },
    end: () => end(),
  };
}

test("a request that never ends must be noticed when it has lasted longer than any may", () => {
  const world = openWorld();
  world.memory.nextAtMs = world.ports.clock.nowMs();
  void world.ports.engine.listContainers(signal);
  world.pass(19 * MINUTE_MS);
  assert.equal(world.stuckForMs(), undefined);
  world.pass(2 * MINUTE_MS);
  assert.equal(world.stuckForMs(), 21 * MINUTE_MS);
});

test("many requests that each take long must not be taken for one that never ends", async () => {
  const world = openWorld();
  world.memory.nextAtMs = world.ports.clock.nowMs();
  for (let count = 0; count < 5; count += 1) {
    const asked = world.ports.engine.listContainers(signal);
    world.pass(15 * MINUTE_MS);
    world.end();
    await asked;
    world.pass(15 * MINUTE_MS);
    assert.equal(world.stuckForMs(), undefined);
    await world.ports.desire("", signal);
  }
});

test("a pause must not count, however long it is meant to be, and one that does not end must", () => {
  const world = openWorld();
  world.memory.nextAtMs = world.ports.clock.nowMs() + 24 * 60 * MINUTE_MS;
  world.pass(24 * 60 * MINUTE_MS);
  assert.equal(world.stuckForMs(), undefined);
  world.pass(21 * MINUTE_MS);
  assert.equal(world.stuckForMs(), 21 * MINUTE_MS);
});

test("an agent that never gets to its first pause must be noticed too", () => {
  const world = openWorld();
  world.pass(21 * MINUTE_MS);
  assert.equal(world.stuckForMs(), 21 * MINUTE_MS);
});

test("a clock that is set must not make a loop look stuck", () => {
  const world = openWorld();
  world.memory.nextAtMs = world.ports.clock.nowMs() + MINUTE_MS;
  world.pass(MINUTE_MS);
  world.set(365 * 24 * 60 * MINUTE_MS); // a Raspberry Pi that has just heard what year it is
  assert.equal(world.stuckForMs(), undefined);
  world.pass(21 * MINUTE_MS);
  assert.equal(world.stuckForMs(), 21 * MINUTE_MS);
});
