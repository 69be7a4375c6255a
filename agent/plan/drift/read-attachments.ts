import type { Json, JsonObject } from "../../model/desired.ts";
import type { Endpoint } from "../../model/remedy.ts";
import { asArray, asObject, asString } from "../desire/json.ts";

/** The networks that a service's containers are attached to. */
export interface Attachments {
  /** How, by the network's real name. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** False where only Compose can make a container anew: with `links`, and without any network. */
  readonly connectable: boolean;
}

const NO_NAMES: Endpoint = { aliases: [] };

/** The networks of a service, from the model as rendered; undefined where there is nothing to compare. */
export function readAttachments(name: string, model: JsonObject): Attachments | undefined {
  const service = asObject(asObject(model["services"])[name]);
  const mode = asString(service["network_mode"]);
  if (mode !== undefined && mode !== "") return readMode(mode);
  const uses = Object.entries(asObject(service["networks"]));
  const known = asObject(model["networks"]);
  const named = uses.map(([key, use]) => [asString(asObject(known[key])["name"]), asObject(use)] as const);
  if (named.length === 0 || named.some(([network]) => network === undefined)) return undefined;
  const first = findFirst(uses);
  const endpoints = named.map(([network, use], index) => [
    network ?? "",
    readEndpoint(name, use, index === first ? asString(service["mac_address"]) : undefined),
  ]);
  return { endpoints: Object.fromEntries(endpoints), connectable: asArray(service["links"]).length === 0 };
}

// In the network of the host, or of another container, nobody can connect or disconnect anything.
function readMode(mode: string): Attachments | undefined {
  if (mode === "none") return { endpoints: { none: NO_NAMES }, connectable: false };
  return mode === "bridge" || mode === "default" ? { endpoints: { bridge: NO_NAMES }, connectable: true } : undefined;
}

/** The network that Compose gives the container first, and with it the service's own MAC address: the highest priority, then by name. */
function findFirst(uses: readonly (readonly [string, Json])[]): number {
  const priority = (index: number): number => Number(asObject(uses[index]?.[1])["priority"] ?? 0);
  const order = uses.map((_, index) => index);
  const [first = 0] = order.sort((a, b) => priority(b) - priority(a) || ((uses[a]?.[0] ?? "") < (uses[b]?.[0] ?? "") ? -1 : 1));
  return first;
}

function readEndpoint(service: string, use: JsonObject, serviceMac: string | undefined): Endpoint {
  const driverOptions = readTexts({
    ...asObject(use["driver_opts"]),
    ...(use["interface_name"] === undefined ? {} : { "com.docker.network.endpoint.ifname": use["interface_name"] }),
  });
  const linkLocalIps = readList(use["link_local_ips"]);
  const priority = use["gw_priority"];
  return {
    aliases: [...new Set([service, ...readList(use["aliases"])])],
    ...optional("ipv4Address", asString(use["ipv4_address"])),
    ...optional("ipv6Address", asString(use["ipv6_address"])),
    ...optional("macAddress", asString(use["mac_address"]) ?? serviceMac),
    ...(linkLocalIps.length === 0 ? {} : { linkLocalIps }),
    ...(Object.keys(driverOptions).length === 0 ? {} : { driverOptions }),
    ...(typeof priority === "number" && priority !== 0 ? { gatewayPriority: priority } : {}),
  };
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined || value === "" ? {} : ({ [key]: value } as { readonly [P in K]?: string });
}

function readList(value: Json | undefined): string[] {
  return asArray(value)
    .map(asString)
    .filter((item) => item !== undefined);
}

function readTexts(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
