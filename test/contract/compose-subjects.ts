import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import Docker from "dockerode";
import { openCompose } from "../../agent/compose/open-compose.ts";
import { openEngine } from "../../agent/engine/open-engine.ts";
import type { JsonObject } from "../../agent/model/desired.ts";
import { labelModel } from "../../agent/plan/desire/label-model.ts";
import type { ProjectRequest } from "../../agent/ports.ts";
import { loadImages } from "../engine/load-images.ts";
import { startEngine } from "../engine/start-engine.ts";
import { createEngineWorld } from "../fakes/engine-world.ts";
import { createFakeCompose } from "../fakes/fake-compose.ts";
import { createFakeEngine } from "../fakes/fake-engine.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import type { ComposeSubject } from "./compose.contract.ts";

const IMAGE = "busybox:1.35";
const NETWORKS: JsonObject = { default: { name: "shop_default" }, back: { name: "real-back" } };

/** Writes the model that Holdfast makes of services, below a directory that is the same for every call. */
async function writeModel(directory: string, services: JsonObject): Promise<ProjectRequest> {
  const rendered: JsonObject = { name: "shop", services, networks: NETWORKS, volumes: { data: {} } };
  const { model } = labelModel({ stack: "shop", rendered, renderedRoot: "/stage", root: directory, files: [], variables: {} });
  const modelFile = join(directory, "compose.json");
  await writeFile(modelFile, JSON.stringify(model));
  return { project: "shop", directory, modelFile, environment: {} };
}

/** The fake Compose on the fake engine. */
export async function openFakeComposeSubject(): Promise<ComposeSubject> {
  const world = createEngineWorld();
  const directory = createTemporaryDirectory("hf-compose-");
  world.addImage(IMAGE);
  return {
    compose: createFakeCompose({ world }).compose,
    engine: createFakeEngine({ world }).engine,
    project: (services) => writeModel(directory, services),
    stop: async (id) => world.stop(id),
    pause: async (id) => world.change(id, { state: "paused" }),
    readStart: async (id) => String(world.find(id)?.starts),
    listVolumes: async () => world.volumes(),
    addNetwork: async (network) => void world.addNetwork(network),
    removeNetwork: async (network) => world.removeNetwork(network),
    clean: async () => {
      for (const { id } of world.containers()) world.remove(id);
      world.removeVolumes();
      for (const name of ["shop_default", "real-back"]) world.removeNetwork(name);
    },
    close: async () => undefined,
  };
}

/** A version of the real Compose on a private engine. */
export async function openRealComposeSubject(plugin: string): Promise<ComposeSubject> {
  const real = await startEngine();
  await loadImages(real.socket, [IMAGE]);
  const docker = new Docker({ socketPath: real.socket });
  const directory = createTemporaryDirectory("hf-compose-");
  return {
    compose: openCompose({ socket: real.socket, plugin }),
    engine: openEngine({ socket: real.socket }),
    project: (services) => writeModel(directory, services),
    stop: (id) => docker.getContainer(id).stop({ t: 1 }),
    pause: (id) => docker.getContainer(id).pause(),
    readStart: async (id) => (await docker.getContainer(id).inspect()).State.StartedAt,
    async addNetwork(network, key) {
      const labels = { "com.docker.compose.project": "shop", "com.docker.compose.network": key };
      await docker.createNetwork({ Name: network, Labels: labels });
    },
    removeNetwork: (network) => docker.getNetwork(network).remove(),
    listVolumes: async () => (await docker.listVolumes()).Volumes.map((volume) => volume.Name).sort(),
    async clean() {
      for (const { Id } of await docker.listContainers({ all: true })) await docker.getContainer(Id).remove({ force: true });
      for (const { Name } of (await docker.listVolumes()).Volumes) await docker.getVolume(Name).remove();
      for (const { Name, Id } of await docker.listNetworks())
        if (Name.startsWith("shop_") || Name === "real-back") await docker.getNetwork(Id).remove();
    },
    close: real.stop,
  };
}
