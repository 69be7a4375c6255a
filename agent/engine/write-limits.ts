import type { Limits } from "../model/observed.ts";

const NAMES: Readonly<Record<Exclude<keyof Limits, "restart">, string>> = {
  memory: "Memory",
  memoryReservation: "MemoryReservation",
  memorySwap: "MemorySwap",
  nanoCpus: "NanoCpus",
  cpuShares: "CpuShares",
  cpuQuota: "CpuQuota",
  cpuPeriod: "CpuPeriod",
  cpusetCpus: "CpusetCpus",
  cpusetMems: "CpusetMems",
  cpuRealtimePeriod: "CpuRealtimePeriod",
  cpuRealtimeRuntime: "CpuRealtimeRuntime",
  pidsLimit: "PidsLimit",
  blkioWeight: "BlkioWeight",
};

/** Limits as the engine's update wants them; what is absent stays as it is. */
export function writeLimits({ restart, ...limits }: Partial<Limits>): Record<string, unknown> {
  const named = Object.entries(limits).map(([field, value]) => [NAMES[field as keyof typeof NAMES], value]);
  const [name = "", attempts = "0"] = restart?.split(":") ?? [];
  const policy = restart === undefined ? {} : { RestartPolicy: { Name: name, MaximumRetryCount: Number(attempts) } };
  return { ...Object.fromEntries(named), ...policy };
}
