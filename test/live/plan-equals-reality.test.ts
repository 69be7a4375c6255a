import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { assertPlanned } from "./assert-planned.ts";
import { readExample } from "./read-example.ts";
import { fleet, type Host, startHost } from "./start-host.ts";

const STACK = "desired-state/stacks/shop";

/** A stack with what plans are about: a mounted file, a volume, a restart with a dependency, a one-shot, a namespace that is shared. */
const SHOP = `services:
  db:
    image: busybox:1.35
    restart: always
    init: true
    command: [sleep, "100000"]
    volumes: [data:/data]
  migrate:
    image: busybox:1.35
    command: ["true"]
    depends_on: [db]
  api:
    image: busybox:1.35
    restart: always
    init: true
    command: [sleep, "100000"]
    environment: {DB_HOST: db, SECRET: "\${FROM_HOST}"}
    depends_on:
      db: {condition: service_started, restart: true}
      migrate: {condition: service_completed_successfully}
  web:
    image: busybox:1.35
    restart: always
    init: true
    command: [sleep, "100000"]
    volumes: ["./conf:/conf:ro"]
  agent:
    image: busybox:1.35
    restart: always
    init: true
    command: [sleep, "100000"]
    network_mode: service:web
volumes: {data: {}}
`;

const OTHER = "services:\n  one: {image: 'busybox:1.35', restart: always, init: true, command: [sleep, '100000']}\n";

/** What is pushed, one after the other. */
const EDITS: readonly (readonly [string, (compose: string) => Readonly<Record<string, string | null>>])[] = [
  ["nothing that concerns the host", () => ({ "README.md": "x" })],
  ["a file that nobody mounts", () => ({ [`${STACK}/notes.txt`]: "x" })],
  ["a file that is mounted", () => ({ [`${STACK}/conf/a.conf`]: "two" })],
  ["an environment value", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("DB_HOST: db", "DB_HOST: db2") })],
  [
    "a database with what restarts with it",
    (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("data:/data", "data:/srv") }),
  ],
  [
    "an image",
    (compose) => ({
      [`${STACK}/compose.yaml`]: compose.replace(
        'busybox:1.35\n    restart: always\n    init: true\n    command: [sleep, "100000"]\n    volumes: ["./conf',
        'busybox:1.36\n    restart: always\n    init: true\n    command: [sleep, "100000"]\n    volumes: ["./conf',
      ),
    }),
  ],
  [
    "more replicas",
    (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("    environment: {", "    scale: 3\n    environment: {") }),
  ],
  ["fewer replicas", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("scale: 3", "scale: 2") })],
  ["a one-shot", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace('["true"]', '["true", "again"]') })],
  ["another order", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("    depends_on: [db]\n", "") })],
  [
    "a service that comes",
    (compose) => ({
      [`${STACK}/compose.yaml`]: compose.replace(
        "volumes: {data",
        "  late: {image: 'busybox:1.35', restart: always, init: true, command: [sleep, '1000']}\nvolumes: {data",
      ),
    }),
  ],
  ["a service that goes", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace(/ {2}late: .*\n/, "") })],
  [
    "a file that is to be restarted for",
    () => ({
      [`${STACK}/stack.yaml`]:
        "hosts: all\nhostEnvFiles: [shop.env]\nonChange: [{files: [conf/a.conf], service: web, action: restart}]\n",
    }),
  ],
  ["a file that is restarted for", () => ({ [`${STACK}/conf/a.conf`]: "three" })],
  ["a setting", () => ({ [`${STACK}/stack.yaml`]: "hosts: all\nhostEnvFiles: [shop.env]\nverify: {timeout: 1m}\n" })],
  [
    "a stack that comes",
    () => ({ "desired-state/stacks/third/stack.yaml": "hosts: all\n", "desired-state/stacks/third/compose.yaml": OTHER }),
  ],
  [
    "a stack that goes",
    () => ({ "desired-state/stacks/third/stack.yaml": null, "desired-state/stacks/third/compose.yaml": null }),
  ],
];

