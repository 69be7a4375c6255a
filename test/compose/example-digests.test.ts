import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openCompose } from "../../agent/compose/open-compose.ts";
import type { DesiredService, JsonObject } from "../../agent/model/desired.ts";
import type { TreeFile } from "../../agent/model/tree.ts";
import { shortDigest } from "../../agent/plan/desire/digest-service.ts";
import { labelModel } from "../../agent/plan/desire/label-model.ts";
import { type ComposePlugin, listComposePlugins } from "../engine/compose-plugins.ts";
import { buildRenderRequest, writeProject } from "./projects.ts";

const STACKS = join(import.meta.dirname, "../../desired-state/stacks");
const ADDRESS: Readonly<Record<string, string>> = { BIND_IP: "100.64.0.5", STORAGE: "/cold-storage" };
const never = new AbortController().signal;
const plugins = await listComposePlugins();

/** The fields of Compose files that versions have spelled out differently, all in one. */
const EVERYTHING = `
services:
  web:
    image: nginx:1.27
    build: .
    command: []
    entrypoint: ["/x"]
    env_file: [own.env]
    environment: {A: "1", EMPTY: "", NONE: }
    ports: ["127.0.0.1:80:80", "8080-8081:90-91/udp", {target: 99, published: "99", mode: host}]
    expose: ["1000"]
    volumes: [./conf:/conf:ro, data:/data, /anonymous, /etc/localtime:/etc/localtime, {type: tmpfs, target: /t, tmpfs: {size: 1000}}]
    configs: [inline, {source: file, target: /f, mode: 0440}]
    secrets: [s]
    depends_on: {db: {condition: service_healthy, restart: true}, job: {condition: service_completed_successfully}}
    healthcheck: {test: "true", interval: 1m30s, start_period: 2s}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 64M}, reservations: {devices: [{capabilities: [gpu], count: all}]}}}
    ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
    logging: {driver: json-file, options: {max-size: 10m}}
    devices: ["/dev/null:/dev/zero"]
    extra_hosts: ["a:1.2.3.4", "b=host-gateway"]
    dns: 1.1.1.1
    sysctls: {net.core.somaxconn: 1024}
    tmpfs: /run
    cap_add: [NET_ADMIN]
    security_opt: ["no-new-privileges:true"]
    stop_grace_period: 1m
    init: true
    privileged: false
    user: "1000"
    labels: [a=b]
    networks: {front: {aliases: [w], ipv4_address: 10.0.0.2}, default: }
    profiles: [all]
    x-note: kept
  db: {image: "db:16", healthcheck: {disable: true}, mem_limit: 1g, cpus: 1.5, shm_size: 64m, restart: always}
  job: {image: "a", command: "sh -c 'echo $$HOME'", network_mode: "service:db", pid: host, stdin_open: true, tty: true}
volumes: {data: }
networks: {front: {ipam: {config: [{subnet: 10.0.0.0/24}]}}}
configs: {inline: {content: "a=$$x"}, file: {file: ./conf/a}}
secrets: {s: {environment: S}}
`;

async function label(plugin: ComposePlugin, directory: string, envFiles: readonly string[], files: readonly TreeFile[]) {
  const compose = openCompose({ socket: "/nonexistent/docker.sock", plugin: plugin.path });
  const rendered = await compose.render({ ...buildRenderRequest(directory), envFiles, profiles: ["all"] }, never);
  return labelModel({ stack: "shop", rendered, renderedRoot: directory, root: "/srv/shop", files, variables: { S: "secret" } });
}

function listFiles(directory: string): TreeFile[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { path: path.slice(directory.length + 1), oid: shortDigest(readFileSync(path, "utf8")), mode: "100644" };
  });
}

/** An environment file with a value for every `${NAME}` of a Compose file. */
function writeVariables(directory: string): string {
  const names = readFileSync(join(directory, "compose.yaml"), "utf8").matchAll(/\$\{(\w+)\}/g);
  const lines = [...new Set([...names].map(([, name = ""]) => name))].map((name) => `${name}=${ADDRESS[name] ?? "10.0.0.1"}`);
  return join(writeProject({ "all.env": `${lines.join("\n")}\n` }), "all.env");
}

function assertSame(all: readonly (readonly DesiredService[])[]): void {
  const [first, ...others] = all;
  assert.ok(first !== undefined && first.length > 0);
  for (const other of others) assert.deepEqual(other, first);
}

describe(`a change of Compose between ${plugins.map((plugin) => plugin.version).join(" and ")} must recreate nothing of`, () => {
  test("two versions, or this tells nothing", () => assert.ok(plugins.length >= 2));

  for (const stack of readdirSync(STACKS)) {
    test(`the example stack ${stack}`, async () => {
      const directory = join(STACKS, stack);
      const variables = writeVariables(directory);
      const labelled = await Promise.all(plugins.map((plugin) => label(plugin, directory, [variables], listFiles(directory))));
      assertSame(labelled.map(({ services }) => services));
    });
  }

  test("a stack that uses a bit of everything", async () => {
    const directory = writeProject({ "compose.yaml": EVERYTHING, "own.env": "B=2\n", "conf/a": "x" });
    const labelled = await Promise.all(plugins.map((plugin) => label(plugin, directory, [], listFiles(directory))));
    assertSame(labelled.map(({ services }) => services));
    for (const { model, services } of labelled) {
      const web = services.find((service) => service.name === "web");
      assert.deepEqual([web?.replicas, Object.keys(web?.files ?? {}), web?.dependencies.length], [2, ["conf/a"], 2]);
      for (const service of Object.values(model["services"] as Record<string, JsonObject>)) assert.ok(!("depends_on" in service));
    }
  });
});
