import type { DesiredService, DesiredStack } from "../model/desired.ts";
import type { Drift, DriftKind } from "../model/drift.ts";
import type { ObservedContainer, ObservedImage } from "../model/observed.ts";
import { compareFields, compareFiles } from "./describe-fields.ts";
import { parseDigest } from "./digest-service.ts";
import { decideDriftMode } from "./drift-policy.ts";

/** What Holdfast remembers of a service as it last started it. */
export interface AppliedService {
  readonly digest: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

/** What Holdfast remembers of a stack that it converged. */
export interface AppliedStack {
  /** Digest of the inputs that were converged; differs from the desired one while a change is under way. */
  readonly inputs: string;
  readonly revision: string;
  readonly services: Readonly<Record<string, AppliedService>>;
  /** Services of a later change that was begun and not completed; containers may carry its digests. */
  readonly attempted?: Readonly<Record<string, AppliedService>>;
}

export interface DriftRequest {
  readonly stack: DesiredStack;
  /** Containers of the project, or of any project when they carry this stack's label. */
  readonly containers: readonly ObservedContainer[];
  /** Local images; undefined when nobody needed to ask. */
  readonly images?: readonly ObservedImage[];
  readonly applied?: AppliedStack;
}

/** Whether the stack is at a change of the desired state, rather than drifting from one that was converged. */
export function isChanging(stack: DesiredStack, applied: AppliedStack | undefined): boolean {
  return applied?.inputs !== stack.inputs || applied.attempted !== undefined;
}

/** Every way in which the host differs from one stack of the desired state. */
export function detectDrift(request: DriftRequest): Drift[] {
  const { stack, containers, applied } = request;
  const project = containers.filter((container) => container.project === stack.name && !container.oneOff);
  const ours = applied !== undefined || project.some((container) => container.stack !== undefined);
  if (project.length > 0 && !ours && !stack.adopt) return [describeUnadopted(stack, project)];
  const found = stack.services.flatMap((service) => detectService(service, project, request));
  return [...found, ...detectStrangers(request, project)].filter((drift) => drift.mode !== "ignore");
}

function detectService(service: DesiredService, project: readonly ObservedContainer[], request: DriftRequest): Drift[] {
  const containers = project.filter((container) => container.service === service.name).sort((a, b) => a.number - b.number);
  const count = detectCount(service, containers, request);
  return [...count, ...containers.flatMap((container) => detectContainer(service, container, project, request))];
}

function detectCount(service: DesiredService, containers: readonly ObservedContainer[], request: DriftRequest): Drift[] {
  if (containers.length === service.replicas) return [];
  const kind = containers.length === 0 ? "service-missing" : "replicas";
  const expected = plural(service.replicas, "container");
  const actual = containers.length === 0 ? "none" : plural(containers.length, "container");
  const cause =
    kind === "service-missing"
      ? `service ${service.name} has no container`
      : `service ${service.name} has ${actual} of ${service.replicas}`;
  return [makeDrift(kind, request, { service: service.name, expected, actual, cause })];
}

function detectContainer(
  service: DesiredService,
  container: ObservedContainer,
  project: readonly ObservedContainer[],
  request: DriftRequest,
): Drift[] {
  const definition = detectDefinition(service, container, request) ?? detectLeftBehind(service, container, project, request);
  if (definition) return [definition];
  const image = detectImage(service, container, request);
  if (image) return [image];
  const state = detectState(service, container);
  if (!state) return [];
  const [kind, expected, actual] = state;
  return [
    makeDrift(kind, request, {
      service: service.name,
      container,
      expected,
      actual,
      cause: `container ${container.name} is ${actual}`,
    }),
  ];
}

function detectDefinition(service: DesiredService, container: ObservedContainer, request: DriftRequest): Drift | undefined {
  if (container.digest === service.digest) return undefined;
  const [now, was] = [parseDigest(service.digest), parseDigest(container.digest)];
  const details = { service: service.name, container, expected: service.digest, actual: container.digest ?? "none" };
  if (!was)
    return makeDrift("definition", request, { ...details, cause: `container ${container.name} was not created by Holdfast` });
  const kind = was.definition === now?.definition ? "files" : "definition";
  return makeDrift(kind, request, {
    ...details,
    cause: `service ${service.name}: ${explain(kind, service, container, request.applied)}`,
  });
}

// A container that lives in another's namespace holds that one's id for ever. Seen from the containers alone, so that it is
// also found when the agent ended, or had to wait, between the two replacements.
function detectLeftBehind(
  service: DesiredService,
  container: ObservedContainer,
  project: readonly ObservedContainer[],
  request: DriftRequest,
): Drift | undefined {
  const replaced = service.sharesWith.filter((name) => {
    const hosts = project.filter((other) => other.service === name);
    return hosts.length > 0 && hosts.every((host) => host.createdAtMs > container.createdAtMs);
  });
  if (replaced.length === 0) return undefined;
  const cause = `service ${service.name} lives in a container of ${replaced.join(", ")} that was replaced`;
  return makeDrift("definition", request, {
    service: service.name,
    container,
    expected: "created after the container it lives in",
    actual: "created before it",
    cause,
  });
}

/** Names what changed where it is still known what the container was started with. */
function explain(
  kind: DriftKind,
  service: DesiredService,
  container: ObservedContainer,
  applied: AppliedStack | undefined,
): string {
  const before = [applied?.services[service.name], applied?.attempted?.[service.name]].find(
    (item) => item?.digest === container.digest,
  );
  const general = kind === "files" ? "a file it was started with has changed" : "its definition has changed";
  if (before === undefined) return general;
  const changes = [...compareFields(before.fields, service.fields), ...compareFiles(before.files, service.files)];
  return changes.length === 0 ? general : changes.join(", ");
}

// The list names the image by id once its tag names another one. Only the images tell whether the tag still exists.
function detectImage(service: DesiredService, container: ObservedContainer, request: DriftRequest): Drift | undefined {
  if (!mayHaveMoved(service, container) || request.images === undefined) return undefined;
  const local = findImage(request.images, service.image);
  if (local === undefined || local.id === container.imageId) return undefined;
  const cause = `${service.image} now names another local image than that of container ${container.name}`;
  return makeDrift("image-local", request, {
    service: service.name,
    container,
    expected: local.id,
    actual: container.imageId,
    cause,
  });
}

/** Whether only the list of images can settle if the container's image is the right one. */
export function mayHaveMoved(service: DesiredService, container: ObservedContainer): boolean {
  return container.image.startsWith("sha256:") && !service.image.startsWith("sha256:");
}

/** The local image that a reference names; undefined when there is none. */
export function findImage(images: readonly ObservedImage[], reference: string): ObservedImage | undefined {
  const names = spell(reference);
  return images.find((image) => image.id === reference || [...image.tags, ...image.digests].some((name) => names.includes(name)));
}

// The engine lists `docker.io/library/nginx:latest` as `nginx:latest`.
function spell(reference: string): string[] {
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  const tagged = last.includes(":") || last.includes("@") ? reference : `${reference}:latest`;
  const [name = tagged] = tagged.includes("@") ? [tagged.replace(/:[^/@:]+@/, "@")] : [tagged];
  return [name, name.replace(/^docker\.io\/library\//, ""), name.replace(/^docker\.io\//, "")];
}

function detectState(service: DesiredService, container: ObservedContainer): [DriftKind, string, string] | undefined {
  switch (container.state) {
    case "running":
      return container.health === "unhealthy" ? ["unhealthy", "healthy", "unhealthy"] : undefined;
    case "paused":
      return ["paused", "running", "paused"];
    case "restarting":
      return ["restarting", "running", describeExit("restarting", container)];
    case "exited":
    case "dead":
      return service.oneShot && container.exitCode === 0
        ? undefined
        : ["stopped", "running", describeExit(container.state, container)];
    case "created":
      return ["stopped", "running", "created but not started"];
    case "removing":
      return undefined;
    default:
      return container.state satisfies never;
  }
}

function detectStrangers(request: DriftRequest, project: readonly ObservedContainer[]): Drift[] {
  const declared = new Set(request.stack.services.map((service) => service.name));
  return project
    .filter((container) => !declared.has(container.service))
    .map((container) => {
      const kind = container.stack === undefined ? "foreign" : "orphan";
      const cause = `container ${container.name} belongs to service ${container.service}, which the stack does not have`;
      return makeDrift(kind, request, {
        service: container.service,
        container,
        expected: "no container",
        actual: container.state,
        cause,
      });
    });
}

function describeUnadopted(stack: DesiredStack, project: readonly ObservedContainer[]): Drift {
  const names = project.map((container) => container.name).sort();
  const cause = `project ${stack.name} already runs here without Holdfast (${names.join(", ")}); set adopt: true in its stack.yaml to take it over`;
  return {
    stack: stack.name,
    kind: "not-adopted",
    mode: "report",
    origin: "host",
    expected: "a project of Holdfast's",
    actual: plural(names.length, "container"),
    cause,
  };
}

interface DriftDetails {
  readonly service: string;
  readonly container?: ObservedContainer;
  readonly expected: string;
  readonly actual: string;
  readonly cause: string;
}

function makeDrift(kind: DriftKind, request: DriftRequest, details: DriftDetails): Drift {
  const { container, ...rest } = details;
  // A change of the desired state is converged whatever the modes say: they are about what happens on the host.
  const changing = isChanging(request.stack, request.applied);
  const mode = decideDriftMode(kind, changing ? { mode: "heal", rules: {} } : request.stack.drift);
  const named = container === undefined ? {} : { container: container.name, containerId: container.id };
  return { stack: request.stack.name, kind, mode, origin: changing ? "revision" : "host", ...named, ...rest };
}

function describeExit(state: string, container: ObservedContainer): string {
  return container.exitCode === undefined ? state : `${state} with code ${container.exitCode}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
