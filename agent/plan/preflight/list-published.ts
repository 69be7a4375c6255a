import { canonicalAddress, isWildcard } from "../../lib/ip-address.ts";
import type { JsonObject } from "../../model/desired.ts";
import { joinHostPort } from "../../model/probe.ts";
import { asArray, asObject, asString } from "../desire/json.ts";

/** A port of the host that a service is to publish. */
export interface WantedPort {
  readonly stack: string;
  readonly service: string;
  /** In its usual spelling; absent for every address of the host. */
  readonly address?: string;
  readonly port: number;
  readonly protocol: string;
}

/** The ports that a rendered model publishes on the host; those that the engine chooses are left out. */
export function listPublished(stack: string, model: JsonObject): WantedPort[] {
  return Object.entries(asObject(model["services"])).flatMap(([service, value]) => {
    const definition = asObject(value);
    // Docker ignores published ports there.
    if (asString(definition["network_mode"]) === "host" || countReplicas(definition) === 0) return [];
    return asArray(definition["ports"]).flatMap((entry): WantedPort[] => {
      const { host_ip: hostIp, published, protocol } = asObject(entry);
      // A range is one port of it, whichever is free.
      const port = Number(published ?? Number.NaN);
      if (!Number.isInteger(port) || port < 1) return [];
      const address = canonicalAddress(asString(hostIp) ?? "");
      const bound = address === undefined ? {} : { address };
      return [{ stack, service, ...bound, port, protocol: asString(protocol) ?? "tcp" }];
    });
  });
}

/** `127.0.0.1:80/tcp`, `80/udp`. */
export function describePort({ address, port, protocol }: Pick<WantedPort, "address" | "port" | "protocol">): string {
  return `${address === undefined ? port : joinHostPort(address, port)}/${protocol}`;
}

/** Whether two addresses exclude each other on one port; `undefined` stands for every address. */
export function overlaps(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return true;
  const sameFamily = a.includes(":") === b.includes(":");
  return sameFamily && (isWildcard(a) || isWildcard(b));
}

function countReplicas(service: JsonObject): number {
  const replicas = service["scale"] ?? asObject(service["deploy"])["replicas"];
  return typeof replicas === "number" ? replicas : 1;
}