describe("the plan that was reviewed", () => {
  let host: Host;
  let text = SHOP;
  before(async () => {
    host = await startHost({ images: ["busybox:1.35"] });
    await host.docker("tag", "busybox:1.35", "busybox:1.36");
    mkdirSync(join(host.directory, "env"), { mode: 0o700 });
    writeFileSync(join(host.directory, "env/shop.env"), "FROM_HOST=kept\n", { mode: 0o600 });
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "{}\n",
      [`${STACK}/stack.yaml`]: "hosts: all\nhostEnvFiles: [shop.env]\n",
      [`${STACK}/compose.yaml`]: SHOP,
      [`${STACK}/conf/a.conf`]: "one",
      "desired-state/stacks/other/stack.yaml": "hosts: all\n",
      "desired-state/stacks/other/compose.yaml": OTHER,
    });
    assert.equal(await host.settle(), "converged");
  });
  after(() => host?.stop());

  for (const [what, edit] of EDITS) {
    it(`must be what happens: ${what}`, async () => {
      const files = edit(text);
      const changed = files[`${STACK}/compose.yaml`];
      if (changed !== undefined) assert.notEqual(changed, text, "the edit edits something");
      await assertPlanned(host, "box", files);
      text = changed ?? text;
    });
  }
});

describe("the plan of the example's AI machine", () => {
  const storage = createTemporaryDirectory("hf-storage-");
  let host: Host;
  before(async () => {
    const images = ["jc21/nginx-proxy-manager:2.12.6", "pihole/pihole:2025.11.0", "ollama/ollama:0.13.5"];
    host = await startHost({
      host: "gpu-box",
      images: [...images, "ghcr.io/open-webui/open-webui:v0.6.41", "ghcr.io/ai-dock/comfyui:v2-cuda-12.1.1-base-22.04-v0.2.7"],
      engine: { addresses: ["100.64.0.5"] },
    });
    mkdirSync(join(host.directory, "env"), { mode: 0o700 });
    for (const [name, line] of [
      ["ai.env", "WEBUI_SECRET_KEY=a-secret-of-the-test"],
      ["pihole.env", "PIHOLE_PASSWORD=another-secret"],
    ] as const)
      writeFileSync(join(host.directory, "env", name), `${line}\n`, { mode: 0o600 });
    await host.docker("tag", "ollama/ollama:0.13.5", "ollama/ollama:0.14.0");
    const own = "desired-state/hosts/gpu-box.yaml";
    const example = readExample(host.alertmanager.url);
    await host.push({ ...example, [own]: (example[own] ?? "").replace("/cold-storage", storage) });
    assert.equal(await host.settle(), "converged");
  });
  after(async () => {
    await host?.stop();
    removeTemporaryDirectory(storage);
  });

  /** A file of the example with something in it replaced. */
  const edit = (file: string, from: string, to: string): Record<string, string> => {
    const path = `desired-state/${file}`;
    const text = readExample(host.alertmanager.url)[path] ?? "";
    assert.ok(text.includes(from), `${file} has no ${from}`);
    return { [path]: text.replace(from, to) };
  };

  it("must be what happens: an image", async () => {
    const files = edit("stacks/ai/compose.yaml", "ollama/ollama:0.13.5", "ollama/ollama:0.14.0");
    assert.deepEqual(await assertPlanned(host, "gpu-box", files), { "ai/ollama": "recreate" });
  });

  it("must be what happens: a variable of the fleet that two stacks use", async () => {
    const files = edit("fleet.yaml", "TIMEZONE: Europe/Warsaw", "TIMEZONE: Europe/Berlin");
    assert.deepEqual(await assertPlanned(host, "gpu-box", files), {
      "pihole/pihole": "recreate",
      "proxy/nginx-proxy-manager": "recreate",
    });
  });

  it("must be what happens: a stack that leaves", async () => {
    const files = Object.keys(readExample("")).filter((path) => path.startsWith("desired-state/stacks/ai/"));
    assert.deepEqual(await assertPlanned(host, "gpu-box", Object.fromEntries(files.map((path) => [path, null]))), {
      "ai/comfyui": "remove",
      "ai/ollama": "remove",
      "ai/open-webui": "remove",
    });
  });
});
