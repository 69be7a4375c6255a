import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import Docker from "dockerode";
import { openCompose } from "../../agent/compose/open-compose.ts";
import { openEngine } from "../../agent/engine/open-engine.ts";
import type { DesiredStack } from "../../agent/model/desired.ts";
import type { Drift } from "../../agent/model/drift.ts";
import { labelModel } from "../../agent/plan/desire/label-model.ts";
import { detectDrift } from "../../agent/plan/drift/detect-drift.ts";
import { planStack } from "../../agent/plan/plan-stack.ts";
import { executeStep } from "../../agent/reconcile/converge/execute.ts";
import { createMemory } from "../../agent/reconcile/memory.ts";
import { observeHost } from "../../agent/reconcile/observe/observe-host.ts";
import { buildRenderRequest, writeProject } from "../compose/projects.ts";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { buildApplied, buildHost, buildStack } from "../plan/build.ts";
import { createFakeStore } from "../reconcile/fake-ports.ts";

const never = new AbortController().signal;
const clock = { nowMs: () => 0, random: () => 0, wait: async () => undefined };

/** Every way to set a limit, and values that are rounded on their way. */
const LIMITS = [
  "mem_limit: 64m",
  "mem_limit: 100000000",
  "mem_limit: 64m, mem_reservation: 32m",
  "mem_limit: 64m, memswap_limit: 96m",
  "mem_limit: 64m, memswap_limit: 64m",
  "mem_limit: 64m, memswap_limit: -1",
  "mem_limit: 64m, mem_swappiness: 10",
  "mem_reservation: 32m",
  "memswap_limit: -1",
  ...["0.1", "0.3", "0.333333", "0.7", "1.1", "1.9", "2"].map((cpus) => `cpus: ${cpus}`),
  "cpu_shares: 512",
  "cpu_quota: 50000",
  "cpu_quota: 20000, cpu_period: 50000",
  "cpu_period: 50000",
  "cpuset: '0'",
  "cpuset: '0-1'",
  "pids_limit: 50",
  "pids_limit: -1",
  "blkio_config: {weight: 300}",
  ...["'no'", "always", "unless-stopped", "on-failure", "'on-failure:3'"].map((restart) => `restart: ${restart}`),
  "deploy: {resources: {limits: {cpus: '0.25', memory: 50M, pids: 20}}}",
  "deploy: {resources: {limits: {cpus: '0.7'}}}",
  "deploy: {resources: {limits: {memory: 64M}, reservations: {cpus: '0.25', memory: 20M}}}",
  "mem_limit: 64m, deploy: {resources: {limits: {memory: 64M}}}",
  "mem_limit: 64m, memswap_limit: 96m, deploy: {resources: {limits: {memory: 64M, cpus: '0.5'}}}",
  ...["none", "on-failure", "any"].map((condition) => `deploy: {restart_policy: {condition: ${condition}}}`),
  "deploy: {restart_policy: {condition: on-failure, max_attempts: 2, delay: 1s}}",
  "deploy: {restart_policy: {}}",
  "deploy: {restart_policy: {max_attempts: 0}}",
  "restart: always, deploy: {restart_policy: {condition: on-failure}}",
  "restart: always, deploy: {replicas: 1}",
];

const SLEEP = 'image: busybox:1.35, command: [sleep, "1000"], init: true';

/** Services that need a container which runs. */
const LAST = ["guest"];

