import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DesiredService, DesiredStack, JsonObject } from "../../agent/model/desired.ts";
import type { ContainerDetails, Limits, ObservedContainer, ObservedNetwork } from "../../agent/model/observed.ts";
import { detectDrift } from "../../agent/plan/drift/detect-drift.ts";
import { readLimits } from "../../agent/plan/drift/read-limits.ts";
import { planStack } from "../../agent/plan/plan-stack.ts";
import { describeStep } from "../../agent/plan/render-plan.ts";
import { buildNetwork } from "../fakes/engine-model.ts";
import { buildApplied, buildContainer, buildDependency, buildExited, buildService, buildStack } from "./build.ts";

const MIB = 1024 * 1024;
const WEB: JsonObject = {
  ...{ mem_limit: "67108864", restart: "always" },
  networks: { default: null, back: { aliases: ["www"], ipv4_address: "10.0.0.7" } },
};
const attach = (name: string, networkId = name) => ({ [name]: { networkId, endpointId: "e" } });
const NETWORKS = ["shop_default", "real-back", "extra"].map((name) => buildNetwork(name, name));
const ENDPOINTS = {
  shop_default: { endpointId: "e", aliases: ["shop-web-1", "web"] },
  "real-back": { endpointId: "e", aliases: ["shop-web-1", "web", "www"], ipv4Address: "10.0.0.7" },
};

function shop(web: JsonObject = WEB, over: Partial<DesiredService> = {}): DesiredStack {
  const networks = { default: { name: "shop_default" }, back: { name: "real-back" } };
  return buildStack("shop", [buildService("web", over)], { model: { services: { web }, networks } });
}

interface Case {
  readonly what: string;
  readonly stack?: DesiredStack;
  readonly container?: Partial<ObservedContainer>;
  readonly others?: readonly ObservedContainer[];
  readonly endpoints?: ContainerDetails["endpoints"];
  readonly limits?: Partial<Limits>;
  readonly networks?: readonly ObservedNetwork[] | "unknown";
  readonly limitsSwap?: boolean;
  /** `kind: cause` of each drift, and the steps that heal it. */
  readonly drift: readonly string[];
  readonly steps?: readonly string[];
}

function look(item: Case) {
  const { stack = shop(), others = [], endpoints = ENDPOINTS, networks = NETWORKS } = item;
  const container = buildContainer("shop", "web", {
    networks: { ...attach("shop_default"), ...attach("real-back") },
    ...item.container,
  });
  const right = readLimits((stack.model["services"] as { web?: JsonObject }).web ?? {});
  const details = { limits: { ...right, ...item.limits }, restartCount: 0, oomKilled: false, startedAtMs: 0, endpoints };
  const containers = [container, ...others];
  const drift = detectDrift({
    ...{ stack, containers, applied: buildApplied(stack), details: new Map([[container.id, details]]) },
    ...(networks === "unknown" ? {} : { networks }),
    ...(item.limitsSwap === undefined ? {} : { limitsSwap: item.limitsSwap }),
  });
  const steps = planStack({ stack, containers, drift: drift.filter(({ mode }) => mode === "heal"), placed: {} });
  return { drift, steps };
}

