import type { DesiredService, DesiredStack } from "../../agent/model/desired.ts";
import type { ContainerDetails, ObservedContainer, ObservedImage, ObservedNetwork } from "../../agent/model/observed.ts";
import type { Step, StepOf } from "../../agent/model/plan.ts";
import type { Endpoint } from "../../agent/model/remedy.ts";
import { asObject } from "../../agent/plan/desire/json.ts";
import { readAttachments } from "../../agent/plan/drift/read-attachments.ts";
import { readLimits } from "../../agent/plan/drift/read-limits.ts";
import { isConditionMet } from "../../agent/plan/health/check-readiness.ts";

/** What an engine has, as plain data: a model of Docker and Compose as far as plans depend on them. */
export interface EngineState {
  readonly containers: readonly ObservedContainer[];
  readonly images: readonly ObservedImage[];
  readonly networks: readonly ObservedNetwork[];
  readonly details: ReadonlyMap<string, ContainerDetails>;
  /** How often the program of each service was started, by `service digest`. */
  readonly starts: Readonly<Record<string, number>>;
  /** Counts up with everything that is created: ids and creation times. */
  readonly sequence: number;
}

/** Takes the steps of one stack as the agent does: up to the first that has to wait. Throws where a real engine refuses. */
export function takeSteps(state: EngineState, steps: readonly Step[], stack: DesiredStack): EngineState {
  let now = state;
  for (const step of steps) {
    const { containers } = now;
    if (!step.after.every((dependency) => isConditionMet(dependency, stack.name, containers))) return now;
    now = takeStep(now, step, stack);
  }
  return now;
}

/** The state after one step. */
export function takeStep(state: EngineState, step: Step, stack: DesiredStack): EngineState {
  switch (step.action) {
    case "create-directory":
    case "place":
      return state;
    case "pull":
      return { ...state, images: [...state.images, { id: `sha256:${step.image}`, tags: [step.image], digests: [] }] };
    case "up":
      return up(state, step, stack);
    case "start":
      return start(state, step.containerId);
    case "unpause":
      return change(state, step.containerId, (container) => ({ ...container, state: "running" }));
    case "stop":
      return change(state, step.containerId, (container) => ({ ...container, state: "exited", exitCode: 143 }));
    case "hook":
    case "remove-networks":
    case "restart":
    case "signal":
      return state;
    case "rename":
      return rename(state, step);
    case "connect":
      return connect(state, step.containerId, { [step.network]: step.endpoint });
    case "disconnect":
      return disconnect(state, step);
    case "update":
      return changeDetails(state, step.containerId, (details) => ({ ...details, limits: { ...details.limits, ...step.limits } }));
    case "remove":
      return withoutContainer(state, step.containerId);
    default:
      return step satisfies never;
  }
}

/**
 * The state a while later: what crashed runs, one-shots have ended with code 0, and a health check passes where everything
 * that its service depends on is there and does not stand still.
 */
export function passTime(state: EngineState, stacks: readonly DesiredStack[]): EngineState {
  const containers = state.containers.map((container): ObservedContainer => {
    const stack = stacks.find((item) => item.name === container.project);
    const service = stack?.services.find((item) => item.name === container.service);
    if (stack === undefined || service === undefined || !["running", "restarting"].includes(container.state)) return container;
    if (service.oneShot) return { ...container, state: "exited", exitCode: 0 };
    if (!hasHealthCheck(service, stack)) return { ...container, state: "running", health: "none" };
    const works = service.dependencies.every((dependency) => {
      const target = stack.services.find((item) => item.name === dependency.service);
      const own = target === undefined ? [] : containersOf(state, target, stack);
      return own.length >= (target?.replicas ?? 0) && own.every((item) => item.state === "running" || item.exitCode === 0);
    });
    return { ...container, state: "running", health: works ? "healthy" : "unhealthy" };
  });
  return { ...state, containers };
}

function hasHealthCheck(service: DesiredService, { services }: DesiredStack): boolean {
  const dependencies = services.flatMap((other) => other.dependencies);
  return dependencies.some(({ service: name, condition }) => name === service.name && condition === "service_healthy");
}

function rename(state: EngineState, { containerId, name }: StepOf<"rename">): EngineState {
  if (state.containers.some((container) => container.name === name)) throw new Error(`the name ${name} is taken`);
  return change(state, containerId, (container) => ({ ...container, name }));
}

function connect(state: EngineState, id: string, endpoints: Readonly<Record<string, Endpoint>>): EngineState {
  let now = state;
  for (const [name, { aliases, ...addresses }] of Object.entries(endpoints)) {
    const network = now.networks.find((item) => item.name === name);
    if (network === undefined) throw new Error(`network ${name} not found`);
    const known = now.containers.find((container) => container.id === id)?.networks;
    if (known?.[name] !== undefined) throw new Error(`endpoint already exists in network ${name}`);
    now = change(now, id, (container) => ({
      ...container,
      networks: { ...container.networks, [name]: { networkId: network.id, endpointId: id } },
    }));
    now = changeDetails(now, id, (details) => ({
      ...details,
      endpoints: { ...details.endpoints, [name]: { ...addresses, aliases, endpointId: id } },
    }));
  }
  return now;
}