/** Ways to be on a network, and definitions of networks and volumes. */
const REST = `
  plain: {${SLEEP}}
  many: {${SLEEP}, scale: 3}
  named: {${SLEEP}, container_name: fancy, hostname: other, links: ["plain:linked"]}
  two: {${SLEEP}, networks: {back: {aliases: [b1, b2], priority: 10}, front: {ipv4_address: 10.97.0.7, link_local_ips: [169.254.9.9]}}}
  six: {${SLEEP}, networks: {six: {ipv6_address: "2001:db8:97:0::0:9"}}}
  mac: {${SLEEP}, networks: {back: {mac_address: "02:42:ac:11:65:44"}}}
  oldmac: {${SLEEP}, mac_address: "02:42:ac:11:65:43", networks: {back: , front: }}
  outside: {${SLEEP}, networks: [external]}
  host: {${SLEEP}, network_mode: host}
  none: {${SLEEP}, network_mode: none}
  bridge: {${SLEEP}, network_mode: bridge}
  lodger: {${SLEEP}, network_mode: "service:plain"}
  guest: {${SLEEP}, network_mode: "container:fancy"}
  stateful: {${SLEEP}, volumes: ["kept:/a", "memory:/b", "named:/c", "outside:/d", "/e"]}
  job: {image: busybox:1.35, command: ["true"], labels: {holdfast.one-shot: "true"}}
networks:
  back: {internal: true, labels: {tier: back}, attachable: true}
  front:
    name: realfront
    driver: bridge
    driver_opts: {com.docker.network.driver.mtu: 1400}
    ipam: {driver: default, config: [{subnet: 10.97.0.0/16, ip_range: 10.97.1.0/24, gateway: 10.97.0.1, aux_addresses: {x: 10.97.1.3}}]}
  six: {enable_ipv6: true, ipam: {config: [{subnet: "2001:db8:97:0::0/64"}]}}
  external: {external: true, name: somebodys}
volumes:
  kept: {labels: [keep=yes]}
  memory: {driver: local, driver_opts: {type: tmpfs, device: tmpfs, o: "size=1m"}}
  named: {name: own-name}
  outside: {external: true, name: somebodys}
`;

/** What people do to the containers, what it is told as, and how it is mended without Compose. */
const BY_HAND: readonly (readonly [string, readonly string[], string, readonly string[]])[] = [
  ["limited", ["update", "--memory", "48m"], "memory 48 MiB instead of 64 MiB", ["update"]],
  ["limited", ["update", "--memory", "80m", "--memory-swap", "200m"], "memory with swap 200 MiB instead of 128 MiB", ["update"]],
  ["limited", ["update", "--memory-swap", "-1"], "memory with swap none instead of 128 MiB", ["update"]],
  ["limited", ["update", "--cpus", "1.5"], "cpus 1.5 instead of 0.5", ["update"]],
  ["limited", ["update", "--pids-limit", "-1"], "pids none instead of 20", ["update"]],
  ["limited", ["update", "--restart", "no"], "restart no instead of always", ["update"]],
  ["free", ["update", "--pids-limit", "20"], "pids 20 instead of none", ["update"]],
  ["free", ["update", "--cpu-quota", "20000"], "cpu quota 20000 instead of none", ["update"]],
  ["free", ["update", "--cpu-period", "50000"], "cpu period 50000 instead of none", ["update"]],
  ["free", ["update", "--restart", "on-failure:2"], "restart on-failure:2 instead of no", ["update"]],
  ["free", ["rename", "shop-free-1", "mine"], "container mine was renamed, it is shop-free-1", ["rename"]],
  ["free", ["network", "disconnect", "shop_default"], "is not connected to network shop_default", ["connect"]],
  ["free", ["network", "connect", "bridge"], "is connected to network bridge", ["disconnect"]],
  ["placed", ["network", "disconnect", "shop_back"], "is not connected to network shop_back", ["connect"]],
];

