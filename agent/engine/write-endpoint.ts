import type { EndpointSettings } from "dockerode";
import type { Endpoint } from "../model/remedy.ts";

/** An endpoint as the engine wants it. */
export function writeEndpoint(endpoint: Endpoint): EndpointSettings {
  const { ipv4Address, ipv6Address, linkLocalIps } = endpoint;
  const ipam = {
    ...(ipv4Address === undefined ? {} : { IPv4Address: ipv4Address }),
    ...(ipv6Address === undefined ? {} : { IPv6Address: ipv6Address }),
    ...(linkLocalIps === undefined ? {} : { LinkLocalIPs: [...linkLocalIps] }),
  };
  return {
    Aliases: [...endpoint.aliases],
    ...(Object.keys(ipam).length === 0 ? {} : { IPAMConfig: ipam }),
    ...(endpoint.macAddress === undefined ? {} : { MacAddress: endpoint.macAddress }),
    ...(endpoint.driverOptions === undefined ? {} : { DriverOpts: { ...endpoint.driverOptions } }),
    ...(endpoint.gatewayPriority === undefined ? {} : { GwPriority: endpoint.gatewayPriority }),
  };
}
