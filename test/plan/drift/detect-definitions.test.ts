import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../agent/model/desired.ts";
import type { ObservedNetwork, ObservedVolume } from "../../../agent/model/observed.ts";
import { detectDrift } from "../../../agent/plan/drift/detect-drift.ts";
import { makePlan } from "../../../agent/plan/make-plan.ts";
import { buildNetwork } from "../../fakes/engine-model.ts";
import { buildApplied, buildContainer, buildRequest, buildService, buildStack } from "../build.ts";

const COMPOSE_LABELS = { "com.docker.compose.project": "shop", "com.docker.compose.version": "2.26.1" };

function find(model: JsonObject, observed: { networks?: readonly ObservedNetwork[]; volumes?: readonly ObservedVolume[] }) {
  const stack = buildStack("shop", [buildService("web")], { model });
  return detectDrift({ stack, containers: [buildContainer("shop", "web")], applied: buildApplied(stack), ...observed });
}

const network = (over: Partial<ObservedNetwork>): ObservedNetwork => ({
  ...buildNetwork("shop_back", "n1"),
  labels: COMPOSE_LABELS,
  ipam: { driver: "default", config: [{ subnet: "172.20.0.0/16", gateway: "172.20.0.1" }] },
  ...over,
});
const volume = (over: Partial<ObservedVolume>): ObservedVolume => ({
  ...{ name: "shop_data", driver: "local", options: {}, labels: COMPOSE_LABELS },
  ...over,
});
const pool = (config: JsonObject): JsonObject => ({ ipam: { config: [config] } });
const POOL = { subnet: "10.9.0.0/16", gateway: "10.9.0.1", ipRange: "10.9.1.0/24", auxAddresses: { spare: "10.9.1.9" } };
const SIX = { subnet: "2001:db8:1::/64" };

describe("the definition of a network", () => {
  const cases: [string, JsonObject, Partial<ObservedNetwork>, string[]][] = [
    ["that is the same", { ipam: {} }, {}, []],
    ["of another driver", { driver: "macvlan" }, {}, ["driver bridge instead of macvlan"]],
    ["whose driver nobody names", {}, { driver: "macvlan" }, ["driver macvlan instead of bridge"]],
    ["that became internal", { internal: true }, {}, ["internal false instead of true"]],
    ["that is internal no more", {}, { internal: true }, ["internal true instead of false"]],
    ["that became attachable", { attachable: true }, {}, ["attachable false instead of true"]],
    ["that got IPv6", { enable_ipv6: true }, {}, ["enable_ipv6 false instead of true"]],
    ["that lost IPv6", { enable_ipv6: false }, { enableIpv6: true }, ["enable_ipv6 true instead of false"]],
    ["with IPv6 by the engine's own choice", {}, { enableIpv6: true }, []],
    [
      "with another label",
      { labels: { a: "1" } },
      { labels: { a: "2" } },
      ["labels.a with another value instead of the Compose file's"],
    ],
    ["with a new label", { labels: { a: "1" } }, {}, ["labels.a missing instead of the Compose file's"]],
    ["with a label that is gone", {}, { labels: { a: "2" } }, ["labels.a set instead of none"]],
    ["with a new option", { driver_opts: { mtu: "9000" } }, {}, ["driver_opts.mtu missing instead of the Compose file's"]],
    ["with an option that is written as a number", { driver_opts: { mtu: 9000 } }, { options: { mtu: "9000" } }, []],
    ["with options of the engine's own", {}, { options: { mtu: "1450" } }, []],
    ["with another subnet", pool({ subnet: "10.9.0.0/16" }), {}, ["ipam.config.subnet 172.20.0.0/16 instead of 10.9.0.0/16"]],
    ["with a subnet of the engine's", {}, { ipam: { driver: "default", config: [POOL] } }, []],
    [
      "with a subnet, and the rest of the engine's",
      pool({ subnet: "10.9.0.0/16" }),
      { ipam: { driver: "default", config: [POOL] } },
      [],
    ],
    [
      "with everything else in its subnet",
      pool({ subnet: "10.9.0.0/16", gateway: "10.9.0.2", ip_range: "10.9.2.0/24", aux_addresses: { spare: "10.9.1.8" } }),
      { ipam: { driver: "default", config: [POOL] } },
      [
        "ipam.config.gateway 10.9.0.1 instead of 10.9.0.2",
        "ipam.config.ip_range 10.9.1.0/24 instead of 10.9.2.0/24",
        "ipam.config.aux_addresses.spare 10.9.1.9 instead of 10.9.1.8",
      ],
    ],
    [
      "with a gateway that nobody gave",
      pool({ ...SIX, gateway: "2001:db8:1::1" }),
      { ipam: { driver: "default", config: [SIX] } },
      ["ipam.config.gateway none instead of 2001:db8:1::1"],
    ],
    [
      "with an IPv6 subnet in another spelling",
      pool({ subnet: "2001:DB8:1:0::/64" }),
      { ipam: { driver: "default", config: [POOL, SIX] } },
      [],
    ],
    ["with another driver of addresses", { ipam: { driver: "dhcp" } }, {}, ["ipam.driver default instead of dhcp"]],
    ["that is somebody else's", { external: true, driver: "macvlan" }, {}, []],
  ];
  for (const [what, definition, existing, differences] of cases) {
    test(`${what} must be told as it is`, () => {
      const model = { networks: { back: { name: "shop_back", ...definition } } };
      const drift = find(model, { networks: [network(existing), network({ name: "other", internal: true })] });
      assert.deepEqual(
        drift.map(({ kind, mode, cause }) => `${kind} ${mode} ${cause}`),
        differences.map((text) => `network-definition report network shop_back has ${text}`),
      );
    });
  }
});

