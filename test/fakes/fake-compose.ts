import { readFile } from "node:fs/promises";
import type { JsonObject } from "../../agent/model/desired.ts";
import { type HoldfastError, holdfastError } from "../../agent/model/error.ts";
import { asArray, asObject, asString } from "../../agent/plan/desire/json.ts";
import { readAttachments } from "../../agent/plan/drift/read-attachments.ts";
import { readLimits } from "../../agent/plan/drift/read-limits.ts";
import type { Compose, ProjectRequest, RenderRequest, UpRequest } from "../../agent/ports.ts";
import type { EngineWorld, FakeContainer, Program } from "./engine-world.ts";
import { strict } from "./strict.ts";

export interface FakeComposeOptions {
  readonly world: EngineWorld;
  readonly version?: string;
  /** Images that can be pulled. */
  readonly registry?: ReadonlySet<string>;
  /** Reads a model file; from the disk by default. */
  readonly readModel?: (path: string) => Promise<JsonObject>;
  /** What rendering gives; the fake cannot by itself. */
  readonly render?: (request: RenderRequest) => Promise<JsonObject>;
}

export interface FakeCompose {
  readonly compose: Compose;
  /** Every command in its order: `up web db`, `up --no-recreate web`, `pull web`. */
  readonly calls: readonly string[];
  /** Another version is installed. */
  readonly upgrade: (version: string) => void;
  /** The next command whose line starts with `call` fails, before it does anything. */
  /** What happens at each pull. */
  readonly onPull: (use: () => void) => void;
  readonly failNext: (call: string, error: HoldfastError) => void;
}

/**
 * The Compose port over containers in memory; test/contract holds it to what the real one does. The program of a service is
 * read from its model: the commands `true` and `false` end at once, everything else runs; a health check `CMD true` passes.
 */
export function createFakeCompose(options: FakeComposeOptions): FakeCompose {
  const { world, registry = new Set(), render } = options;
  const readModel = options.readModel ?? (async (path) => JSON.parse(await readFile(path, "utf8")) as JsonObject);
  let arrive = (): void => undefined;
  const calls: string[] = [];
  let version = options.version ?? "2.40.3";
  const failures: { call: string; error: HoldfastError }[] = [];

  function begin(call: string, signal: AbortSignal): void {
    calls.push(call);
    if (signal.aborted) throw holdfastError("aborted", "docker compose was interrupted", { handling: "transient" });
    const index = failures.findIndex((failure) => call.startsWith(failure.call));
    const [failure] = index < 0 ? [] : failures.splice(index, 1);
    if (failure !== undefined) throw failure.error;
  }

  async function readServices(request: ProjectRequest): Promise<JsonObject> {
    return asObject((await readModel(request.modelFile))["services"]);
  }

  /** Makes the networks and volumes of some services that are not there. */
  async function makeDefinitions(request: ProjectRequest, names: ReadonlySet<string>): Promise<void> {
    const model = await readModel(request.modelFile);
    const services = [...names].map((name) => asObject(asObject(model["services"])[name]));
    const networks = new Set(services.flatMap((service) => Object.keys(asObject(service["networks"]))));
    for (const [key, value] of Object.entries(asObject(model["networks"]))) {
      const { name = "", external } = asObject(value) as { name?: string; external?: boolean };
      if (!networks.has(key) || world.networks().some((network) => network.name === name)) continue;
      if (external) throw failed(`network ${name} declared as external, but could not be found`);
      world.addNetwork(name, { labels: { "com.docker.compose.project": request.project, "com.docker.compose.network": key } });
    }
    for (const value of Object.values(asObject(model["volumes"]))) {
      const { name, external } = asObject(value) as { name?: string; external?: boolean };
      if (name !== undefined && !external) world.addVolume(name);
    }
  }

  function requireImage(image: string, command: string): string {
    const known = world.findImage(image)?.id;
    if (known !== undefined) return known;
    if (registry.has(image)) return world.addImage(image);
    throw holdfastError("compose-failed", `docker compose ${command}: No such image: ${image}`, { handling: "transient" });
  }

  const compose = strict<Compose>("the fake Compose", {
    version: async () => version,
    fingerprint: async () => version,
    ...(render === undefined
      ? {}
      : {
          render: async (request, signal) => {
            begin(`config ${request.project}`, signal);
            return render(request);
          },
        }),

    async pull(request, signal) {
      begin(`pull ${request.refresh ? "--policy always " : ""}${request.services.join(" ")}`, signal);
      arrive();
      const services = await readServices(request);
      for (const name of request.services) requireImage(imageOf(asObject(services[name])), "pull");
    },

    async run(request, signal) {
      const { service, command } = request;
      begin(`run ${service}: ${command.join(" ")}`, signal);
      requireImage(imageOf(asObject((await readServices(request))[service])), "run");
      // The shell of the fake knows two commands.
      const [, said = "", code] = /^echo (.*?)(?: >&2)?(?:; exit (\d+))?$/.exec(command[2] ?? "") ?? [];
      if (code !== undefined)
        throw holdfastError("compose-failed", `docker compose run: ended with code ${code}: ${said}`, { handling: "transient" });
      return said;
    },

    async up(request, signal) {
      const flag = request.force ? "--force-recreate " : request.recreate ? "" : "--no-recreate ";
      begin(`up ${flag}${request.services.join(" ")}`, signal);
      const services = await readServices(request);
      const reached = new Set(request.services.flatMap((name) => [...findProviders(name, services), name]));
      for (const name of reached) requireImage(imageOf(asObject(services[name])), "up");
      await makeDefinitions(request, reached);
      const model = await readModel(request.modelFile);
      const forced = new Set(request.force ? request.services : []);
      for (const name of reached) converge(world, { ...request, force: forced.has(name) }, name, model);
    },
  });

  const onPull = (use: () => void): void => {
    arrive = use;
  };
  const upgrade = (to: string): void => {
    version = to;
  };
  return { compose, calls, onPull, upgrade, failNext: (call, error) => void failures.push({ call, error }) };
}

