import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Limits } from "../../../agent/model/observed.ts";
import { compareLimits } from "../../../agent/plan/drift/compare-limits.ts";
import { readLimits } from "../../../agent/plan/drift/read-limits.ts";

const NONE = readLimits({});
const MEMORY = { memory: 64, memorySwap: 128 };
type Update = Partial<Limits> | "stuck" | "same";

interface Case {
  readonly what: string;
  readonly expected: Partial<Limits>;
  readonly actual: Partial<Limits>;
  readonly limitsSwap?: boolean;
  readonly update: Update;
}

const CASES: readonly Case[] = [
  { what: "nothing", expected: {}, actual: {}, update: "same" },
  { what: "a limit that was changed", expected: { cpuShares: 5 }, actual: { cpuShares: 7 }, update: { cpuShares: 5 } },
  { what: "a limit where there should be none", expected: {}, actual: { cpuShares: 7 }, update: "stuck" },
  { what: "CPUs where there should be no limit", expected: {}, actual: { nanoCpus: 7 }, update: "stuck" },
  { what: "a set of CPUs where there should be none", expected: {}, actual: { cpusetCpus: "0" }, update: "stuck" },
  { what: "nodes of memory where there should be none", expected: {}, actual: { cpusetMems: "0" }, update: "stuck" },
  { what: "memory where there should be no limit", expected: {}, actual: { ...MEMORY }, update: "stuck" },
  { what: "a quota where there should be none", expected: {}, actual: { cpuQuota: 5000 }, update: { cpuQuota: -1 } },
  { what: "a quota that was taken back", expected: {}, actual: { cpuQuota: -1 }, update: "same" },
  { what: "a quota that was lifted", expected: { cpuQuota: 9 }, actual: { cpuQuota: -1 }, update: { cpuQuota: 9 } },
  { what: "a period where there should be none", expected: {}, actual: { cpuPeriod: 5 }, update: { cpuPeriod: 100_000 } },
  { what: "the usual period", expected: {}, actual: { cpuPeriod: 100_000 }, update: "same" },
  { what: "a limit of processes where there should be none", expected: {}, actual: { pidsLimit: 5 }, update: { pidsLimit: 0 } },
  {
    what: "a limit of processes that was lifted",
    expected: { pidsLimit: 5 },
    actual: { pidsLimit: 0 },
    update: { pidsLimit: 5 },
  },
  { what: "no limit of processes, as it was never set", expected: {}, actual: { pidsLimit: 0 }, update: "same" },
  { what: "a restart policy", expected: { restart: "always" }, actual: { restart: "no" }, update: { restart: "always" } },
  { what: "a restart policy where there should be none", expected: {}, actual: { restart: "always" }, update: { restart: "no" } },
  { what: "memory, which is set with its swap", expected: MEMORY, actual: { ...MEMORY, memory: 99 }, update: MEMORY },
  { what: "swap, which is set with its memory", expected: MEMORY, actual: { ...MEMORY, memorySwap: 99 }, update: MEMORY },
  { what: "swap without a limit of memory", expected: {}, actual: { memorySwap: 99 }, update: { memorySwap: -1 } },
  { what: "swap that is free in both", expected: {}, actual: { memorySwap: -1 }, update: "same" },
  {
    what: "swap that was freed where it can be limited",
    expected: MEMORY,
    actual: { memory: 64, memorySwap: -1 },
    limitsSwap: true,
    update: MEMORY,
  },
  {
    what: "swap where it cannot be limited",
    expected: MEMORY,
    actual: { memory: 64, memorySwap: -1 },
    limitsSwap: false,
    update: "same",
  },
  { what: "swap where nobody asked", expected: MEMORY, actual: { memory: 64, memorySwap: -1 }, update: "same" },
  {
    what: "CPUs that were rounded in 32 bits",
    expected: { nanoCpus: 333_333_312 },
    actual: { nanoCpus: 333_333_333 },
    update: "same",
  },
  ...(["memory", "memoryReservation", "nanoCpus", "cpuShares", "blkioWeight", "pidsLimit", "cpuQuota"] as const).map((field) => ({
    what: `${field} that the kernel cannot limit`,
    expected: { [field]: 10, ...(field === "memory" ? { memorySwap: 20 } : {}) },
    actual: {},
    update: "same" as const,
  })),
  {
    what: "one that can be set and one that cannot be taken away",
    expected: { restart: "always" },
    actual: { cpuShares: 7 },
    update: "stuck",
  },
];

describe("limits that are compared", () => {
  for (const { what, expected, actual, limitsSwap, update } of CASES) {
    const words = update === "same" ? "be the same" : update === "stuck" ? "need a new container" : JSON.stringify(update);
    test(`must with ${what} ${words}`, () => {
      const found = compareLimits({ ...NONE, ...expected }, { ...NONE, ...actual }, limitsSwap);
      if (update === "same") assert.deepEqual(found, { fields: [], update: {}, stuck: [] });
      else if (update === "stuck") assert.ok(found.stuck.length > 0);
      else assert.deepEqual([found.update, found.stuck], [update, []]);
    });
  }

  test("must be the same once what was found is set", () => {
    const number = (most: number) => fc.oneof(fc.constant(0), fc.integer({ min: 1, max: most }));
    const limits = fc.record({
      memory: number(5),
      memoryReservation: number(5),
      cpuShares: number(5),
      cpuQuota: fc.oneof(number(5), fc.constant(-1)),
      cpuPeriod: number(5),
      nanoCpus: number(5),
      cpusetCpus: fc.constantFrom("", "0", "0-1"),
      cpusetMems: fc.constantFrom("", "0"),
      cpuRealtimePeriod: fc.constantFrom(0, 1_000_000),
      cpuRealtimeRuntime: fc.constantFrom(0, 950_000),
      blkioWeight: number(5),
      restart: fc.constantFrom("no", "always", "on-failure:3"),
    });
    const pids = fc.option(number(5), { nil: undefined });
    const withPids = fc.tuple(limits, pids).map(([rest, pidsLimit]) => ({
      ...rest,
      memorySwap: 2 * rest.memory,
      ...(pidsLimit === undefined ? {} : { pidsLimit }),
    }));
    fc.assert(
      fc.property(withPids, withPids, (expected, actual) => {
        const { update, stuck } = compareLimits(expected, actual, true);
        fc.pre(stuck.length === 0);
        assert.deepEqual(compareLimits(expected, { ...actual, ...update }, true).fields, []);
      }),
    );
  });
});
