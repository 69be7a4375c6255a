import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../agent/model/desired.ts";
import type { Limits } from "../../../agent/model/observed.ts";
import { readLimits } from "../../../agent/plan/drift/read-limits.ts";

const NONE: Limits = {
  ...{ memory: 0, memoryReservation: 0, memorySwap: 0, nanoCpus: 0, cpuShares: 0, cpuQuota: 0, cpuPeriod: 0 },
  ...{ cpusetCpus: "", cpusetMems: "", cpuRealtimePeriod: 0, cpuRealtimeRuntime: 0, blkioWeight: 0, restart: "no" },
};
const MIB = 1024 * 1024;
const deploy = (resources: JsonObject): JsonObject => ({ deploy: { resources, placement: {} } });

describe("the limits of a service", () => {
  const cases: [string, JsonObject, Partial<Limits>][] = [
    ["nothing", {}, {}],
    ["a memory limit, with as much swap", { mem_limit: "67108864" }, { memory: 64 * MIB, memorySwap: 128 * MIB }],
    ["a swap limit", { mem_limit: "67108864", memswap_limit: "100663296" }, { memory: 64 * MIB, memorySwap: 96 * MIB }],
    ["swap without limit", { mem_limit: "67108864", memswap_limit: -1 }, { memory: 64 * MIB, memorySwap: -1 }],
    ["a reservation", { mem_reservation: "33554432" }, { memoryReservation: 32 * MIB }],
    ["CPUs, in 32 bits", { cpus: 0.7 }, { nanoCpus: 700_000_000 }],
    ["CPUs as a text", { cpus: "1.25" }, { nanoCpus: 1_250_000_000 }],
    ["shares, quota and period", { cpu_shares: 512, cpu_quota: 5, cpu_period: 6 }, { cpuShares: 512, cpuQuota: 5, cpuPeriod: 6 }],
    ["a set of CPUs", { cpuset: "0-1" }, { cpusetCpus: "0-1" }],
    [
      "real-time shares",
      { cpu_rt_period: 1_000_000, cpu_rt_runtime: "950000" },
      { cpuRealtimePeriod: 1_000_000, cpuRealtimeRuntime: 950_000 },
    ],
    ["processes", { pids_limit: 20 }, { pidsLimit: 20 }],
    ["processes without limit", { pids_limit: -1 }, {}],
    ["a weight", { blkio_config: { weight: 300 } }, { blkioWeight: 300 }],
    ["an empty object where a value stands elsewhere", { blkio_config: null, mem_limit: null }, {}],
    [
      "everything below deploy",
      deploy({ limits: { cpus: 0.25, memory: "52428800", pids: 20 }, reservations: { cpus: 1, memory: "20971520" } }),
      { nanoCpus: 250_000_000, memory: 50 * MIB, memorySwap: 100 * MIB, pidsLimit: 20, memoryReservation: 20 * MIB },
    ],
    [
      "deploy before its older spelling",
      { ...deploy({ limits: { memory: "2" } }), mem_limit: "2" },
      { memory: 2, memorySwap: 4 },
    ],
  ];
  for (const [what, service, limits] of cases) {
    test(`must be read from ${what}`, () => assert.deepEqual(readLimits(service), { ...NONE, ...limits }));
  }

  const restarts: [JsonObject, string][] = [
    [{ restart: "always" }, "always"],
    [{ restart: "on-failure" }, "on-failure"],
    [{ restart: "on-failure:3" }, "on-failure:3"],
    [{ restart: "no" }, "no"],
    [{ deploy: { restart_policy: { condition: "any" } } }, "always"],
    [{ deploy: { restart_policy: { condition: "none" } } }, "no"],
    [{ deploy: { restart_policy: { condition: "on-failure", max_attempts: 2 } } }, "on-failure:2"],
    [{ deploy: { restart_policy: {} } }, "no"],
    [{ restart: "always", deploy: { restart_policy: { condition: "on-failure" } } }, "on-failure"],
    [{ restart: "always", deploy: { replicas: 2 } }, "always"],
    [{ restart: "always", deploy: { restart_policy: null } }, "always"],
  ];
  for (const [service, restart] of restarts) {
    test(`must restart ${restart} for ${JSON.stringify(service)}`, () => assert.equal(readLimits(service).restart, restart));
  }
});
