import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import Docker from "dockerode";
import { openCompose } from "../../agent/compose/open-compose.ts";
import { openEngine } from "../../agent/engine/open-engine.ts";
import type { JsonObject, Variables } from "../../agent/model/desired.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import { keepExisting } from "../../agent/plan/desire/keep-existing.ts";
import { labelModel } from "../../agent/plan/desire/label-model.ts";
import type { ProjectRequest } from "../../agent/ports.ts";
import { buildRenderRequest, writeProject } from "../compose/projects.ts";
import { type ComposePlugin, listComposePlugins } from "../engine/compose-plugins.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";

const never = new AbortController().signal;
const plugins = await listComposePlugins();
const SLEEP = "image: busybox:1.35\n    command: [sleep, '1000']\n    init: true";

/** From a Compose file to the request that runs it, the way a stack goes. */
async function prepare(plugin: ComposePlugin, text: string, variables: Variables = {}, directory = writeProject({})) {
  const env = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  await writeFile(join(directory, "compose.yaml"), text);
  await writeFile(join(directory, "all.env"), `${env.join("\n")}\n`);
  const compose = openCompose({ socket: "/nonexistent", plugin: plugin.path });
  const rendered = await compose.render(buildRenderRequest(directory, ["all.env"]), never);
  const labelled = labelModel({ stack: "shop", rendered, renderedRoot: directory, root: directory, files: [], variables });
  const modelFile = join(directory, "model.json");
  await writeFile(modelFile, JSON.stringify(labelled.model));
  const request: ProjectRequest = { project: "shop", directory, modelFile, environment: labelled.environment };
  return { request, services: labelled.services };
}

