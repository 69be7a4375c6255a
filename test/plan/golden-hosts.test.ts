import type { AppliedStack } from "../../agent/plan/applied-stack.ts";
import { buildNetwork } from "../fakes/engine-model.ts";
import {
  buildApplied,
  buildContainer,
  buildDetails,
  buildExited,
  buildForeignContainer,
  buildImage,
  buildService,
  buildStack,
  IMAGE,
  NOW_MS,
} from "./build.ts";
import { testGoldens } from "./golden.ts";

const [DB, WEB] = [buildService("db"), buildService("web")];
const PAIR = buildStack("shop", [DB, WEB]);
const ONE = buildStack("shop", [WEB], { files: [{ path: "conf/web.conf", oid: "01", executable: false }] });
const LEFT: AppliedStack = { inputs: "i", revision: "a".repeat(40), services: {} };
const HERE = [buildImage(IMAGE)];

testGoldens("the plan of a host", [
  {
    must: "do nothing when nothing differs",
    stacks: [PAIR],
    containers: [buildContainer("shop", "db"), buildContainer("shop", "web")],
    plan: "box: nothing to do\n",
  },
  {
    must: "remove an orphan and report a stranger",
    stacks: [PAIR],
    containers: [
      ...[buildContainer("shop", "db"), buildContainer("shop", "web")],
      ...[buildContainer("shop", "cache"), buildForeignContainer("shop", "debug")],
    ],
    plan: `box:
shop
  remove shop-cache-1
      because container shop-cache-1 belongs to service cache, which the stack does not have
reported only
  shop: foreign: container shop-debug-1 belongs to service debug, which the stack does not have
`,
  },
  {
    must: "bring replicas up and down",
    stacks: [buildStack("shop", [buildService("db", { replicas: 2 }), WEB])],
    containers: [buildContainer("shop", "db"), buildContainer("shop", "web"), buildContainer("shop", "web", { number: 2 })],
    images: HERE,
    plan: `box:
shop
  create db, web
      because service db has 1 container of 2
      because service web has 2 containers of 1
`,
  },
  {
    must: "start what was stopped and unpause what was paused, without Compose",
    stacks: [PAIR],
    containers: [buildContainer("shop", "db", { state: "paused" }), buildExited("shop", "web", 0)],
    plan: `box:
shop
  unpause shop-db-1
      because container shop-db-1 is paused
  start shop-web-1
      because container shop-web-1 is exited with code 0
`,
  },
  {
    must: "recreate a service whose tag names another local image",
    stacks: [ONE],
    containers: [buildContainer("shop", "web", { image: "sha256:1111" })],
    images: [buildImage(IMAGE, "sha256:2222")],
    plan: `box:
shop
  recreate web
      because nginx:1.27 now names another local image than that of container shop-web-1
`,
  },
  {
    must: "mend what was changed by hand without replacing anything, and tell what cannot be mended",
    stacks: [
      buildStack("shop", [DB, WEB], {
        model: {
          services: {
            web: { networks: { default: null }, mem_limit: "67108864" },
            db: { network_mode: "none", restart: "always" },
          },
          networks: { default: { name: "shop_default", internal: true } },
          volumes: { data: { name: "shop_data", driver: "nfs" } },
        },
      }),
    ],
    containers: [
      buildContainer("shop", "db", { networks: { none: { networkId: "none", endpointId: "e" } } }),
      buildContainer("shop", "web", { name: "mine", networks: { far: { networkId: "far", endpointId: "e" } } }),
    ],
    networks: ["none", "shop_default", "far"].map((name) => buildNetwork(name, name)),
    volumes: [{ name: "shop_data", driver: "local", options: {}, labels: {} }],
    details: new Map([
      ["id-shop-db-1", buildDetails({ restart: "no" })],
      ["id-shop-web-1", buildDetails({ memory: 33_554_432, memorySwap: 134_217_728 })],
    ]),
    plan: `box:
shop
  update shop-db-1: restart always
      because container shop-db-1 has restart no instead of always
  rename mine to shop-web-1
      because container mine was renamed, it is shop-web-1
  disconnect mine from far
      because container mine is connected to network far, which is none of its service's
  connect mine to shop_default
      because container mine is not connected to network shop_default
  update mine: memory 64 MiB, memory with swap 128 MiB
      because container mine has memory 32 MiB instead of 64 MiB
reported only
  shop: volume: volume shop_data has driver local instead of nfs
  shop: network-definition: network shop_default has internal false instead of true
`,
  },
  {
    must: "replace all containers of a service where nothing else helps, and those of no other",
    stacks: [
      buildStack("shop", [DB, buildService("web", { replicas: 2 })], {
        model: { services: { web: {}, db: {} } },
      }),
    ],
    containers: [buildContainer("shop", "db"), buildContainer("shop", "web"), buildContainer("shop", "web", { number: 2 })],
    images: HERE,
    details: new Map([["id-shop-web-2", buildDetails({ nanoCpus: 500_000_000 })]]),
    plan: `box:
shop
  recreate web
      because container shop-web-2 has cpus 0.5 instead of none; only a new container is without cpus
`,
  },
  {
    must: "leave a project alone that is not Holdfast's, its files included",
    stacks: [ONE],
    applied: [],
    placed: new Map(),
    containers: [buildForeignContainer("shop", "web")],
    plan: `box:
shop: held: project shop already runs here without Holdfast (shop-web-1); set adopt: true in its stack.yaml to take it over
reported only
  shop: not-adopted: project shop already runs here without Holdfast (shop-web-1); set adopt: true in its stack.yaml to take it over
`,
  },
  {
    must: "take a project over that is to be adopted",
    stacks: [{ ...PAIR, adopt: true }],
    applied: [],
    containers: [buildForeignContainer("shop", "db"), buildForeignContainer("shop", "web")],
    images: HERE,
    plan: `box:
shop
  recreate db, web
      because container shop-db-1 was not created by Holdfast
      because container shop-web-1 was not created by Holdfast
`,
  },
  {
    must: "change nothing on a suspended host",
    stacks: [PAIR],
    host: { suspended: true },
    containers: [buildContainer("shop", "db")],
    images: HERE,
    plan: `box:
shop: held: the host is suspended (suspend: true in its host file)
  not healed: service-missing: service web has no container
`,
  },
  {
    must: "change nothing in a stack that is suspended by hand, and mend the other one",
    stacks: [PAIR, { ...PAIR, name: "blog" }],
    holds: { stacks: new Map([["shop", { sinceMs: NOW_MS - 60_000, untilMs: NOW_MS + 1, reason: "moving the disk" }]]) },
    containers: [buildContainer("shop", "db"), buildContainer("blog", "db")],
    images: HERE,
    plan: `box:
blog
  create web
      because service web has no container
shop: held: suspended with \`holdfast suspend\` since 2026-03-01T11:59:00Z until 2026-03-01T12:00:00Z: moving the disk
  not healed: service-missing: service web has no container
`,
  },
  {
    must: "go on where the time of a hold is over",
    stacks: [PAIR],
    holds: { host: { sinceMs: 0, untilMs: NOW_MS }, stacks: new Map([["shop", { sinceMs: 0, untilMs: NOW_MS - 1 }]]) },
    containers: [buildContainer("shop", "db")],
    images: HERE,
    plan: `box:
shop
  create web
      because service web has no container
`,
  },
  {
    must: "report and change nothing in mode report",
    stacks: [{ ...PAIR, drift: { mode: "report", rules: {} } }],
    containers: [buildContainer("shop", "db"), buildExited("shop", "web", 1)],
    plan: `box:
reported only
  shop: stopped: container shop-web-1 is exited with code 1
`,
  },
  {
    must: "do nothing in mode ignore",
    stacks: [{ ...PAIR, drift: { mode: "ignore", rules: {} } }],
    containers: [buildContainer("shop", "db", { health: "unhealthy" }), buildExited("shop", "web", 1)],
    plan: "box: nothing to do\n",
  },
  {
    must: "report a stack that left the repository, with everything that runs of it",
    stacks: [PAIR],
    host: { invalid: ["broken"] },
    containers: [
      ...[buildContainer("shop", "db"), buildContainer("shop", "web")],
      ...[buildContainer("gone", "b"), buildContainer("gone", "a"), buildContainer("broken", "a")],
      buildForeignContainer("unrelated", "a"),
    ],
    plan: `box:
reported only
  gone: unmanaged-stack: stack gone runs here (gone-a-1, gone-b-1) but the repository no longer has it for this host; Holdfast does not remember to have converged it, and leaves it (holdfast sync --allow-removal)
`,
  },
  {
    must: "remove a stack that left with a revision that was accepted, before anything else, and nothing that is not Holdfast's",
    stacks: [PAIR],
    removals: new Map([["gone", "b".repeat(40)]]),
    placed: new Map([
      ["shop", {}],
      ["gone", { "compose.yaml": "1", "conf/x": "2" }],
    ]),
    containers: [
      ...[buildContainer("shop", "db"), buildExited("shop", "web", 1)],
      ...[buildContainer("gone", "b"), buildContainer("gone", "a"), buildForeignContainer("gone", "theirs")],
    ],
    plan: `box:
gone
  remove gone-a-1
      because stack gone is not in the repository since bbbbbbbbbbbb
  remove gone-b-1
      because stack gone is not in the repository since bbbbbbbbbbbb
  remove the networks of gone
      because stack gone is not in the repository since bbbbbbbbbbbb
  remove 2 files
      because stack gone is not in the repository since bbbbbbbbbbbb
shop
  start shop-web-1
      because container shop-web-1 is exited with code 1
`,
  },
  {
    placed: new Map(["back", "middle", "front", "shop"].map((name) => [name, name === "shop" ? {} : { a: "1" }])),
    must: "remove what needs another stack before that one, and name the volumes and data that stay",
    stacks: [PAIR],
    removals: new Map(["back", "middle", "front"].map((name) => [name, "b".repeat(40)])),
    applied: [
      ["shop", buildApplied(PAIR)],
      [
        "back",
        {
          ...LEFT,
          data: { volumes: ["back_data", "back_gone"], paths: ["/srv/it's here", "/var/lib/holdfast/stacks/back/data"] },
        },
      ],
      ["front", { ...LEFT, dependsOn: ["middle", "shop"] }],
      ["middle", { ...LEFT, dependsOn: ["back"] }],
    ],
    volumes: [
      { name: "back_data", driver: "local", options: {}, labels: {} },
      { name: "old", driver: "local", options: {}, labels: { "com.docker.compose.project": "middle" } },
      { name: "theirs", driver: "local", options: {}, labels: { "com.docker.compose.project": "other" } },
    ],
    containers: [
      ...[buildContainer("shop", "db"), buildContainer("shop", "web")],
      ...[buildContainer("back", "a"), buildContainer("front", "a"), buildContainer("middle", "a")],
    ],
    plan: `box:
${["front", "middle", "back"]
  .map(
    (name) => `${name}
  remove ${name}-a-1
      because stack ${name} is not in the repository since bbbbbbbbbbbb
  remove the networks of ${name}
      because stack ${name} is not in the repository since bbbbbbbbbbbb
  remove 1 file
      because stack ${name} is not in the repository since bbbbbbbbbbbb
${name === "middle" ? "  volume old stays; to delete it: docker volume rm old\n" : ""}`,
  )
  .join("")}  volume back_data stays; to delete it: docker volume rm back_data
  /srv/it's here stays; to delete it: rm -r '/srv/it'\\''s here'
  /var/lib/holdfast/stacks/back/data stays; to delete it: rm -r /var/lib/holdfast/stacks/back/data
`,
  },
]);
