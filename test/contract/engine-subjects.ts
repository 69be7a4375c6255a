import Docker from "dockerode";
import { openEngine } from "../../agent/engine/open-engine.ts";
import type { ObservedNetwork } from "../../agent/model/observed.ts";
import { commitVariant, loadImages } from "../engine/load-images.ts";
import { startEngine } from "../engine/start-engine.ts";
import { createEngineWorld, type Program } from "../fakes/engine-world.ts";
import { createFakeEngine } from "../fakes/fake-engine.ts";
import type { ContainerRequest, EngineSubject, ProgramName } from "./engine.contract.ts";

const IMAGE = "busybox:1.35";
const TIMEOUT_MS = 2_000;
/** A line on each of the two streams is told in the order in which the engine read them. */
const TALK = "echo first; sleep 0.2; echo second >&2; echo third; exec sleep 1000";
/** Networks that every engine has. */
const OWN_NETWORKS = ["bridge", "host", "none"];

const PROGRAMS: Readonly<Record<ProgramName, Program>> = {
  sleep: {},
  "exit 0": { exitsWith: 0 },
  "exit 3": { exitsWith: 3 },
  healthy: { health: "healthy" },
  unhealthy: { health: "unhealthy" },
  crash: { exitsWith: 1, restarts: true },
  talk: {},
  "exit 7 at HUP": { health: "healthy", exitsOn: { HUP: 7 } },
};

/** The fake engine. */
export async function openFakeSubject(): Promise<EngineSubject> {
  const world = createEngineWorld();
  world.addImage(IMAGE);
  const fake = createFakeEngine({ world, timeoutMs: 200, tellsEvents: true });
  return {
    engine: fake.engine,
    timeoutMs: 200,
    async run({
      project = "test",
      service = "web",
      program = "sleep",
      plain = false,
      volumes = false,
      started = true,
      network,
      ...rest
    } = {}) {
      const joined = {
        [network ?? "bridge"]: { networkId: "", endpointId: "", aliases: network === undefined ? [] : [service] },
      };
      const { id } = world.create({
        endpoints: joined,
        ...{ project, service, program: PROGRAMS[program], listed: !plain, ...rest },
        ...(program === "talk" ? { log: ["first", "second", "third"] } : {}),
        volumes: volumes ? [`${project}_data`, "anonymous"] : [],
      });
      if (started) world.start(id);
      return id;
    },
    stop: async (id) => world.stop(id),
    pause: async (id) => world.change(id, { state: "paused" }),
    listVolumes: async () => world.volumes(),
    addNetwork: async (network, definition) => world.addNetwork(network, definition),
    removeNetwork: async (network) => world.removeNetwork(network),
    addVolume: async (volume, definition) => world.addVolume(volume, definition),
    moveTag: async (tag) => world.addImage(tag),
    freeze: fake.freeze,
    thaw: fake.revive,
    end: async () => fake.down(),
    begin: async () => fake.revive(),
    clean: async () => {
      for (const { id } of world.containers()) world.remove(id);
      for (const network of world.networks()) if (!OWN_NETWORKS.includes(network.name)) world.removeNetwork(network.name);
      world.addImage(IMAGE, "sha256:0");
    },
    close: async () => undefined,
  };
}

/** A private engine of this test's own. */
export async function openRealSubject(): Promise<EngineSubject> {
  const real = await startEngine();
  const [original = ""] = Object.values(await loadImages(real.socket, [IMAGE]));
  const docker = new Docker({ socketPath: real.socket });

  async function clean(): Promise<void> {
    for (const { Id } of await docker.listContainers({ all: true })) await docker.getContainer(Id).remove({ force: true });
    for (const { Name } of (await docker.listVolumes()).Volumes) await docker.getVolume(Name).remove();
    for (const { Name, Id } of await docker.listNetworks())
      if (!OWN_NETWORKS.includes(Name)) await docker.getNetwork(Id).remove();
    await docker.getImage(original).tag({ repo: "busybox", tag: "1.35" });
  }

  return {
    engine: openEngine({ socket: real.socket, timeoutMs: TIMEOUT_MS }),
    timeoutMs: TIMEOUT_MS,
    async run(request = {}) {
      const container = await docker.createContainer(describeContainer(request));
      if (request.started !== false) await container.start();
      return container.id;
    },
    stop: (id) => docker.getContainer(id).stop({ t: 1 }),
    pause: (id) => docker.getContainer(id).pause(),
    listVolumes: async () => (await docker.listVolumes()).Volumes.map((volume) => volume.Name).sort(),
    addNetwork: async (network, definition) => (await docker.createNetwork(describeNetwork(network, definition))).id,
    removeNetwork: (network) => docker.getNetwork(network).remove(),
    async addVolume(volume, { driver = "local", options = {}, labels = {} } = {}) {
      await docker.createVolume({ Name: volume, Driver: driver, DriverOpts: { ...options }, Labels: { ...labels } });
    },
    moveTag: (tag) => commitVariant(real.socket, original, tag),
    freeze: real.freeze,
    thaw: real.thaw,
    end: () => real.endDaemon(),
    begin: real.startDaemon,
    clean,
    close: real.stop,
  };
}

