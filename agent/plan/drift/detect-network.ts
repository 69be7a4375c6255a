import type { DesiredService } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { Attachment, EndpointDetails, ObservedContainer } from "../../model/observed.ts";
import type { Endpoint, Remedy } from "../../model/remedy.ts";
import { normalizeAddress } from "../preflight/normalize-address.ts";
import { isRetooled } from "./detect-tool-change.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";
import { type Attachments, readAttachments } from "./read-attachments.ts";

/** Fields of a service that its networks are read from. */
const FIELDS = /^(networks|network_mode|links|mac_address)$/;

/** How the networks of a container differ from those of its service. One that only a new container can have comes alone. */
export function detectNetwork(service: DesiredService, container: ObservedContainer, request: DriftRequest): Drift[] {
  const wanted = readAttachments(service.name, request.stack.model);
  const { networks: actual } = container;
  if (wanted === undefined || actual === undefined || isRetooled(service, FIELDS)) return [];
  const found = [
    ...findExtra(wanted, actual),
    ...Object.entries(wanted.endpoints).flatMap(([name, endpoint]) =>
      compareOne(name, endpoint, actual[name], container, request),
    ),
  ];
  const settled = found.map((item) => (wanted.connectable ? item : { ...item, remedy: RECREATE }));
  const drift = settled.map(({ expected, actual: is, text, remedy }) =>
    makeDrift("network", request, {
      service: service.name,
      container,
      ...{ expected, actual: is, remedy, cause: `container ${container.name} ${text}` },
    }),
  );
  const recreating = drift.filter((item) => item.remedy?.action === "recreate");
  return recreating.length > 0 ? recreating.slice(0, 1) : drift;
}

interface Difference {
  readonly expected: string;
  readonly actual: string;
  /** What goes after the container's name. */
  readonly text: string;
  readonly remedy: Remedy;
}

const RECREATE: Remedy = { action: "recreate" };

function findExtra({ endpoints }: Attachments, actual: Readonly<Record<string, Attachment>>): Difference[] {
  const extra = Object.keys(actual).filter((name) => endpoints[name] === undefined);
  return extra.sort().map((network) => ({
    expected: `not connected to ${network}`,
    actual: "connected",
    text: `is connected to network ${network}, which is none of its service's`,
    remedy: { action: "disconnect", network },
  }));
}

function compareOne(
  network: string,
  endpoint: Endpoint,
  actual: Attachment | undefined,
  container: ObservedContainer,
  request: DriftRequest,
): Difference[] {
  const existing = request.networks?.filter((item) => item.name === network);
  const expected = `connected to ${network}`;
  if (existing?.length === 0)
    return [{ expected, actual: "no such network", text: `cannot use network ${network}, which is gone`, remedy: RECREATE }];
  if (actual === undefined) {
    const text = `is not connected to network ${network}`;
    return [{ expected, actual: "not connected", text, remedy: { action: "connect", network, endpoint } }];
  }
  // An id stands for a network for ever, and one that was made anew under the name has another.
  if (existing !== undefined && actual.networkId !== "" && !existing.some((item) => item.id === actual.networkId)) {
    const text = `holds on to network ${network} as it was before it was removed and made anew`;
    return [{ expected, actual: "connected to a network that is gone", text, remedy: RECREATE }];
  }
  const details = request.details?.get(container.id)?.endpoints[network];
  return details === undefined ? [] : compareEndpoint(network, endpoint, details);
}

function compareEndpoint(network: string, endpoint: Endpoint, details: EndpointDetails): Difference[] {
  const remedy: Remedy = { action: "reconnect", network, endpoint };
  const lost = endpoint.aliases.filter((alias) => !details.aliases.includes(alias));
  if (lost.length > 0) {
    const names = lost.join(", ");
    return [
      {
        expected: names,
        actual: "not known",
        text: `is on network ${network} without the ${lost.length === 1 ? "name" : "names"} ${names}`,
        remedy,
      },
    ];
  }
  for (const family of ["ipv4Address", "ipv6Address"] as const) {
    const [expected, actual = "an address of the engine's"] = [endpoint[family], details[family]];
    if (expected !== undefined && normalizeAddress(expected) !== normalizeAddress(actual))
      return [{ expected, actual, text: `is on network ${network} with ${actual} instead of ${expected}`, remedy }];
  }
  return [];
}