const RENAMED: readonly Case[] = [
  {
    what: "a container that was renamed",
    container: { name: "mine" },
    drift: ["renamed: container mine was renamed, it is shop-web-1"],
    steps: ["rename mine to shop-web-1"],
  },
  {
    what: "one whose name the Compose file gives",
    stack: shop(WEB, { containerName: "fancy" }),
    container: { name: "shop-web-1" },
    drift: ["renamed: container shop-web-1 was renamed, it is fancy"],
    steps: ["rename shop-web-1 to fancy"],
  },
  { what: "the name of the Compose file", stack: shop(WEB, { containerName: "fancy" }), container: { name: "fancy" }, drift: [] },
  {
    what: "one that does not run, which is renamed before it is started",
    container: { name: "mine", state: "exited", exitCode: 1 },
    drift: ["renamed: container mine was renamed, it is shop-web-1", "stopped: container mine is exited with code 1"],
    steps: ["rename mine to shop-web-1", "start mine"],
  },
  {
    what: "a job that has done its work",
    stack: shop(WEB, { oneShot: true }),
    container: { name: "mine", state: "exited", exitCode: 0 },
    drift: ["renamed: container mine was renamed, it is shop-web-1"],
    steps: ["rename mine to shop-web-1"],
  },
  {
    what: "a successor that Compose did not come to rename",
    container: { name: "0123456789ab_shop-web-1", state: "created" },
    drift: [
      "renamed: container 0123456789ab_shop-web-1 is to be shop-web-1, and its replacement was interrupted before that",
      "stopped: container 0123456789ab_shop-web-1 is created but not started",
    ],
    steps: ["rename 0123456789ab_shop-web-1 to shop-web-1", "start 0123456789ab_shop-web-1"],
  },
  {
    what: "a successor beside the one that it was to replace",
    container: { name: "0123456789ab_shop-web-1", id: "new", state: "created" },
    others: [buildContainer("shop", "web", { id: "0123456789abcdef" })],
    drift: [
      "replicas: service web has 2 containers of 1",
      "stopped: container 0123456789ab_shop-web-1 is created but not started",
    ],
    steps: ["remove 0123456789ab_shop-web-1", "create web"],
  },
  {
    what: "one that has the name of a missing replica, which Compose would not get",
    stack: shop(WEB, { replicas: 2 }),
    container: { name: "shop-web-2" },
    drift: ["replicas: service web has 1 container of 2", "renamed: container shop-web-2 was renamed, it is shop-web-1"],
    steps: ["rename shop-web-2 to shop-web-1", "create web"],
  },
  { what: "one that is being removed", container: { name: "mine", state: "removing" }, drift: [] },
  {
    what: "one that is replaced anyway",
    container: { name: "mine", digest: "1.old.files" },
    drift: ["definition: service web: its definition has changed"],
    steps: ["recreate web"],
  },
];

const both = (...more: object[]) => Object.assign({}, attach("shop_default"), attach("real-back"), ...more);

