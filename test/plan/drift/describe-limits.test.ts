import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Limits } from "../../../agent/model/observed.ts";
import { describeLimits } from "../../../agent/plan/drift/describe-limits.ts";

const MIB = 1024 * 1024;

describe("limits in words must be", () => {
  const cases: [Partial<Limits>, string][] = [
    [{ memory: 64 * MIB, memorySwap: 1024 * MIB }, "memory 64 MiB, memory with swap 1 GiB"],
    [{ memory: 2048, memoryReservation: 100_000_001 }, "memory 2 KiB, memory reservation 100000001 bytes"],
    [{ memorySwap: -1, cpuQuota: -1, pidsLimit: 0 }, "memory with swap none, cpu quota none, pids none"],
    [{ nanoCpus: 1_500_000_000, cpuShares: 512, cpuPeriod: 100_000 }, "cpus 1.5, cpu shares 512, cpu period 100000"],
    [{ cpusetCpus: "0-1", blkioWeight: 300, restart: "on-failure:3" }, "cpuset 0-1, blkio weight 300, restart on-failure:3"],
    [{ cpusetCpus: "" }, "cpuset none"],
  ];
  for (const [limits, text] of cases) test(text, () => assert.equal(describeLimits(limits), text));
});
