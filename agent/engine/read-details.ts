import type { ContainerInspectInfo, HostConfig } from "dockerode";
import type { ContainerDetails, EndpointDetails, Limits } from "../model/observed.ts";

type Endpoint = ContainerInspectInfo["NetworkSettings"]["Networks"][string];

/** What looking into a container tells beyond the list. */
export function readDetails(info: ContainerInspectInfo): ContainerDetails {
  const endpoints = Object.entries(info.NetworkSettings?.Networks ?? {});
  return {
    limits: readLimits(info.HostConfig),
    restartCount: info.RestartCount ?? 0,
    oomKilled: info.State?.OOMKilled ?? false,
    // Of one that was never started it is the year 1.
    startedAtMs: Math.max(0, Date.parse(info.State?.StartedAt ?? "") || 0),
    endpoints: Object.fromEntries(endpoints.map(([name, endpoint]) => [name, readEndpoint(endpoint)])),
  };
}

// Fields that are not set are 0, null or absent, as the version likes.
function readLimits(host: HostConfig): Limits {
  const { Name = "", MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  const pids = host.PidsLimit;
  return {
    memory: host.Memory ?? 0,
    memoryReservation: host.MemoryReservation ?? 0,
    memorySwap: host.MemorySwap ?? 0,
    nanoCpus: host.NanoCpus ?? 0,
    cpuShares: host.CpuShares ?? 0,
    cpuQuota: host.CpuQuota ?? 0,
    cpuPeriod: host.CpuPeriod ?? 0,
    cpusetCpus: host.CpusetCpus ?? "",
    cpusetMems: host.CpusetMems ?? "",
    cpuRealtimePeriod: host.CpuRealtimePeriod ?? 0,
    cpuRealtimeRuntime: host.CpuRealtimeRuntime ?? 0,
    ...(pids === undefined || pids === null ? {} : { pidsLimit: Math.max(0, pids) }),
    blkioWeight: host.BlkioWeight ?? 0,
    restart: MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name || "no",
  };
}

function readEndpoint({ EndpointID, Aliases, IPAMConfig }: Endpoint): EndpointDetails {
  const { IPv4Address: ipv4Address = "", IPv6Address: ipv6Address = "" } = IPAMConfig ?? {};
  return {
    endpointId: EndpointID ?? "",
    aliases: Aliases ?? [],
    ...(ipv4Address === "" ? {} : { ipv4Address }),
    ...(ipv6Address === "" ? {} : { ipv6Address }),
  };
}
