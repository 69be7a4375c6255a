import type { Limits } from "../../model/observed.ts";

/** The words of a Compose file for each limit. */
const WORDS: Readonly<Record<keyof Limits, string>> = {
  memory: "memory",
  memoryReservation: "memory reservation",
  memorySwap: "memory with swap",
  nanoCpus: "cpus",
  cpuShares: "cpu shares",
  cpuQuota: "cpu quota",
  cpuPeriod: "cpu period",
  cpusetCpus: "cpuset",
  cpusetMems: "memory nodes",
  cpuRealtimePeriod: "cpu real-time period",
  cpuRealtimeRuntime: "cpu real-time runtime",
  pidsLimit: "pids",
  blkioWeight: "blkio weight",
  restart: "restart",
};
const SIZES: readonly (keyof Limits)[] = ["memory", "memoryReservation", "memorySwap"];
const UNITS = ["GiB", "MiB", "KiB"];

/** Some limits in words: `memory 64 MiB, cpus 0.5`. */
export function describeLimits(
  limits: Partial<Limits>,
  fields: readonly (keyof Limits)[] = Object.keys(limits) as (keyof Limits)[],
): string {
  return fields.map((field) => `${WORDS[field]} ${describeLimit(field, limits[field])}`).join(", ");
}

/** One limit's value in words: `64 MiB`, `none`. */
export function describeLimit(field: keyof Limits, value: number | string | undefined): string {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value !== "number" || value <= 0) return "none";
  if (field === "nanoCpus") return String(value / 1e9);
  return SIZES.includes(field) ? describeSize(value) : String(value);
}

/** The name of a limit in words. */
export function nameLimit(field: keyof Limits): string {
  return WORDS[field];
}

function describeSize(bytes: number): string {
  const unit = UNITS.findIndex((_, index) => bytes % 1024 ** (UNITS.length - index) === 0);
  return unit < 0 ? `${bytes} bytes` : `${bytes / 1024 ** (UNITS.length - unit)} ${UNITS[unit]}`;
}