describe("Compose on a real engine", () => {
  let real: Engine;
  let docker: Docker;
  before(async () => {
    real = await startEngine();
    docker = new Docker({ socketPath: real.socket });
    await loadImages(real.socket, ["busybox:1.35"]);
  });
  afterEach(async () => {
    for (const { Id } of await docker.listContainers({ all: true })) await docker.getContainer(Id).remove({ force: true });
  });
  after(() => real?.stop());

  const list = () => openEngine({ socket: real.socket }).listContainers(never);
  const up = (plugin: ComposePlugin, request: ProjectRequest, services: readonly string[], recreate = false) =>
    openCompose({ socket: real.socket, plugin: plugin.path }).up({ ...request, services, recreate }, never);
  const inspect = async (name: string) => docker.getContainer(name).inspect();

  for (const plugin of plugins) {
    test(`${plugin.version} must give a container its values as they were written, and nothing of the agent's`, async () => {
      const text = `services:\n  web:\n    ${SLEEP}\n    environment: {LITERAL: 'a$$b', GIVEN: '\${GIVEN}', TAKEN: , HOLDFAST_LEAK: }\n`;
      process.env["HOLDFAST_LEAK"] = "leaked";
      const { request } = await prepare(plugin, text, { GIVEN: "x$y ${Z} #", TAKEN: "t" });
      await up(plugin, request, ["web"]);
      delete process.env["HOLDFAST_LEAK"];
      const environment = (await inspect("shop-web-1")).Config.Env.filter((line) => !line.startsWith("PATH="));
      assert.deepEqual(environment.sort(), ["GIVEN=x$y ${Z} #", "LITERAL=a$b", "TAKEN=t"]);
    });

    test(`${plugin.version} must hand over a secret that stands in no file and no label`, async () => {
      const text = `services:\n  web:\n    ${SLEEP}\n    secrets: [password]\nsecrets: {password: {environment: PASSWORD}}\n`;
      const { request } = await prepare(plugin, text, { PASSWORD: "hunter2" });
      assert.deepEqual(request.environment, { PASSWORD: "hunter2" });
      await up(plugin, request, ["web"]);
      const told = await real.docker(["exec", "shop-web-1", "cat", "/run/secrets/password"]);
      assert.equal(told.stdout, "hunter2");
      assert.doesNotMatch(JSON.stringify(await inspect("shop-web-1")), /hunter2/);
    });

    test(`${plugin.version} must finish a replacement that was interrupted once what it left is removed`, async () => {
      const stubborn = "image: busybox:1.35\n    command: [sh, -c, 'trap : TERM; while :; do sleep 1000 & wait; done']";
      const { request } = await prepare(plugin, `services:\n  web:\n    ${stubborn}\n    stop_grace_period: 5s\n`);
      await up(plugin, request, ["web"]);
      const next = await prepare(plugin, `services:\n  web:\n    ${SLEEP}\n`, {}, request.directory);
      const controller = new AbortController();
      const compose = openCompose({ socket: real.socket, plugin: plugin.path });
      const run = compose.up({ ...next.request, services: ["web"], recreate: true }, controller.signal);
      // The successor is there under a provisional name, and the old one does not stop yet.
      const successor = await waitUntil("the successor is created", async () =>
        (await list()).find((container) => container.digest === next.services[0]?.digest),
      );
      controller.abort();
      await assert.rejects(run, { code: "aborted" });
      assert.match(successor.name, /^[0-9a-f]{12}_shop-web-1$/);
      // Compose 2.26.1 would fail at the name of what it left itself.
      await openEngine({ socket: real.socket }).remove(successor.id, never);
      await up(plugin, next.request, ["web"], true);
      const [left, ...others] = await list();
      assert.deepEqual(
        [left?.name, left?.state, left?.digest, others.length],
        ["shop-web-1", "running", next.services[0]?.digest, 0],
      );
    });

    test(`${plugin.version} must leave networks and volumes as they are, whatever the model makes of them`, async () => {
      const text = (definition: string, web = "") =>
        `services:\n  web: {image: "busybox:1.35", command: [sleep, '1000'], init: true, volumes: ["data:/data"]${web}}\n  db:\n    ${SLEEP}\nnetworks: {default: ${definition}}\nvolumes: {data: ${definition}}\n`;
      const [engine, lists] = [
        openEngine({ socket: real.socket }),
        async () => {
          const networks = (await engine.listNetworks(never)).filter(({ name }) => name === "shop_default");
          return { networks, volumes: await engine.listVolumes(never) };
        },
      ];
      const first = await prepare(plugin, text("{}"));
      await up(plugin, first.request, ["web", "db"]);
      const before = { ...(await lists()), containers: await list() };
      const next = await prepare(plugin, text("{labels: {new: one}}", ", user: root"), {}, first.request.directory);
      const model = JSON.parse(await readFile(next.request.modelFile, "utf8")) as JsonObject;
      await writeFile(next.request.modelFile, JSON.stringify(keepExisting(model, before.networks, before.volumes)));
      await up(plugin, next.request, ["web"], true);
      // Nothing of it is a difference of db's.
      await up(plugin, next.request, ["db"], true);
      const now = { ...(await lists()), containers: await list() };
      assert.deepEqual([now.networks, now.volumes], [before.networks, before.volumes]);
      const ids = (containers: typeof now.containers, service: string) => containers.find((item) => item.service === service)?.id;
      assert.equal(ids(now.containers, "db"), ids(before.containers, "db"));
      assert.notEqual(ids(now.containers, "web"), ids(before.containers, "web"));
      assert.ok(now.containers.every(({ state }) => state === "running"));
      for (const { id } of now.containers) await engine.remove(id, never);
      await engine.removeNetworks("shop", never);
      await docker.getVolume("shop_data").remove();
    });

    test(`${plugin.version} must be interruptible while the engine does not answer`, async () => {
      const { request } = await prepare(plugin, `services:\n  web:\n    ${SLEEP}\n`);
      const compose = openCompose({ socket: real.socket, plugin: plugin.path });
      real.freeze();
      try {
        const signal = AbortSignal.timeout(300);
        await assert.rejects(compose.up({ ...request, services: ["web"], recreate: false }, signal), { code: "aborted" });
      } finally {
        real.thaw();
      }
      await waitUntil("the engine answers", async () => (await list()) !== undefined);
    });

    test(`${plugin.version} must say in one line that there is no engine`, async () => {
      const { request } = await prepare(plugin, `services:\n  web:\n    ${SLEEP}\n`);
      const compose = openCompose({ socket: "/nonexistent/docker.sock", plugin: plugin.path });
      await assert.rejects(compose.up({ ...request, services: ["web"], recreate: false }, never), (error: unknown) => {
        assert.ok(isHoldfastError(error));
        assert.match(error.message, /^docker compose up: .*\/nonexistent\/docker\.sock/);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    });
  }

  test("an upgrade must leave containers alone, also when one more replica is made", async () => {
    const [old, current] = plugins;
    assert.ok(old !== undefined && current !== undefined);
    const text = (replicas: number) => `services:\n  web:\n    ${SLEEP}\n    deploy: {replicas: ${replicas}}\n`;
    const before = await prepare(old, text(1));
    await up(old, before.request, ["web"]);
    const [first] = await list();
    const next = await prepare(current, text(2), {}, before.request.directory);
    await up(current, next.request, ["web"]);
    const containers = await list();
    assert.equal(containers.find((container) => container.number === 1)?.id, first?.id);
    assert.deepEqual(
      containers.map((container) => container.digest),
      [first?.digest, first?.digest],
    );
  });
});