const NETWORK: readonly Case[] = [
  { what: "a container that is where it should be", drift: [] },
  {
    what: "a network that was disconnected",
    container: { networks: attach("shop_default") },
    drift: ["network: container shop-web-1 is not connected to network real-back"],
    steps: ["connect shop-web-1 to real-back"],
  },
  {
    what: "a network that was connected",
    container: { networks: both(attach("extra")) },
    drift: ["network: container shop-web-1 is connected to network extra, which is none of its service's"],
    steps: ["disconnect shop-web-1 from extra"],
  },
  {
    what: "both at once",
    container: { networks: { ...attach("extra"), ...attach("real-back") } },
    drift: [
      "network: container shop-web-1 is connected to network extra, which is none of its service's",
      "network: container shop-web-1 is not connected to network shop_default",
    ],
    steps: ["disconnect shop-web-1 from extra", "connect shop-web-1 to shop_default"],
  },
  {
    what: "a container that does not run, which is connected before it is started",
    container: { networks: attach("shop_default"), state: "exited", exitCode: 1 },
    drift: [
      "network: container shop-web-1 is not connected to network real-back",
      "stopped: container shop-web-1 is exited with code 1",
    ],
    steps: ["connect shop-web-1 to real-back", "start shop-web-1"],
  },
  {
    what: "a network that was connected again without the names",
    endpoints: { ...ENDPOINTS, "real-back": { endpointId: "e", aliases: ["shop-web-1"], ipv4Address: "10.0.0.7" } },
    drift: ["network: container shop-web-1 is on network real-back without the names web, www"],
    steps: ["disconnect shop-web-1 from real-back", "connect shop-web-1 to real-back"],
  },
  {
    what: "a network that was connected again without its address",
    endpoints: { ...ENDPOINTS, "real-back": { endpointId: "e", aliases: ["web", "www"] } },
    drift: ["network: container shop-web-1 is on network real-back with an address of the engine's instead of 10.0.0.7"],
    steps: ["disconnect shop-web-1 from real-back", "connect shop-web-1 to real-back"],
  },
  {
    what: "an IPv6 address in another spelling",
    stack: shop({ networks: { default: { ipv6_address: "2001:DB8:0::7" } } }),
    container: { networks: attach("shop_default") },
    endpoints: { shop_default: { endpointId: "e", aliases: ["web"], ipv6Address: "2001:db8::7" } },
    drift: [],
  },
  {
    what: "a container that never ran, and has no ids yet",
    container: { networks: { ...attach("shop_default", ""), ...attach("real-back", "") }, state: "created" },
    drift: ["stopped: container shop-web-1 is created but not started"],
    steps: ["start shop-web-1"],
  },
  {
    what: "a network that was removed and made anew",
    container: { networks: { ...attach("shop_default"), ...attach("real-back", "old") }, state: "exited", exitCode: 1 },
    drift: ["network: container shop-web-1 holds on to network real-back as it was before it was removed and made anew"],
    steps: ["recreate web"],
  },
  {
    what: "a network that is gone",
    container: { state: "exited", exitCode: 1 },
    networks: NETWORKS.slice(0, 1),
    drift: ["network: container shop-web-1 cannot use network real-back, which is gone"],
    steps: ["recreate web"],
  },
  {
    what: "a network that is gone and that nobody is connected to",
    container: { networks: attach("shop_default") },
    networks: NETWORKS.slice(0, 1),
    drift: ["network: container shop-web-1 cannot use network real-back, which is gone"],
    steps: ["recreate web"],
  },
  {
    what: "networks that the engine does not tell",
    container: { networks: { ...attach("shop_default", "old"), ...attach("extra") } },
    networks: "unknown",
    drift: [
      "network: container shop-web-1 is connected to network extra, which is none of its service's",
      "network: container shop-web-1 is not connected to network real-back",
    ],
    steps: ["disconnect shop-web-1 from extra", "connect shop-web-1 to real-back"],
  },
  {
    what: "two networks of one name, as engines allowed",
    networks: [...NETWORKS, buildNetwork("real-back", "another")],
    drift: [],
  },
  {
    what: "a job that has done its work",
    stack: shop(WEB, { oneShot: true }),
    container: { networks: attach("real-back", "old"), state: "exited", exitCode: 0 },
    drift: [],
  },
  {
    what: "a job that failed and is to run again",
    stack: shop(WEB, { oneShot: true }),
    container: { networks: { ...attach("shop_default"), ...attach("real-back", "old") }, state: "exited", exitCode: 1 },
    drift: ["network: container shop-web-1 holds on to network real-back as it was before it was removed and made anew"],
    steps: ["recreate web"],
  },
  {
    what: "one that should be without any network",
    stack: shop({ network_mode: "none" }),
    container: { networks: attach("shop_default") },
    networks: [...NETWORKS, buildNetwork("none", "none")],
    drift: ["network: container shop-web-1 is connected to network shop_default, which is none of its service's"],
    steps: ["recreate web"],
  },
  {
    what: "one that lives in the network of another",
    stack: shop({ network_mode: "service:vpn" }),
    container: { networks: {} },
    drift: [],
  },
  {
    what: "links, which only Compose can make",
    stack: shop({ networks: { default: null }, links: ["db"] }),
    container: { networks: {} },
    drift: ["network: container shop-web-1 is not connected to network shop_default"],
    steps: ["recreate web"],
  },
  {
    what: "networks that another Compose renders in another way",
    stack: shop(WEB, { toolChange: { tool: "2.40.3/1", digest: "1.new.files", fields: ["networks"] } }),
    container: { networks: {} },
    drift: [
      "tool-changed: Compose 2.40.3 renders service web differently than the version before it did: field networks; applied with its next real change",
    ],
  },
];

