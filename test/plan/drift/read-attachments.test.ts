import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../agent/model/desired.ts";
import { type Attachments, readAttachments } from "../../../agent/plan/drift/read-attachments.ts";

const NETWORKS = { default: { name: "shop_default" }, back: { name: "real-back" }, far: { name: "somebodys", external: true } };
const own = { aliases: ["web"] };

describe("the networks of a service must be", () => {
  const cases: [string, JsonObject, Attachments | undefined][] = [
    ["the default one", { networks: { default: null } }, { endpoints: { shop_default: own }, connectable: true }],
    [
      "several by their real names, external ones too",
      { networks: { back: null, far: {}, default: null } },
      { endpoints: { "real-back": own, somebodys: own, shop_default: own }, connectable: true },
    ],
    [
      "with everything that Compose connects them with",
      {
        networks: {
          back: {
            ...{
              aliases: ["www", "web"],
              ipv4_address: "10.0.0.7",
              ipv6_address: "2001:db8::7",
              link_local_ips: ["169.254.9.9"],
            },
            ...{ mac_address: "02:42:ac:11:65:44", driver_opts: { a: 1 }, interface_name: "eth7", gw_priority: 10, priority: 5 },
          },
        },
      },
      {
        connectable: true,
        endpoints: {
          "real-back": {
            ...{ aliases: ["web", "www"], ipv4Address: "10.0.0.7", ipv6Address: "2001:db8::7", linkLocalIps: ["169.254.9.9"] },
            driverOptions: { a: "1", "com.docker.network.endpoint.ifname": "eth7" },
            ...{ macAddress: "02:42:ac:11:65:44", gatewayPriority: 10 },
          },
        },
      },
    ],
    [
      "with the service's own MAC address on the one of the highest priority",
      { mac_address: "02:42:ac:11:65:43", networks: { back: { priority: 5 }, default: { priority: 9 } } },
      {
        connectable: true,
        endpoints: { "real-back": own, shop_default: { ...own, macAddress: "02:42:ac:11:65:43" } },
      },
    ],
    [
      "with the service's own MAC address on the first by name otherwise",
      { mac_address: "02:42:ac:11:65:43", networks: { default: null, back: null } },
      {
        connectable: true,
        endpoints: { shop_default: own, "real-back": { ...own, macAddress: "02:42:ac:11:65:43" } },
      },
    ],
    [
      "left to Compose where containers are linked",
      { links: ["db"], networks: { back: null } },
      { endpoints: { "real-back": own }, connectable: false },
    ],
    ["nothing to compare in the host's", { network_mode: "host" }, undefined],
    ["none", { network_mode: "none" }, { endpoints: { none: { aliases: [] } }, connectable: false }],
    ["the engine's own", { network_mode: "bridge" }, { endpoints: { bridge: { aliases: [] } }, connectable: true }],
    ["nothing to compare in another service's", { network_mode: "service:vpn" }, undefined],
    ["nothing to compare in another container's", { network_mode: "container:vpn" }, undefined],
    ["unknown for any other mode", { network_mode: "0123456789ab" }, undefined],
    ["unknown where the model does not say", {}, undefined],
    ["unknown where the model does not define one", { networks: { missing: null } }, undefined],
  ];
  for (const [what, service, expected] of cases) {
    test(what, () => assert.deepEqual(readAttachments("web", { services: { web: service }, networks: NETWORKS }), expected));
  }
  test("unknown for a service that the model does not have", () => assert.equal(readAttachments("web", {}), undefined));
});
