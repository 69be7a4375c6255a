import { type HoldfastError, holdfastError } from "../../agent/model/error.ts";
import type { ContainerDetails, ObservedContainer } from "../../agent/model/observed.ts";
import type { Engine } from "../../agent/ports.ts";
import type { EngineWorld, FakeContainer } from "./engine-world.ts";
import { strict } from "./strict.ts";

/** What a test does to the fake, and what it can ask it. */
export interface FakeEngine {
  readonly engine: Engine;
  /** Every request in its order: `list`, `start shop-web-1`. */
  readonly calls: readonly string[];
  /** The daemon is gone until `revive`. */
  readonly down: () => void;
  /** The daemon answers nothing until `revive`. */
  readonly freeze: () => void;
  readonly revive: () => void;
  /** The next request whose line starts with `call` fails. */
  readonly failNext: (call: string, error: HoldfastError) => void;
}

export interface FakeEngineOptions {
  readonly world: EngineWorld;
  readonly timeoutMs?: number;
  /** Whether the events are told; the stream never opens otherwise. Default: false. */
  readonly tellsEvents?: boolean;
  /** Let time pass after each list, so that whoever polls sees programs end and health checks pass. Default: true. */
  readonly passTime?: boolean;
}

const SOCKET = "/fake/docker.sock";

