import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { readExample } from "./read-example.ts";
import { type Host, startHost } from "./start-host.ts";

const plugins = await listComposePlugins();
const EXAMPLE = join(import.meta.dirname, "../../desired-state");

function writeHostEnv(host: Host, name: string, text: string): void {
  mkdirSync(join(host.directory, "env"), { recursive: true });
  writeFileSync(join(host.directory, "env", name), text, { mode: 0o600 });
}

async function describeHost(host: Host): Promise<string[]> {
  return (await host.containers()).map((container) => `${container.name} ${container.state} ${container.health}`).sort();
}

/** Waits until the hosts' containers are these. */
async function waitFor(hosts: readonly Host[], expected: readonly string[]): Promise<void> {
  let seen: string[] = [];
  await waitUntil("every container is as expected", async () => {
    seen = (await Promise.all(hosts.map(describeHost))).flat();
    return seen.join("\n") === expected.join("\n");
  }).catch(() => assert.deepEqual(seen, expected));
}

/** The same for every version of Compose that can be had here. */
function describeEach(title: string, body: (plugin: string) => void): void {
  for (const { version, path } of plugins) describe(`${title} with Compose ${version}`, () => body(path));
}

/** What has converged differs in nothing that the engine tells. */
async function assertNoDrift(hosts: Iterable<Host>): Promise<void> {
  for (const host of hosts) {
    // Everything is looked at, as at an audit.
    delete host.memory().watch.auditedAtMs;
    await host.tick();
    assert.deepEqual(host.memory().plan?.drift, []);
  }
}

describeEach("the example's GPU box", (plugin) => {
  const STORAGE = "/cold-storage";
  const storage = createTemporaryDirectory("hf-storage-");
  const made = !existsSync(STORAGE);
  let host: Host;
  before(async () => {
    if (made) mkdirSync(STORAGE);
    const images = [
      "jc21/nginx-proxy-manager:2.12.6",
      "pihole/pihole:2025.11.0",
      "ollama/ollama:0.13.5",
      "ghcr.io/open-webui/open-webui:v0.6.41",
    ];
    host = await startHost({
      plugin,
      host: "gpu-box",
      images: [...images, "ghcr.io/ai-dock/comfyui:v2-cuda-12.1.1-base-22.04-v0.2.7"],
      engine: { addresses: ["100.64.0.5"], binds: { [STORAGE]: storage } },
    });
  });
  after(async () => {
    await host.stop();
    removeTemporaryDirectory(storage);
    if (made) rmdirSync(STORAGE);
  });

  it("must refuse what lacks its host environment file, and say how to make it", async () => {
    await host.push(readExample(host.alertmanager.url));
    assert.equal(await host.settle(), "invalid");
    assert.deepEqual(host.memory().desired?.invalid, ["ai", "pihole"]);
    await waitFor([host], ["proxy-nginx-proxy-manager-1 running healthy"]);
  });

  it("must converge proxy, DNS and AI in the order of their dependencies", async () => {
    writeHostEnv(host, "ai.env", "WEBUI_SECRET_KEY=a-secret-of-the-test\n");
    writeHostEnv(host, "pihole.env", "PIHOLE_PASSWORD=another-secret\n");
    assert.equal(await host.settle(), "converged");
    await waitFor(
      [host],
      [
        "ai-comfyui-1 running healthy",
        "ai-ollama-1 running healthy",
        "ai-open-webui-1 running healthy",
        "pihole-pihole-1 running healthy",
        "proxy-nginx-proxy-manager-1 running healthy",
      ],
    );
    const order = host.log.filter((line) => line.msg === "stack converged").map((line) => line["stack"]);
    assert.deepEqual(order, ["proxy", "pihole", "ai"]);
    await assertNoDrift([host]);
  });

  it("must publish on the VPN's address only, and see the GPU", async () => {
    const published = (await host.docker("ps", "--format", "{{.Ports}}")).match(/[\d.]+:\d+->/g) ?? [];
    assert.ok(published.length > 0 && published.every((port) => port.startsWith("100.64.0.5:")), published.join(" "));
    assert.match(await host.docker("exec", "ai-ollama-1", "nvidia-smi", "-L"), /GPU 0/);
    assert.match((await host.engine.exec(["curl", "-fsS", "http://100.64.0.5:81/"])).stdout, /./);
  });

  it("must replace one container for a pushed change of one service, and heal one that is removed", async () => {
    const before = new Map((await host.containers()).map((container) => [container.name, container.id]));
    const path = "desired-state/stacks/ai/compose.yaml";
    const text = readFileSync(join(EXAMPLE, "stacks/ai/compose.yaml"), "utf8").replace("mem_limit: 2g", "mem_limit: 3g");
    await host.push({ [path]: text });
    assert.equal(await host.settle(), "converged");
    const now = new Map((await host.containers()).map((container) => [container.name, container.id]));
    assert.deepEqual(
      [...now].filter(([name, id]) => before.get(name) !== id).map(([name]) => name),
      ["ai-open-webui-1"],
    );
    await host.docker("rm", "-f", "pihole-pihole-1");
    assert.equal(await host.settle(), "converged");
    assert.equal((await host.container("pihole-pihole-1"))?.state, "running");
  });
});

describeEach("the example's Pi cluster", (plugin) => {
  const addresses = { "pi-lb": 121, "pi-web1": 122, "pi-web2": 123, "pi-db": 124 };
  const images = {
    "pi-lb": ["nginx:1.28.0-alpine"],
    "pi-web1": ["node:24.21.0-alpine"],
    "pi-web2": ["node:24.21.0-alpine"],
    "pi-db": ["mariadb:10.11.18"],
  };
  const hosts = new Map<string, Host>();
  const bridge = `hfp${process.pid % 100_000}`;
  const get = (name: string): Host => {
    const host = hosts.get(name);
    assert.ok(host, name);
    return host;
  };
  before(async () => {
    let first: Host | undefined;
    for (const [name, last] of Object.entries(addresses)) {
      const engine = { addresses: [`192.168.254.${last}`], bridge };
      const host = await startHost({
        plugin,
        host: name,
        images: images[name as keyof typeof images],
        engine,
        ...(first ? { beside: first } : {}),
      });
      first ??= host;
      hosts.set(name, host);
    }
  });
  after(async () => {
    for (const host of [...hosts.values()].reverse()) await host.stop();
  });

  it("must converge every host from one push, the same stack on both web servers", async () => {
    const lb = get("pi-lb");
    await lb.push(readExample(lb.alertmanager.url));
    writeHostEnv(get("pi-db"), "pi-db.env", "MARIADB_ROOT_PASSWORD=root-of-the-test\nWEBAPP_DB_PASSWORD=app-of-the-test\n");
    for (const host of hosts.values()) assert.equal(await host.settle(), "converged");
    await waitFor(
      [...hosts.values()],
      [
        "pi-lb-nginx-1 running healthy",
        "pi-web-api-1 running healthy",
        "pi-web-api-1 running healthy",
        "pi-db-mariadb-1 running healthy",
      ],
    );
    await assertNoDrift(hosts.values());
  });

  it("must answer through the load balancer with the database behind it", async () => {
    const ask = () => get("pi-lb").engine.exec(["curl", "-sS", "http://192.168.254.121/api/health"]);
    let answer = "";
    await waitUntil("the API reaches the database", async () => {
      answer = (await ask()).stdout;
      return /"database":\s*(true|\{|"(ok|up|connected|reachable))/.test(answer);
    }).catch(() => assert.fail(answer));
  });
});