function disconnect(state: EngineState, { containerId, network }: StepOf<"disconnect">): EngineState {
  const left = change(state, containerId, (container) => {
    const { [network]: _left, ...networks } = container.networks ?? {};
    return { ...container, networks };
  });
  return changeDetails(left, containerId, (details) => {
    const { [network]: _left, ...endpoints } = details.endpoints;
    return { ...details, endpoints };
  });
}

// What `docker compose up` does to the services that it is given: it scales, replaces, creates, and starts what does not run.
function up(state: EngineState, step: StepOf<"up">, stack: DesiredStack): EngineState {
  let now = state;
  for (const service of stack.services.filter((item) => step.services.includes(item.name))) {
    const image = now.images.find((item) => item.tags.includes(service.image));
    if (image === undefined) throw new Error(`no such image: ${service.image}`);
    for (const container of findExcess(now, service, stack)) now = withoutContainer(now, container.id);
    for (const container of containersOf(now, service, stack)) {
      const differs = container.digest !== service.digest || container.imageId !== image.id;
      if (!step.force && !differs && !isLeftBehind(now, container, service, stack)) continue;
      if (step.recreate) now = create(withoutContainer(now, container.id), service, stack, container.number, image.id);
    }
    for (let number = 1; containersOf(now, service, stack).length < service.replicas; number += 1) {
      if (!containersOf(now, service, stack).some((container) => container.number === number))
        now = create(now, service, stack, number, image.id);
    }
    for (const container of containersOf(now, service, stack)) now = start(now, container.id);
  }
  return now;
}

/** What is more than the service's replicas: containers that differ first, then the highest numbers. */
function findExcess(state: EngineState, service: DesiredService, stack: DesiredStack): ObservedContainer[] {
  const sorted = containersOf(state, service, stack).sort(
    (a, b) => Number(a.digest !== service.digest) - Number(b.digest !== service.digest) || a.number - b.number,
  );
  return sorted.slice(service.replicas);
}

function isLeftBehind(state: EngineState, container: ObservedContainer, service: DesiredService, stack: DesiredStack): boolean {
  const hosts = state.containers.filter((other) => other.project === stack.name && service.sharesWith.includes(other.service));
  return hosts.some((host) => host.createdAtMs > container.createdAtMs);
}

function containersOf(state: EngineState, service: DesiredService, stack: DesiredStack): ObservedContainer[] {
  return state.containers.filter((item) => item.project === stack.name && item.service === service.name && !item.oneOff);
}

function create(state: EngineState, service: DesiredService, stack: DesiredStack, number: number, imageId: string): EngineState {
  const container: ObservedContainer = {
    id: `new-${state.sequence}`,
    name: `${stack.name}-${service.name}-${number}`,
    project: stack.name,
    service: service.name,
    number,
    oneOff: false,
    state: "created",
    health: "none",
    image: service.image,
    imageId,
    createdAtMs: state.sequence,
    stack: stack.name,
    digest: service.digest,
    networks: {},
  };
  if (state.containers.some((other) => other.name === container.name)) throw new Error(`the name ${container.name} is taken`);
  const wanted = readAttachments(service.name, stack.model)?.endpoints ?? {};
  const missing = Object.keys(wanted).filter((name) => !state.networks.some((network) => network.name === name));
  const limits = readLimits(asObject(asObject(stack.model["services"])[service.name]));
  const created = {
    ...state,
    networks: [...state.networks, ...missing.map((name) => buildNetwork(name, `${name}-${state.sequence}`))],
    containers: [...state.containers, container],
    details: new Map([
      ...state.details,
      [container.id, { limits, restartCount: 0, oomKilled: false, startedAtMs: 0, endpoints: {} }],
    ]),
    sequence: state.sequence + 1,
  };
  return connect(created, container.id, wanted);
}

/** A network with nothing special about it. */
export function buildNetwork(name: string, id: string): ObservedNetwork {
  const usual = { options: {}, labels: {}, internal: false, attachable: false, enableIpv6: false };
  return { ...usual, id, name, driver: "bridge", ipam: { driver: "default", config: [] } };
}

function changeDetails(state: EngineState, id: string, to: (details: ContainerDetails) => ContainerDetails): EngineState {
  const known = state.details.get(id);
  return known === undefined ? state : { ...state, details: new Map([...state.details, [id, to(known)]]) };
}

function start(state: EngineState, id: string): EngineState {
  const container = state.containers.find((item) => item.id === id);
  if (container === undefined) throw new Error(`no such container: ${id}`);
  if (container.state === "paused") throw new Error("cannot start a paused container, try unpause instead");
  if (container.state === "running" || container.state === "restarting") return state;
  for (const [name, { networkId }] of Object.entries(container.networks ?? {})) {
    if (!state.networks.some((network) => network.id === networkId)) throw new Error(`network ${name} not found`);
  }
  const key = `${container.service} ${container.digest}`;
  const started = change(state, id, ({ exitCode: _exitCode, ...rest }) => ({ ...rest, state: "running", health: "none" }));
  return { ...started, starts: { ...state.starts, [key]: (state.starts[key] ?? 0) + 1 } };
}

function change(state: EngineState, id: string, to: (container: ObservedContainer) => ObservedContainer): EngineState {
  return { ...state, containers: state.containers.map((container) => (container.id === id ? to(container) : container)) };
}

function withoutContainer(state: EngineState, id: string): EngineState {
  return { ...state, containers: state.containers.filter((container) => container.id !== id) };
}