function describeNetwork(Name: string, definition: Partial<ObservedNetwork> = {}): Docker.NetworkCreateOptions {
  const { driver = "bridge", options = {}, labels = {}, internal = false, attachable = false, ipam } = definition;
  const pools = ipam?.config.map(({ subnet, gateway, ipRange, auxAddresses }) => ({
    Subnet: subnet,
    ...(gateway === undefined ? {} : { Gateway: gateway }),
    ...(ipRange === undefined ? {} : { IPRange: ipRange }),
    ...(auxAddresses === undefined ? {} : { AuxiliaryAddresses: { ...auxAddresses } }),
  }));
  return {
    ...{ Name, Driver: driver, Internal: internal, Attachable: attachable, Labels: { ...labels }, Options: { ...options } },
    ...(pools === undefined ? {} : { IPAM: { Driver: "default", Config: pools } }),
  };
}

function describeContainer(request: ContainerRequest): Docker.ContainerCreateOptions {
  const { project = "test", service = "web", number = 1, program = "sleep", image = IMAGE, stack, digest } = request;
  const health = PROGRAMS[program].health;
  const labels = {
    "com.docker.compose.project": project,
    "com.docker.compose.service": service,
    "com.docker.compose.container-number": String(number),
    "com.docker.compose.oneoff": request.oneOff ? "True" : "False",
    ...(stack === undefined ? {} : { "holdfast.stack": stack }),
    ...(digest === undefined ? {} : { "holdfast.digest": digest }),
  };
  const nanoseconds = 1_000_000;
  return {
    name: request.oneOff ? `${project}-${service}-run-0123` : `${project}-${service}-${number}`,
    Image: image,
    Cmd: program === "talk" ? ["sh", "-c", TALK] : describeProgram(PROGRAMS[program]),
    Labels: request.plain ? {} : labels,
    ...(health === undefined
      ? {}
      : {
          Healthcheck: {
            // One that waits for a signal is healthy once it does.
            Test: ["CMD", ...(PROGRAMS[program].exitsOn ? ["test", "-e", "/ready"] : [health === "healthy" ? "true" : "false"])],
            ...{ Interval: 100 * nanoseconds, Timeout: 5_000 * nanoseconds, Retries: 1 },
          },
        }),
    ...(request.network === undefined
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [request.network]: { Aliases: [service] } } } }),
    HostConfig: {
      Init: true,
      ...(request.network === undefined ? {} : { NetworkMode: request.network }),
      ...(request.volumes ? { Binds: [`${project}_data:/data`] } : {}),
      ...(PROGRAMS[program].restarts ? { RestartPolicy: { Name: "always" } } : {}),
    },
    ...(request.volumes ? { Volumes: { "/anonymous": {} } } : {}),
  };
}

function describeProgram({ exitsWith, exitsOn }: Program): string[] {
  if (exitsWith !== undefined) return ["sh", "-c", `exit ${exitsWith}`];
  if (exitsOn === undefined) return ["sleep", "1000"];
  const traps = Object.entries(exitsOn).map(([signal, code]) => `trap 'exit ${code}' ${signal}`);
  return ["sh", "-c", `trap : USR1; ${traps.join("; ")}; touch /ready; while :; do sleep 0.1; done`];
}