for (const plugin of await listComposePlugins()) {
  describe(`what Compose ${plugin.version} made must`, () => {
    let real: Engine;
    let docker: Docker;
    before(async () => {
      real = await startEngine();
      docker = new Docker({ socketPath: real.socket });
      await loadImages(real.socket, ["busybox:1.35"]);
      await docker.createNetwork({ Name: "somebodys", Labels: { whatever: "1" } });
      await docker.createVolume({ Name: "somebodys", Labels: { whatever: "1" } });
    });
    afterEach(async () => {
      for (const { Id } of await docker.listContainers({ all: true })) await docker.getContainer(Id).remove({ force: true });
      // Nobody else's: the next project is to make its own.
      await openEngine({ socket: real.socket }).removeNetworks("shop", never);
    });
    after(() => real?.stop());

    async function start(text: string): Promise<DesiredStack> {
      const directory = writeProject({ "compose.yaml": text });
      await mkdir(directory, { recursive: true });
      const compose = openCompose({ socket: real.socket, plugin: plugin.path });
      const rendered = await compose.render(buildRenderRequest(directory), never);
      const request = { stack: "shop", rendered, renderedRoot: directory, root: directory, files: [], variables: {} };
      const { model, services, environment } = labelModel(request);
      const modelFile = join(directory, "model.json");
      await writeFile(modelFile, JSON.stringify(model));
      const project = { project: "shop", directory, modelFile, environment };
      const names = services.map((service) => service.name);
      const first = names.filter((name) => !LAST.includes(name));
      await compose.up({ ...project, services: first, recreate: false }, never);
      if (first.length < names.length) await compose.up({ ...project, services: LAST, recreate: false }, never);
      return buildStack("shop", services, { model });
    }

    async function look(stack: DesiredStack): Promise<Drift[]> {
      const engine = openEngine({ socket: real.socket });
      const { files: _files, ...observed } = await observeHost(
        buildHost([stack]),
        { engine, clock, store: createFakeStore() },
        createMemory(),
        never,
      );
      return detectDrift({ stack, ...observed, applied: buildApplied(stack) });
    }

    test("show no drift, whatever its limits are", async () => {
      const services = LIMITS.map((limits, index) => `  s${index}: {${SLEEP}, ${limits}}\n`);
      const stack = await start(`services:\n${services.join("")}`);
      assert.equal(stack.services.length, LIMITS.length);
      assert.deepEqual(
        (await look(stack)).map((item) => item.cause),
        [],
      );
    });

    test("be as before once what was changed by hand is mended", async () => {
      const services = [
        `  limited: {${SLEEP}, mem_limit: 64m, cpus: 0.5, pids_limit: 20, restart: always}\n`,
        `  free: {${SLEEP}}\n`,
        `  placed: {${SLEEP}, networks: {back: {ipv4_address: 10.96.0.9, aliases: [there]}}}\n`,
      ];
      const networks = "networks: {back: {ipam: {config: [{subnet: 10.96.0.0/16}]}}}\n";
      const stack = await start(`services:\n${services.join("")}${networks}`);
      const before = await openEngine({ socket: real.socket }).listContainers(never);
      for (const [service, argv, told, actions] of BY_HAND) {
        await real.docker(argv[0] === "rename" ? argv : [...argv, `shop-${service}-1`]);
        const drift = await look(stack);
        assert.ok(
          drift.some(({ cause }) => cause.includes(told)),
          `${argv.join(" ")}: ${drift.map(({ cause }) => cause).join("; ")}`,
        );
        const steps = planStack({
          stack,
          containers: await openEngine({ socket: real.socket }).listContainers(never),
          drift,
          placed: {},
        });
        assert.deepEqual(
          steps.map(({ action }) => action),
          actions,
        );
        for (const step of steps) await executeStep(step, stack, { engine: openEngine({ socket: real.socket }) } as never, never);
        assert.deepEqual(
          (await look(stack)).map(({ cause }) => cause),
          [],
          argv.join(" "),
        );
      }
      const now = await openEngine({ socket: real.socket }).listContainers(never);
      const summary = (list: typeof now) => list.map(({ id, name, state }) => `${id} ${name} ${state}`).sort();
      assert.deepEqual(summary(now), summary(before));
      // Names and addresses are those that others know.
      const address = await real.docker(["exec", "shop-placed-1", "nslookup", "there"]);
      assert.match(address.stdout, /10\.96\.0\.9/);
    });

    test("show no drift, whatever its networks and volumes are", async () => {
      const stack = await start(`services:${REST}`);
      const found = await waitUntil("the job has ended", async () => {
        const drift = await look(stack);
        return (await docker.getContainer("shop-job-1").inspect()).State.Status === "exited" && drift;
      });
      assert.deepEqual(
        found.map((item) => item.cause),
        [],
      );
    });
  });
}
