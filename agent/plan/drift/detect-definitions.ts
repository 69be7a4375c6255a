import type { Json, JsonObject } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { ObservedNetwork, ObservedVolume, Subnet } from "../../model/observed.ts";
import { asArray, asObject, asString } from "../desire/json.ts";
import { normalizeAddress } from "../preflight/normalize-address.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";

/**
 * Named volumes and networks that exist with another definition than the stack's. They are only told: a volume would lose its
 * data, a network is in use. What is external is not the stack's to define.
 */
export function detectDefinitions(request: DriftRequest): Drift[] {
  const { model } = request.stack;
  const volumes = findExisting(model["volumes"], request.volumes).flatMap(([definition, volume]) =>
    compareVolume(definition, volume).map((difference) => describe("volume", volume.name, difference, request)),
  );
  const networks = findExisting(model["networks"], request.networks).flatMap(([definition, network]) =>
    compareNetwork(definition, network).map((difference) => describe("network", network.name, difference, request)),
  );
  return [...volumes, ...networks];
}

interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

function findExisting<T extends { readonly name: string }>(
  definitions: Json | undefined,
  existing: readonly T[] = [],
): [JsonObject, T][] {
  return Object.values(asObject(definitions))
    .map(asObject)
    .filter((definition) => definition["external"] !== true)
    .flatMap((definition) =>
      existing.filter((item) => item.name === definition["name"]).map((item): [JsonObject, T] => [definition, item]),
    );
}

function describe(
  what: "volume" | "network",
  name: string,
  { field, expected, actual }: Difference,
  request: DriftRequest,
): Drift {
  const cause = `${what} ${name} has ${field} ${actual} instead of ${expected}`;
  return makeDrift(what === "volume" ? "volume" : "network-definition", request, {
    expected: `${field} ${expected}`,
    actual,
    cause,
  });
}

function compareVolume(definition: JsonObject, volume: ObservedVolume): Difference[] {
  const options = asObject(definition["driver_opts"]);
  return [
    ...compare("driver", asString(definition["driver"]) || "local", volume.driver),
    ...compareTexts("driver_opts", options, volume.options, [...Object.keys(options), ...Object.keys(volume.options)]),
    ...compareLabels(definition, volume.labels),
  ];
}

function compareNetwork(definition: JsonObject, network: ObservedNetwork): Difference[] {
  const options = asObject(definition["driver_opts"]);
  const ipv6 = definition["enable_ipv6"];
  return [
    ...compare("driver", asString(definition["driver"]) || "bridge", network.driver),
    // Others are the engine's own: `default-network-opts` in its configuration.
    ...compareTexts("driver_opts", options, network.options, Object.keys(options)),
    ...compareLabels(definition, network.labels),
    ...compare("internal", String(definition["internal"] === true), String(network.internal)),
    ...compare("attachable", String(definition["attachable"] === true), String(network.attachable)),
    // The engine decides where nobody says it.
    ...(typeof ipv6 === "boolean" ? compare("enable_ipv6", String(ipv6), String(network.enableIpv6)) : []),
    ...compareIpam(asObject(definition["ipam"]), network.ipam),
  ];
}

function compareLabels(definition: JsonObject, labels: Readonly<Record<string, string>>): Difference[] {
  const wanted = asObject(definition["labels"]);
  const own = Object.keys(labels).filter((name) => !name.startsWith("com.docker.compose."));
  return compareTexts("labels", wanted, labels, [...Object.keys(wanted), ...own]);
}

// Where a share is mounted from, and with which password, stands in an option: values are not told.
function compareTexts(
  field: string,
  wanted: JsonObject,
  actual: Readonly<Record<string, string>>,
  names: readonly string[],
): Difference[] {
  return [...new Set(names)].sort().flatMap((name) => {
    const [expected, is] = [wanted[name], actual[name]];
    if (is === (expected === undefined ? undefined : String(expected))) return [];
    const value = is === undefined ? "missing" : expected === undefined ? "set" : "with another value";
    return [{ field: `${field}.${name}`, expected: expected === undefined ? "none" : "the Compose file's", actual: value }];
  });
}

/** What the definition says of addresses; the engine adds what it does not say. */
function compareIpam(wanted: JsonObject, actual: ObservedNetwork["ipam"]): Difference[] {
  const pools = asArray(wanted["config"]).map(asObject);
  return [
    ...compare("ipam.driver", asString(wanted["driver"]) || actual.driver, actual.driver),
    ...pools.flatMap((pool) => comparePool(pool, actual.config)),
  ];
}

function comparePool(pool: JsonObject, existing: readonly Subnet[]): Difference[] {
  const subnet = asString(pool["subnet"]);
  if (subnet === undefined) return [];
  const found = existing.find((item) => normalizeAddress(item.subnet) === normalizeAddress(subnet));
  if (found === undefined) {
    const actual = existing.map((item) => item.subnet).join(", ") || "none";
    return [{ field: "ipam.config.subnet", expected: subnet, actual }];
  }
  const spare = Object.entries(asObject(pool["aux_addresses"]));
  return [
    ...compareAddress("gateway", pool["gateway"], found.gateway),
    ...compareAddress("ip_range", pool["ip_range"], found.ipRange),
    ...spare.flatMap(([name, address]) => compareAddress(`aux_addresses.${name}`, address, found.auxAddresses?.[name])),
  ];
}

function compareAddress(field: string, wanted: Json | undefined, actual = "none"): Difference[] {
  const expected = asString(wanted);
  if (expected === undefined || normalizeAddress(expected) === normalizeAddress(actual)) return [];
  return [{ field: `ipam.config.${field}`, expected, actual }];
}

function compare(field: string, expected: string, actual: string): Difference[] {
  return expected === actual ? [] : [{ field, expected, actual }];
}
