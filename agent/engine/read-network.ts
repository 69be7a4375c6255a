import type { NetworkInspectInfo } from "dockerode";
import type { ObservedNetwork, Subnet } from "../model/observed.ts";

type Pool = NonNullable<NonNullable<NetworkInspectInfo["IPAM"]>["Config"]>[number];

/** A network as the engine lists it, in Holdfast's words. */
export function readNetwork(info: NetworkInspectInfo): ObservedNetwork {
  return {
    id: info.Id,
    name: info.Name,
    driver: info.Driver,
    options: { ...info.Options },
    labels: { ...info.Labels },
    internal: info.Internal ?? false,
    attachable: info.Attachable ?? false,
    enableIpv6: info.EnableIPv6 ?? false,
    ipam: { driver: info.IPAM?.Driver ?? "default", config: (info.IPAM?.Config ?? []).map(readSubnet) },
  };
}

function readSubnet({ Subnet: subnet = "", Gateway: gateway, IPRange: ipRange, AuxiliaryAddresses }: Pool): Subnet {
  const auxAddresses = { ...AuxiliaryAddresses } as Record<string, string>;
  return {
    subnet,
    ...(gateway ? { gateway } : {}),
    ...(ipRange ? { ipRange } : {}),
    ...(Object.keys(auxAddresses).length === 0 ? {} : { auxAddresses }),
  };
}
