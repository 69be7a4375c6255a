import type { PublishedPort } from "../../agent/model/engine.ts";
import type { EngineEvent } from "../../agent/model/engine-event.ts";
import type {
  EndpointDetails,
  Limits,
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedVolume,
} from "../../agent/model/observed.ts";
import { readLimits } from "../../agent/plan/drift/read-limits.ts";

/** What a container's program does once it is started. */
export interface Program {
  /** It ends with this code by itself; it runs until it is stopped otherwise. */
  readonly exitsWith?: number;
  /** What it ends with when it gets a signal; otherwise it goes on. */
  readonly exitsOn?: Readonly<Record<string, number>>;
  /** What its health check finds; none without. */
  readonly health?: "healthy" | "unhealthy";
  /** Started again by the engine whenever it ends. */
  readonly restarts?: boolean;
}

/** A connection to a network, whose ids are empty as long as the container has not run with it. */
export interface FakeEndpoint extends EndpointDetails {
  readonly networkId: string;
}

export interface FakeContainer extends ObservedContainer {
  readonly program: Program;
  /** Names of its volumes, which stay when it goes. */
  readonly volumes: readonly string[];
  /** False for a container that Compose did not make: the engine does not list it. */
  readonly listed: boolean;
  /** What Compose made it from: its own way to tell that a definition has changed. */
  readonly configHash?: string;
  /** What it wrote. */
  readonly log?: readonly string[];
  readonly limits: Limits;
  /** By network name; absent for a container of which no test says it. */
  readonly endpoints?: Readonly<Record<string, FakeEndpoint>>;
  /** How often its program was started. */
  readonly starts: number;
}

export type NewContainer = Partial<Omit<FakeContainer, "id" | "starts">> & Pick<FakeContainer, "project" | "service">;

/** Containers, images and volumes in memory, for the fake engine and the fake Compose. Nothing happens by itself but in `pass`. */
export interface EngineWorld {
  readonly containers: () => readonly FakeContainer[];
  readonly images: () => readonly ObservedImage[];
  readonly volumes: () => readonly string[];
  /** What nothing but a person does. */
  readonly removeVolumes: () => void;
  readonly listVolumes: () => readonly ObservedVolume[];
  readonly networks: () => readonly ObservedNetwork[];
  /** Makes a network, or changes the one of this name, which keeps its id. Returns the id. */
  readonly addNetwork: (name: string, definition?: Partial<ObservedNetwork>) => string;
  /** Containers that do not run hold on to its id. */
  readonly removeNetwork: (name: string) => void;
  readonly addVolume: (name: string, definition?: Partial<ObservedVolume>) => void;
  /** Ports that containers publish: nothing here makes any. */
  readonly published: PublishedPort[];
  /** Puts an image here under a name, which another image loses. Returns the image's id. */
  readonly addImage: (tag: string, id?: string) => string;
  /** What an image came from: `name@sha256:…`. */
  readonly setDigests: (tag: string, digests: readonly string[]) => void;
  /** Takes a name away, and the image that has no other. */
  readonly removeTag: (tag: string) => void;
  readonly findImage: (reference: string) => ObservedImage | undefined;
  /** Creates a container that is not started. */
  readonly create: (container: NewContainer) => FakeContainer;
  readonly find: (id: string) => FakeContainer | undefined;
  /** Throws what an engine says when one of its networks is gone. */
  readonly start: (id: string) => void;
  /** Ends a container's program, as `docker stop` does. */
  readonly stop: (id: string, exitCode?: number) => void;
  readonly change: (id: string, change: Partial<FakeContainer>) => void;
  /** Takes a container away; its volumes stay. */
  readonly remove: (id: string) => void;
  /** Time passes: programs that end by themselves have ended, health checks have decided. */
  readonly pass: () => void;
  /** Tells what happens from a time on, the past first; ends with the function that it returns. */
  readonly follow: (sinceMs: number, onEvent: (event: EngineEvent) => void) => () => void;
}

