import type { Json, JsonObject } from "../../model/desired.ts";
import type { Limits } from "../../model/observed.ts";
import { asObject, asString } from "../desire/json.ts";

/** The limits that Compose gives the containers of a service, from the service as rendered. */
export function readLimits(service: JsonObject): Limits {
  const deploy = asObject(service["deploy"]);
  const resources = asObject(deploy["resources"]);
  const [most, least] = [asObject(resources["limits"]), asObject(resources["reservations"])];
  const memory = readNumber(most["memory"]) || readNumber(service["mem_limit"]);
  const swap = readNumber(service["memswap_limit"]);
  const pidsLimit = Math.max(0, readNumber(most["pids"]) || readNumber(service["pids_limit"]));
  return {
    memory,
    memoryReservation: readNumber(least["memory"]) || readNumber(service["mem_reservation"]),
    // The engine lets a container use as much swap as memory when nobody says otherwise.
    memorySwap: swap === 0 ? 2 * memory : swap,
    nanoCpus: readNanoCpus(readNumber(most["cpus"]) || readNumber(service["cpus"])),
    cpuShares: readNumber(service["cpu_shares"]),
    cpuQuota: readNumber(service["cpu_quota"]),
    cpuPeriod: readNumber(service["cpu_period"]),
    cpusetCpus: asString(service["cpuset"]) ?? "",
    // Compose has no word for it.
    cpusetMems: "",
    cpuRealtimePeriod: readNumber(service["cpu_rt_period"]),
    cpuRealtimeRuntime: readNumber(service["cpu_rt_runtime"]),
    ...(pidsLimit === 0 ? {} : { pidsLimit }),
    blkioWeight: readNumber(asObject(service["blkio_config"])["weight"]),
    restart: readRestart(service, deploy),
  };
}

// Some numbers are printed as texts, sizes among them.
function readNumber(value: Json | undefined): number {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : 0;
}

// Compose counts CPUs in 32 bits.
function readNanoCpus(cpus: number): number {
  return Math.trunc(Math.fround(Math.fround(cpus) * 1e9));
}

/** The words of `deploy.restart_policy`, which wins, in those of `restart`. */
const CONDITIONS: Readonly<Record<string, string>> = { none: "no", any: "always", "": "no" };

function readRestart(service: JsonObject, deploy: JsonObject): string {
  const [name = "", attempts = "0"] = (asString(service["restart"]) ?? "").split(":");
  const policy = deploy["restart_policy"];
  if (policy === undefined || policy === null) return nameRestart(name, Number(attempts));
  const { condition, max_attempts: most } = asObject(policy);
  return nameRestart(asString(condition) ?? "", readNumber(most));
}

function nameRestart(condition: string, attempts: number): string {
  const name = CONDITIONS[condition] ?? condition;
  return attempts > 0 ? `${name}:${attempts}` : name;
}