const LIMITS: readonly Case[] = [
  {
    what: "memory that was changed",
    limits: { memory: 128 * MIB, memorySwap: 256 * MIB },
    drift: ["limits: container shop-web-1 has memory 128 MiB instead of 64 MiB, memory with swap 256 MiB instead of 128 MiB"],
    steps: ["update shop-web-1: memory 64 MiB, memory with swap 128 MiB"],
  },
  {
    what: "the restart policy",
    limits: { restart: "no" },
    drift: ["limits: container shop-web-1 has restart no instead of always"],
    steps: ["update shop-web-1: restart always"],
  },
  {
    what: "a limit where there should be none",
    limits: { cpuShares: 512, restart: "no" },
    drift: [
      "limits: container shop-web-1 has cpu shares 512 instead of none, restart no instead of always; only a new container is without cpu shares",
    ],
    steps: ["recreate web"],
  },
  {
    what: "limits of a container that does not run, before it is started",
    container: { state: "exited", exitCode: 1 },
    limits: { pidsLimit: 5 },
    drift: ["limits: container shop-web-1 has pids 5 instead of none", "stopped: container shop-web-1 is exited with code 1"],
    steps: ["update shop-web-1: pids none", "start shop-web-1"],
  },
  {
    what: "a job at work whose limit cannot be taken back, since it would run twice",
    stack: shop(WEB, { oneShot: true }),
    limits: { cpuShares: 512 },
    drift: [],
  },
  {
    what: "a job at work whose limit can be set",
    stack: shop(WEB, { oneShot: true }),
    limits: { restart: "unless-stopped" },
    drift: ["limits: container shop-web-1 has restart unless-stopped instead of always"],
    steps: ["update shop-web-1: restart always"],
  },
  {
    what: "swap on a host that cannot limit it",
    limits: { memorySwap: -1 },
    limitsSwap: false,
    drift: [],
  },
  {
    what: "limits that another Compose renders in another way",
    stack: shop(WEB, { renderedBy: "2.26.1/1", toolChange: { tool: "2.40.3/1", digest: "1.n.f", fields: ["cpus", "deploy"] } }),
    limits: { nanoCpus: 5 },
    drift: [
      "tool-changed: Compose 2.40.3 renders service web differently than 2.26.1 did: fields cpus, deploy; applied with its next real change",
    ],
  },
];

for (const [title, cases] of [
  ["names", RENAMED],
  ["networks", NETWORK],
  ["limits", LIMITS],
] as const) {
  describe(`drift of ${title}`, () => {
    for (const item of cases) {
      test(`must be found and healed: ${item.what}`, () => {
        const { drift, steps } = look(item);
        assert.deepEqual(
          drift.map(({ kind, cause }) => `${kind}: ${cause}`),
          item.drift,
        );
        assert.deepEqual(steps.map(describeStep), item.steps ?? []);
      });
    }
  });
}

describe("drift of a container", () => {
  test("must name it, what was expected and what is", () => {
    const [limits] = look({ what: "", limits: { restart: "no" }, drift: [] }).drift;
    assert.deepEqual(limits, {
      ...{ stack: "shop", kind: "limits", mode: "heal", origin: "host", service: "web" },
      ...{ container: "shop-web-1", containerId: "id-shop-web-1", expected: "restart always", actual: "restart no" },
      cause: "container shop-web-1 has restart no instead of always",
      remedy: { action: "update", limits: { restart: "always" } },
    });
    const [network] = look({ what: "", container: { networks: attach("shop_default") }, drift: [] }).drift;
    assert.deepEqual(
      [network?.container, network?.expected, network?.actual, network?.remedy],
      [
        ...["shop-web-1", "connected to real-back", "not connected"],
        { action: "connect", network: "real-back", endpoint: { aliases: ["web", "www"], ipv4Address: "10.0.0.7" } },
      ],
    );
  });

  test("must not wait for what its service depends on, but for starting it", () => {
    const web = buildService("web", { dependencies: [buildDependency("db", "service_healthy")] });
    const model = { services: { web: WEB }, networks: { default: { name: "shop_default" }, back: { name: "real-back" } } };
    const stack = buildStack("shop", [buildService("db"), web], { model });
    const containers = [{ ...buildExited("shop", "web", 1), networks: attach("shop_default") }, buildContainer("shop", "db")];
    const drift = detectDrift({ stack, containers, applied: buildApplied(stack) });
    const steps = planStack({ stack, containers, drift, placed: {} });
    assert.deepEqual(
      steps.map((step) => [step.action, step.after.length]),
      [
        ["connect", 0],
        ["start", 1],
      ],
    );
  });

  test("must be hidden by a mode of report or ignore, like any other", () => {
    for (const mode of ["report", "ignore"] as const) {
      const stack = { ...shop(), drift: { mode: "heal" as const, rules: { limits: mode, network: mode, renamed: mode } } };
      const item = { what: "", stack, container: { name: "mine", networks: {} }, limits: { restart: "no" }, drift: [] };
      const { drift, steps } = look(item);
      assert.deepEqual([drift.length > 0, drift.every((one) => one.mode === "report"), steps], [mode === "report", true, []]);
    }
  });
});
