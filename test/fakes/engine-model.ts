import type { DesiredService, DesiredStack } from "../../agent/model/desired.ts";
import type { ObservedContainer, ObservedImage } from "../../agent/model/observed.ts";
import type { Step, StepOf } from "../../agent/model/plan.ts";
import { isConditionMet } from "../../agent/plan/check-readiness.ts";

/** What an engine has, as plain data: a model of Docker and Compose as far as plans depend on them. */
export interface EngineState {
  readonly containers: readonly ObservedContainer[];
  readonly images: readonly ObservedImage[];
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
    case "remove":
      return { ...state, containers: state.containers.filter((container) => container.id !== step.containerId) };
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

// What `docker compose up` does to the services that it is given: it scales, replaces, creates, and starts what does not run.
function up(state: EngineState, step: StepOf<"up">, stack: DesiredStack): EngineState {
  let now = state;
  for (const service of stack.services.filter((item) => step.services.includes(item.name))) {
    const image = now.images.find((item) => item.tags.includes(service.image));
    if (image === undefined) throw new Error(`no such image: ${service.image}`);
    for (const container of findExcess(now, service, stack)) now = withoutContainer(now, container.id);
    for (const container of containersOf(now, service, stack)) {
      if (container.digest === service.digest && container.imageId === image.id && !isLeftBehind(now, container, service, stack))
        continue;
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
  };
  return { ...state, containers: [...state.containers, container], sequence: state.sequence + 1 };
}

function start(state: EngineState, id: string): EngineState {
  const container = state.containers.find((item) => item.id === id);
  if (container === undefined) throw new Error(`no such container: ${id}`);
  if (container.state === "paused") throw new Error("cannot start a paused container, try unpause instead");
  if (container.state === "running" || container.state === "restarting") return state;
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