/** The Engine port over containers in memory; test/contract holds it to what the real one does. */
export function createFakeEngine({
  world,
  timeoutMs = 30_000,
  passTime = true,
  tellsEvents = false,
}: FakeEngineOptions): FakeEngine {
  const calls: string[] = [];
  const failures: { call: string; error: HoldfastError }[] = [];
  const streams = new Set<AbortController>();
  let mode: "up" | "down" | "frozen" = "up";

  async function ask(what: string, call: string, signal: AbortSignal): Promise<void> {
    calls.push(call);
    if (mode === "frozen") await waitForAbort(AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    if (signal.aborted) throw holdfastError("aborted", `${what}: interrupted`, { handling: "transient" });
    if (mode !== "up") throw unreachable(mode === "frozen" ? "it does not answer" : `connect ENOENT ${SOCKET}`);
    const index = failures.findIndex((failure) => call.startsWith(failure.call));
    const [failure] = index < 0 ? [] : failures.splice(index, 1);
    if (failure !== undefined) throw failure.error;
  }

  async function askAbout(verb: string, id: string, signal: AbortSignal): Promise<FakeContainer> {
    await ask(`${verb} container`, `${verb} ${world.find(id)?.name ?? id}`, signal);
    const container = world.find(id);
    if (container === undefined) throw refused(verb, `No such container: ${id}`);
    return container;
  }

  const engine = strict<Engine>("the fake engine", {
    async listContainers(signal) {
      await ask("list containers", "list", signal);
      const list = world.containers().filter(isListed);
      if (passTime) world.pass();
      return list.map(show);
    },

    async listImages(signal) {
      await ask("list images", "list images", signal);
      return world.images();
    },

    async inspectContainer(id, signal) {
      await ask("inspect container", `inspect ${world.find(id)?.name ?? id}`, signal);
      const container = world.find(id);
      return container === undefined ? undefined : describeDetails(container);
    },

    async listNetworks(signal) {
      await ask("list networks", "list networks", signal);
      return world.networks();
    },

    async listVolumes(signal) {
      await ask("list volumes", "list volumes", signal);
      return world.listVolumes();
    },

    async rename(id, name, signal) {
      await askAbout("rename", id, signal);
      const other = world.containers().find((container) => container.name === name && container.id !== id);
      if (other !== undefined) throw taken(name, other.id);
      world.change(id, { name });
    },

    async connect(id, network, endpoint, signal) {
      const container = await askAbout("connect", id, signal);
      const found = world.networks().find((item) => item.name === network)?.id;
      const running = container.state === "running";
      // What does not run is told so only when it is started.
      if (found === undefined && running) throw refused("connect", `network ${network} not found`);
      if (container.endpoints?.[network] !== undefined)
        throw refused("connect", `endpoint with name ${container.name} already exists in network ${network}`);
      const [networkId = "", endpointId = ""] = running ? [found, `by-hand-${calls.length}`] : [];
      const { aliases, ipv4Address, ipv6Address } = endpoint;
      const addresses = {
        ...(ipv4Address === undefined ? {} : { ipv4Address }),
        ...(ipv6Address === undefined ? {} : { ipv6Address }),
      };
      world.change(id, { endpoints: { ...container.endpoints, [network]: { networkId, endpointId, aliases, ...addresses } } });
    },

    async disconnect(id, network, signal) {
      const container = await askAbout("disconnect", id, signal);
      const { [network]: _left, ...endpoints } = container.endpoints ?? {};
      world.change(id, { endpoints });
    },

    async update(id, limits, signal) {
      const container = await askAbout("update", id, signal);
      world.change(id, { limits: { ...container.limits, ...limits } });
    },

    async start(id, signal) {
      const container = await askAbout("start", id, signal);
      if (container.state === "paused") throw refused("start", "cannot start a paused container, try unpause instead");
      try {
        world.start(id);
      } catch (cause) {
        throw refused("start", String(cause instanceof Error ? cause.message : cause));
      }
    },

    async unpause(id, signal) {
      const container = await askAbout("unpause", id, signal);
      if (container.state !== "paused") throw refused("unpause", `Container ${id} is not paused`);
      world.change(id, { state: "running" });
    },

    async restart(id, signal) {
      await askAbout("restart", id, signal);
      world.stop(id);
      world.start(id);
    },

    async stop(id, signal) {
      await ask("stop container", `stop ${world.find(id)?.name ?? id}`, signal);
      world.stop(id);
    },

    async readLog(id, lines, signal) {
      await ask("read log", `log ${world.find(id)?.name ?? id}`, signal);
      return (world.find(id)?.log ?? []).slice(-lines);
    },

    async removeNetworks(project, signal) {
      await ask("remove networks", `remove networks of ${project}`, signal);
      const own = world.networks().filter(({ labels }) => labels["com.docker.compose.project"] === project);
      const used = (id: string): boolean =>
        world
          .containers()
          .some(
            ({ state, endpoints = {} }) => state === "running" && Object.values(endpoints).some((item) => item.networkId === id),
          );
      for (const { id, name } of own) if (!used(id)) world.removeNetwork(name);
      return own.filter(({ id }) => used(id)).map(({ name }) => name);
    },

    async tagImage(id, name, signal) {
      await ask("tag image", `tag ${name}`, signal);
      if (!world.images().some((image) => image.id === id)) throw refused("tag", `No such image: ${id}`, "image");
      world.addImage(name, id);
    },

    async untagImage(name, signal) {
      await ask("untag image", `untag ${name}`, signal);
      world.removeTag(name);
    },

    async kill(id, name, signal) {
      await ask("signal container", `kill ${name} ${world.find(id)?.name ?? id}`, signal);
      const container = world.find(id);
      if (container === undefined) throw refused("signal", `No such container: ${id}`);
      if (container.state !== "running") throw refused("signal", `Container ${id} is not running`);
      const code = container.program.exitsOn?.[name];
      if (code !== undefined) world.stop(id, code);
    },

    async remove(id, signal) {
      await ask("remove container", `remove ${world.find(id)?.name ?? id}`, signal);
      world.remove(id);
    },

    async info(signal) {
      await ask("describe itself", "info", signal);
      const runtimes = ["io.containerd.runc.v2", "nvidia", "runc"];
      const about = { version: "26.1.5", platform: "linux/amd64", cgroupVersion: "2", dataDirectory: "/var/lib/docker" };
      return { ...about, runtimes, limitsSwap: true, insecureRegistries: ["127.0.0.0/8", "::1/128"] };
    },

    async survey(signal) {
      await ask("list networks", "survey", signal);
      const running = world.containers().filter(({ state }) => state === "running");
      return {
        containers: running.map(({ id, name, project }) => ({ id, name, project })),
        ...{ networks: world.networks().map(({ name }) => name), volumes: [...world.volumes()], published: [...world.published] },
      };
    },

    async readStart(id, signal) {
      await ask("look at a container", `start of ${world.find(id)?.name ?? id}`, signal);
      const container = world.find(id);
      if (container === undefined) return undefined;
      return { startedAt: String(container.starts), restarts: Math.max(0, container.starts - 1) };
    },

    async imagePlatform(reference, signal) {
      await ask("look at an image", `platform of ${reference}`, signal);
      return world.images().some(({ tags }) => tags.includes(reference)) ? "linux/amd64" : undefined;
    },

    async watchEvents(sinceMs, { onOpen, onEvent }, signal) {
      if (!tellsEvents) return waitForAbort(signal);
      await ask("watch events", "watch events", signal);
      const broken = new AbortController();
      streams.add(broken);
      onOpen();
      const unfollow = world.follow(sinceMs, onEvent);
      await waitForAbort(AbortSignal.any([signal, broken.signal]));
      unfollow();
      streams.delete(broken);
    },
  });

  const become = (next: typeof mode) => (): void => {
    mode = next;
    // A daemon that ends takes its connections along; one that hangs keeps them.
    if (next === "down") for (const stream of streams) stream.abort();
  };
  return {
    ...{ engine, calls, down: become("down"), freeze: become("frozen"), revive: become("up") },
    failNext: (call, error) => void failures.push({ call, error }),
  };
}

function isListed({ listed, endpoints = {} }: FakeContainer): boolean {
  return listed || Object.keys(endpoints).some((name) => !["bridge", "host", "none"].includes(name));
}

/** A container as the engine lists it. */
function show(container: FakeContainer): ObservedContainer {
  const {
    program: _program,
    volumes: _volumes,
    listed,
    starts: _starts,
    log: _log,
    configHash: _configHash,
    limits: _limits,
    endpoints,
    ...rest
  } = container;
  const observed = listed ? rest : { ...rest, project: "", service: "" };
  if (endpoints === undefined) return observed;
  const networks = Object.entries(endpoints).map(([name, { networkId, endpointId }]) => [name, { networkId, endpointId }]);
  return { ...observed, networks: Object.fromEntries(networks) };
}

/** What looking into it tells. */
function describeDetails({ limits, endpoints = {} }: FakeContainer): ContainerDetails {
  const told = Object.entries(endpoints).map(([name, { networkId: _networkId, ...endpoint }]) => [name, endpoint]);
  return { limits, restartCount: 0, oomKilled: false, startedAtMs: 0, endpoints: Object.fromEntries(told) };
}

function taken(name: string, holder: string): HoldfastError {
  return holdfastError(
    "engine-refused",
    `the name ${name} is taken by container ${holder.slice(0, 12)}, which is not this one's`,
    {
      handling: "transient",
      hint: `remove that container, or give it another name: docker rename ${holder.slice(0, 12)} OTHER`,
    },
  );
}

function waitForAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function unreachable(reason: string): HoldfastError {
  return holdfastError("engine-unreachable", `the Docker engine at ${SOCKET} cannot be reached: ${reason}`, {
    handling: "transient",
    hint: "is the engine running (`systemctl status docker`), and is docker.socket in agent.yaml right?",
  });
}

function refused(verb: string, message: string, what = "container"): HoldfastError {
  return holdfastError("engine-refused", `engine cannot ${verb} ${what}: ${message}`, { handling: "transient" });
}