export function createEngineWorld(nowMs: () => number = () => Date.now()): EngineWorld {
  const containers = new Map<string, FakeContainer>();
  const images = new Map<string, { id: string; tags: string[]; digests: string[] }>();
  const past: EngineEvent[] = [];
  const followers = new Set<(event: EngineEvent) => void>();
  const volumes = new Map<string, ObservedVolume>();
  const networks = new Map<string, ObservedNetwork>();
  let sequence = 0;

  function tell(action: string, container: FakeContainer | undefined): void {
    if (container === undefined) return;
    const { id, name, project, stack } = container;
    const labels = { ...(container.listed ? { project } : {}), ...(stack === undefined ? {} : { stack }) };
    tellEvent({ type: "container", action, id, name, ...labels });
  }

  function tellEvent(told: Omit<EngineEvent, "atMs">): void {
    const event = { ...told, atMs: nowMs() };
    past.push(event);
    for (const follower of followers) follower(event);
  }

  /** What was connected and disconnected of a container that runs. */
  function tellConnections(before: FakeContainer, { id, endpoints = {} }: FakeContainer): void {
    const known = before.endpoints ?? {};
    for (const name of new Set([...Object.keys(known), ...Object.keys(endpoints)])) {
      const [was, is] = [known[name], endpoints[name]];
      if ((was === undefined) === (is === undefined)) continue;
      const networkId = (is ?? was)?.networkId ?? "";
      tellEvent({ type: "network", action: is === undefined ? "disconnect" : "connect", id: networkId, name, containerId: id });
    }
  }

  const world: EngineWorld = {
    containers: () => [...containers.values()].map(showImage),
    images: () => [...images.values()],
    removeVolumes: () => volumes.clear(),
    volumes: () => [...volumes.keys()].sort(),
    listVolumes: () => [...volumes.values()],
    networks: () => [...networks.values()],
    removeNetwork(name) {
      const id = networks.get(name)?.id ?? name;
      networks.delete(name);
      tellEvent({ type: "network", action: "destroy", id, name });
    },

    addNetwork(name, definition = {}) {
      const { id = `${sequence++}`.padStart(64, "f"), ...rest } = { ...networks.get(name), ...definition };
      const usual = { driver: "bridge", options: {}, labels: {}, internal: false, attachable: false, enableIpv6: false };
      networks.set(name, { ...usual, ipam: { driver: "default", config: [] }, ...rest, id, name });
      tellEvent({ type: "network", action: "create", id, name });
      return id;
    },

    addVolume(name, definition = {}) {
      if (volumes.has(name)) return;
      volumes.set(name, { driver: "local", options: {}, labels: {}, ...definition, name });
      tellEvent({ type: "volume", action: "create", id: name });
    },

    published: [],
    findImage: (reference) => [...images.values()].find((image) => image.id === reference || image.tags.includes(reference)),
    find: (id) => containers.get(id),

    addImage(tag, id = `sha256:${sequence++}`) {
      for (const image of images.values()) image.tags = image.tags.filter((name) => name !== tag);
      const known = images.get(id) ?? { id, tags: [], digests: [] };
      images.set(id, { ...known, tags: [...known.tags, tag] });
      return id;
    },

    setDigests(tag, digests) {
      for (const image of images.values()) if (image.tags.includes(tag)) image.digests = [...digests];
    },

    removeTag(tag) {
      for (const [id, image] of images) {
        if (!image.tags.includes(tag)) continue;
        image.tags = image.tags.filter((name) => name !== tag);
        if (image.tags.length === 0) images.delete(id);
      }
    },

    create(given) {
      const number = given.number ?? 1;
      const image = given.image ?? "busybox:1.35";
      const imageId = given.imageId ?? world.findImage(image)?.id;
      if (imageId === undefined) throw new Error(`No such image: ${image}`);
      const container: FakeContainer = {
        ...{ name: `${given.project}-${given.service}-${number}`, number, image, imageId, oneOff: false },
        ...{ state: "created", health: "none", createdAtMs: Math.floor(nowMs() / 1000) * 1000, starts: 0 },
        ...{ program: {}, volumes: [], listed: true, limits: readLimits({}) },
        ...given,
        id: `${sequence++}`.padStart(64, "0"),
      };
      for (const volume of container.volumes) world.addVolume(volume);
      containers.set(container.id, container);
      tell("create", container);
      return container;
    },

    start(id) {
      const container = containers.get(id);
      if (container === undefined || container.state === "running" || container.state === "restarting") return;
      const { exitCode: _exitCode, ...rest } = container;
      const health = container.program.health === undefined ? "none" : "starting";
      const joined = join(container.endpoints);
      containers.set(id, { ...rest, ...joined, state: "running", health, starts: container.starts + 1 });
      tell("start", containers.get(id));
    },

    stop(id, exitCode = 143) {
      const container = containers.get(id);
      if (container === undefined || container.state === "exited" || container.state === "created") return;
      const endpoints = mapEndpoints(container.endpoints, (_name, endpoint) => ({ ...endpoint, endpointId: "" }));
      containers.set(id, { ...container, ...endpoints, state: "exited", health: "none", exitCode });
      tell("die", container);
    },

    change(id, change) {
      const container = containers.get(id);
      if (container === undefined) return;
      const changed = { ...container, ...change };
      containers.set(id, changed);
      if (changed.health !== container.health) tell("health_status", changed);
      if (changed.state !== container.state) tell(changed.state === "paused" ? "pause" : "update", changed);
      if (changed.name !== container.name) tell("rename", changed);
      if (changed.limits !== container.limits) tell("update", changed);
      tellConnections(container, changed);
    },

    remove(id) {
      const container = containers.get(id);
      containers.delete(id);
      tell("destroy", container);
    },

    follow(sinceMs, onEvent) {
      for (const event of past.filter(({ atMs }) => atMs >= sinceMs)) onEvent(event);
      followers.add(onEvent);
      return () => void followers.delete(onEvent);
    },

    pass() {
      for (const container of containers.values()) {
        const { exitsWith, health = "none", restarts } = container.program;
        if (container.state !== "running") continue;
        if (exitsWith === undefined) world.change(container.id, { health });
        else if (restarts) world.change(container.id, { state: "restarting", exitCode: exitsWith, health: "none" });
        else world.stop(container.id, exitsWith);
      }
    },
  };

  function join(endpoints: FakeContainer["endpoints"]): Pick<FakeContainer, "endpoints"> {
    return mapEndpoints(endpoints, (name, endpoint) => {
      const networkId = endpoint.networkId === "" ? networks.get(name)?.id : endpoint.networkId;
      if (![...networks.values()].some((network) => network.id === networkId))
        throw new Error(`network ${networkId ?? name} not found`);
      return { ...endpoint, networkId: networkId ?? "", endpointId: `endpoint-${sequence++}` };
    });
  }

  // The engine names the image by its id once its name belongs to another one.
  function showImage(container: FakeContainer): FakeContainer {
    const named = container.image.startsWith("sha256:") || world.findImage(container.image)?.id === container.imageId;
    return named ? container : { ...container, image: container.imageId };
  }
  for (const name of ["bridge", "host", "none"]) world.addNetwork(name);
  return world;
}

function mapEndpoints(
  endpoints: FakeContainer["endpoints"],
  to: (name: string, endpoint: FakeEndpoint) => FakeEndpoint,
): Pick<FakeContainer, "endpoints"> {
  if (endpoints === undefined) return {};
  return { endpoints: Object.fromEntries(Object.entries(endpoints).map(([name, endpoint]) => [name, to(name, endpoint)])) };
}
