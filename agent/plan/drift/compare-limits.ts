import type { Limits } from "../../model/observed.ts";

export interface LimitComparison {
  /** What differs. */
  readonly fields: readonly (keyof Limits)[];
  /** What `docker update` has to set. */
  readonly update: Partial<Limits>;
  /** Limits that stand where there should be none, and that no update can take away. */
  readonly stuck: readonly (keyof Limits)[];
}

const FIELDS: readonly (keyof Limits)[] = [
  ...(["memory", "memoryReservation", "memorySwap", "nanoCpus", "cpuShares", "cpuQuota", "cpuPeriod"] as const),
  ...(["cpusetCpus", "cpusetMems", "cpuRealtimePeriod", "cpuRealtimeRuntime"] as const),
  ...(["pidsLimit", "blkioWeight", "restart"] as const),
];

/** What says "no limit" to an update; the others can only be set. */
const NONE: Partial<Limits> = { memorySwap: -1, cpuQuota: -1, cpuPeriod: 100_000, pidsLimit: 0 };

/** How the limits of a container differ from those of its service. */
export function compareLimits(expected: Limits, actual: Limits, limitsSwap: boolean | undefined): LimitComparison {
  const fields = FIELDS.filter((field) =>
    field === "memorySwap" ? differsInSwap(expected, actual, limitsSwap) : differs(field, expected[field], actual[field]),
  );
  // The engine compares one with the other, so that they are set together.
  const both = expected.memory > 0 && (fields.includes("memory") || fields.includes("memorySwap"));
  const wanted = both ? [...new Set<keyof Limits>(["memory", "memorySwap", ...fields])] : fields;
  const update = wanted.map((field) => [field, isLimit(expected[field]) ? expected[field] : NONE[field]] as const);
  return {
    fields,
    update: Object.fromEntries(update.filter(([, value]) => value !== undefined)),
    stuck: update.filter(([, value]) => value === undefined).map(([field]) => field),
  };
}

// An update sets limits and hardly ever takes one away. So where a limit is missing, the engine dropped it, since the
// kernel does not support it (memory on many a Raspberry Pi): no update would help, and nobody has changed anything.
function differs(field: keyof Limits, expected: Limits[keyof Limits], actual: Limits[keyof Limits]): boolean {
  if (field === "pidsLimit") return actual !== undefined && Number(actual) !== Number(expected ?? 0);
  if (actual === undefined || actual === 0 || actual === "") return false;
  if (field === "cpuQuota" || field === "cpuPeriod") return actual !== (isLimit(expected) ? expected : NONE[field]);
  // Compose counts CPUs in fewer bits than the engine.
  if (field === "nanoCpus") return Math.abs(Number(actual) - Number(expected)) > Number(expected) / 1e6;
  return actual !== expected;
}

// -1 is also what the engine makes of every swap limit where the kernel has none.
function differsInSwap(expected: Limits, actual: Limits, limitsSwap: boolean | undefined): boolean {
  if (actual.memorySwap === 0 || (expected.memory > 0 && actual.memory === 0)) return false;
  if (actual.memorySwap === -1) return expected.memory > 0 && expected.memorySwap !== -1 && limitsSwap === true;
  return actual.memorySwap !== expected.memorySwap;
}

function isLimit(value: Limits[keyof Limits]): boolean {
  return value !== undefined && value !== 0 && value !== "";
}