// What Compose does to one service: it scales, replaces what differs, creates what is missing, and starts what does not run.
function converge(
  world: EngineWorld,
  request: Pick<UpRequest, "project" | "recreate" | "force">,
  name: string,
  model: JsonObject,
): void {
  const service = asObject(asObject(model["services"])[name]);
  const own = (): FakeContainer[] =>
    world
      .containers()
      .filter((item) => item.project === request.project && item.service === name && !item.oneOff)
      .sort((a, b) => a.number - b.number);
  const hash = hashService(world, request.project, service);
  const replicas = countReplicas(service);
  const differs = (item: FakeContainer): boolean =>
    request.force || item.configHash !== hash || item.imageId !== world.findImage(imageOf(service))?.id;
  const obsoleteFirst = own().sort((a, b) => Number(differs(b)) - Number(differs(a)) || b.number - a.number);
  for (const { id } of obsoleteFirst.slice(0, Math.max(0, obsoleteFirst.length - replicas))) world.remove(id);
  const create = (number: number, volumes: readonly string[]): void => {
    const labels = asObject(service["labels"]);
    const [stack, digest] = [asString(labels["holdfast.stack"]), asString(labels["holdfast.digest"])];
    world.create({
      ...{ project: request.project, service: name, number, image: imageOf(service), program: readProgram(service) },
      ...{ name: asString(service["container_name"]) ?? `${request.project}-${name}-${number}`, volumes, configHash: hash },
      ...{ limits: readLimits(service), ...readEndpoints(name, number, request.project, model) },
      ...(stack === undefined ? {} : { stack }),
      ...(digest === undefined ? {} : { digest }),
    });
  };
  for (const item of own().filter((one) => request.force || (request.recreate && differs(one)))) {
    world.remove(item.id);
    // A container that replaces another takes its volumes over.
    create(item.number, item.volumes);
  }
  for (let number = 1; own().length < replicas; number += 1) {
    if (!own().some((item) => item.number === number)) create(number, readVolumes(service, request.project, `${name}-${number}`));
  }
  for (const item of own()) {
    if (item.state === "paused") throw failed("cannot start a paused container, try unpause instead");
    try {
      world.start(item.id);
    } catch (cause) {
      throw failed(cause instanceof Error ? cause.message : String(cause));
    }
  }
}

function failed(message: string): HoldfastError {
  return holdfastError("compose-failed", `docker compose up: ${message}`, { handling: "transient" });
}

function readEndpoints(name: string, number: number, project: string, model: JsonObject): Pick<FakeContainer, "endpoints"> {
  const attachments = readAttachments(name, model);
  if (attachments === undefined) return {};
  const own = asString(asObject(asObject(model["services"])[name])["container_name"]) ?? `${project}-${name}-${number}`;
  const endpoints = Object.entries(attachments.endpoints).map(([network, { aliases, ipv4Address, ipv6Address }]) => [
    network,
    {
      ...{ networkId: "", endpointId: "", aliases: [own, ...aliases] },
      ...(ipv4Address === undefined ? {} : { ipv4Address }),
      ...(ipv6Address === undefined ? {} : { ipv6Address }),
    },
  ]);
  return { endpoints: Object.fromEntries(endpoints) };
}

/** Services in whose namespaces one lives, and their own: Compose takes them along. */
function findProviders(name: string, services: JsonObject): string[] {
  const service = asObject(services[name]);
  const modes = ["network_mode", "ipc", "pid"].map((field) => asString(service[field]) ?? "");
  const named = modes.filter((mode) => mode.startsWith("service:")).map((mode) => mode.slice("service:".length));
  const dependencies = [...named, ...Object.keys(asObject(service["depends_on"]))];
  return dependencies.flatMap((other) => [...findProviders(other, services), other]);
}

function hashService(world: EngineWorld, project: string, service: JsonObject): string {
  const { scale: _scale, deploy, ...rest } = service;
  const { replicas: _replicas, ...others } = asObject(deploy);
  const mode = asString(service["network_mode"]) ?? "";
  const provider = mode.startsWith("service:") ? mode.slice("service:".length) : undefined;
  const hosts = world.containers().filter((item) => item.project === project && item.service === provider);
  return JSON.stringify([rest, others, hosts.map((item) => item.id)]);
}

function imageOf(service: JsonObject): string {
  return asString(service["image"]) ?? "";
}

function countReplicas(service: JsonObject): number {
  const replicas = service["scale"] ?? asObject(service["deploy"])["replicas"];
  return typeof replicas === "number" ? replicas : 1;
}

function readVolumes(service: JsonObject, project: string, container: string): string[] {
  const volumes = asArray(service["volumes"]).map(asObject);
  return volumes
    .filter((volume) => volume["type"] === "volume")
    .map((volume, index) => {
      const source = asString(volume["source"]);
      return source === undefined ? `anonymous-${container}-${index}` : `${project}_${source}`;
    });
}

function readProgram(service: JsonObject): Program {
  const [command] = asArray(service["command"]);
  const test = asArray(asObject(service["healthcheck"])["test"]);
  if (command === "true" || command === "false") return { exitsWith: command === "true" ? 0 : 1 };
  return test.length === 0 ? {} : { health: test[1] === "true" ? "healthy" : "unhealthy" };
}