describe("the definition of a volume", () => {
  const cases: [string, JsonObject, Partial<ObservedVolume>, string[]][] = [
    ["that is the same", {}, {}, []],
    ["of another driver", { driver: "nfs" }, {}, ["driver local instead of nfs"]],
    ["with a new option", { driver_opts: { o: "x" } }, {}, ["driver_opts.o missing instead of the Compose file's"]],
    ["with an option that is gone", {}, { options: { o: "x" } }, ["driver_opts.o set instead of none"]],
    [
      "with another label",
      { labels: { keep: "yes" } },
      { labels: { keep: "no", ...COMPOSE_LABELS } },
      ["labels.keep with another value instead of the Compose file's"],
    ],
    ["that is somebody else's", { external: true, labels: { keep: "yes" } }, {}, []],
  ];
  for (const [what, definition, existing, differences] of cases) {
    test(`${what} must be told as it is`, () => {
      const drift = find({ volumes: { data: { name: "shop_data", ...definition } } }, { volumes: [volume(existing)] });
      assert.deepEqual(
        drift.map(({ kind, mode, cause }) => `${kind} ${mode} ${cause}`),
        differences.map((text) => `volume report volume shop_data has ${text}`),
      );
    });
  }

  test("must not tell the values of options, where passwords stand", () => {
    const model = { volumes: { data: { name: "shop_data", driver_opts: { o: "addr=nas,password=hunter2" } } } };
    const drift = find(model, { volumes: [volume({ options: { o: "addr=nas,password=hunter1" } })] });
    assert.equal(drift.length, 1);
    assert.doesNotMatch(JSON.stringify(drift), /hunter/);
  });
});

test("definitions that differ must be left alone, whatever the rules say", () => {
  const model = {
    volumes: { data: { name: "shop_data", driver: "nfs" } },
    networks: { back: { name: "shop_back", internal: true } },
  };
  const rules = { volume: "heal", "network-definition": "heal" } as const;
  const stack = buildStack("shop", [buildService("web")], { model, drift: { mode: "heal", rules } });
  const containers = [buildContainer("shop", "web")];
  const { stacks, drift } = makePlan(
    buildRequest({ stacks: [stack], containers, volumes: [volume({})], networks: [network({})] }),
  );
  assert.deepEqual(stacks, []);
  assert.deepEqual(
    drift.map(({ kind, mode, expected, actual }) => [kind, mode, expected, actual]),
    [
      ["volume", "report", "driver nfs", "local"],
      ["network-definition", "report", "internal true", "false"],
    ],
  );
});

test("what does not exist, or was not asked for, must not be compared", () => {
  const model = {
    volumes: { data: { name: "shop_data", driver: "nfs" } },
    networks: { back: { name: "shop_back", internal: true } },
  };
  assert.deepEqual(find(model, {}), []);
  assert.deepEqual(find(model, { volumes: [], networks: [] }), []);
});
