import type { DesiredFile, DesiredService, Json, JsonObject, ServiceDependency, Variables } from "../../model/desired.ts";
import type { TreeFile } from "../../model/tree.ts";
import { definitionsOf, findMounts, type Mount } from "../drift/find-mounts.ts";
import { type ChangeRule, chooseOnChange, describePlaced } from "../on-change.ts";
import { type CarryRequest, carryDigest } from "./carry-digest.ts";
import { describeFields } from "./describe-fields.ts";
import { digestService } from "./digest-service.ts";
import { fileKey } from "./file-key.ts";
import { asArray, asObject, asString, mapStrings } from "./json.ts";

export interface LabelRequest {
  readonly stack: string;
  /** What `docker compose config --format json` printed. */
  readonly rendered: JsonObject;
  /** Where the files stood when the model was rendered. */
  readonly renderedRoot: string;
  /** Where the files will stand on the host. */
  readonly root: string;
  /** The files below the root. */
  readonly files: readonly TreeFile[];
  /** What is done when a file changes; later entries win. */
  readonly onChange?: readonly ChangeRule[];
  /** Values that `secrets` and `configs` with `environment:` take. */
  readonly variables: Variables;
  /** What is known of the services as they were made before: a new version of Compose changes no digest by itself. */
  readonly carry?: CarryRequest;
}

export interface LabelledModel {
  readonly model: JsonObject;
  readonly services: readonly DesiredService[];
  readonly files: readonly DesiredFile[];
  readonly environment: Variables;
}

/** Fields that do not make a container differ: `up` is told them, the digest is not. */
const OUTSIDE_DIGEST = new Set(["depends_on", "profiles", "scale", "pull_policy", "develop", "env_file", "label_file", "build"]);

/**
 * Turns a rendered Compose model into what the host is given: paths as they will be, one digest label per service, and no
 * `depends_on`. Holdfast orders services itself, because `up web` starts a finished one-shot that web depends on again, and
 * because `depends_on` is part of Compose's own hash in some versions and not in others.
 */
export function labelModel(request: LabelRequest): LabelledModel {
  const moved = asObject(mapStrings(request.rendered, (text) => movePath(text, request.renderedRoot, request.root)));
  const services = asObject(moved["services"]);
  const oneShots = findOneShots(services);
  const described = Object.keys(services)
    .sort()
    .map((name) => {
      const service = asObject(services[name]);
      const mounts = findMounts(service, moved, request.root, request.files);
      return { service: describeService(name, service, oneShots.has(name), mounts, moved, request), mounts };
    });
  const byName = new Map(described.map(({ service }) => [service.name, service]));
  const labelled = Object.entries(services).map(([name, service]) => [
    name,
    labelService(asObject(service), request.stack, byName.get(name)?.digest ?? ""),
  ]);
  return {
    model: { ...moved, services: Object.fromEntries(labelled) },
    services: described.map(({ service }) => service),
    files: describePlaced(request.files, described),
    environment: findEnvironment(moved, request.variables),
  };
}

function describeService(
  name: string,
  service: JsonObject,
  oneShot: boolean,
  mounts: readonly Mount[],
  model: JsonObject,
  request: LabelRequest,
): DesiredService {
  const definition = defineService(service);
  const onChange = chooseOnChange(name, mounts, request.onChange ?? []);
  // With a file in it that a signal is for, Compose would replace the container.
  const digested = mounts.filter(({ path }) => onChange[path] === undefined);
  const files = Object.fromEntries(digested.map((mount) => [mount.path, fileKey(mount)]));
  const contents = { ...files, ...findContents(service, model, request.variables) };
  const fields = describeFields(definition);
  const containerName = asString(service["container_name"]);
  return {
    name,
    image: asString(service["image"]) ?? "",
    replicas: countReplicas(service),
    ...carryDigest(name, digestService(definition, contents), fields, request.carry),
    oneShot,
    ...(containerName === undefined ? {} : { containerName }),
    dependencies: readDependencies(service),
    sharesWith: findShared(service),
    files,
    ...(Object.keys(onChange).length === 0 ? {} : { onChange }),
  };
}

function defineService(service: JsonObject): JsonObject {
  const kept = Object.entries(service).filter(([field]) => !OUTSIDE_DIGEST.has(field));
  const { replicas: _replicas, ...deploy } = asObject(service["deploy"]);
  const mounted = ["configs", "secrets"].map((group) => [group, asArray(service[group]).map(readMode)]);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(mounted), deploy };
}

// `mode: 0440` is printed as 288 by some versions of Compose and as "0440" by others.
function readMode(use: Json): Json {
  const mode = asString(asObject(use)["mode"]);
  return mode !== undefined && /^[0-7]+$/.test(mode) ? { ...asObject(use), mode: Number.parseInt(mode, 8) } : use;
}

function labelService(service: JsonObject, stack: string, digest: string): JsonObject {
  const { depends_on: _dependsOn, profiles: _profiles, env_file: _envFile, ...rest } = service;
  // A key without a value would be taken from the environment of the command, which is not ours to give.
  const environment = Object.entries(asObject(service["environment"])).filter(([, value]) => value !== null);
  const labels = { ...asObject(service["labels"]), "holdfast.stack": stack, "holdfast.digest": digest };
  // Compose prints "no limit" in a way that it cannot read.
  const swap = rest["memswap_limit"] === "-1" ? { memswap_limit: -1 } : {};
  return { ...rest, ...swap, environment: Object.fromEntries(environment), labels };
}

function countReplicas(service: JsonObject): number {
  const replicas = service["scale"] ?? asObject(service["deploy"])["replicas"];
  return typeof replicas === "number" ? replicas : 1;
}

function findOneShots(services: JsonObject): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [name, service] of Object.entries(services)) {
    if (asObject(asObject(service)["labels"])["holdfast.one-shot"] === "true") found.add(name);
    for (const dependency of readDependencies(asObject(service))) {
      if (dependency.condition === "service_completed_successfully") found.add(dependency.service);
    }
  }
  return found;
}

function readDependencies(service: JsonObject): ServiceDependency[] {
  return Object.entries(asObject(service["depends_on"]))
    .map(([name, value]) => {
      const dependency = asObject(value);
      return {
        service: name,
        condition: readCondition(dependency["condition"]),
        required: dependency["required"] !== false,
        restart: dependency["restart"] === true,
      };
    })
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

function readCondition(value: Json | undefined): ServiceDependency["condition"] {
  return value === "service_healthy" || value === "service_completed_successfully" ? value : "service_started";
}

// A container that lives in another's namespace holds that container's id, and has to follow when it is replaced.
function findShared(service: JsonObject): string[] {
  const modes = ["network_mode", "ipc", "pid", "uts"].map((field) => asString(service[field]) ?? "");
  const named = modes.filter((mode) => mode.startsWith("service:")).map((mode) => mode.slice("service:".length));
  const volumes = asArray(service["volumes_from"])
    .map((item) => asString(item) ?? "")
    .filter((item) => !item.startsWith("container:"))
    .map((item) => item.split(":")[0] ?? "");
  return [...new Set([...named, ...volumes])].filter((name) => name !== "").sort();
}

/** Contents that stand in the model itself or in a variable, by the name of their config or secret. */
function findContents(service: JsonObject, model: JsonObject, variables: Variables): Record<string, string> {
  const contents: Record<string, string> = {};
  for (const [name, definition] of definitionsOf(service, model)) {
    const variable = asString(definition["environment"]);
    const content = asString(definition["content"]) ?? (variable === undefined ? undefined : (variables[variable] ?? ""));
    if (content !== undefined) contents[name] = content;
  }
  return contents;
}

function findEnvironment(model: JsonObject, variables: Variables): Variables {
  const definitions = ["configs", "secrets"].flatMap((group) => Object.values(asObject(model[group])).map(asObject));
  const names = definitions.map((definition) => asString(definition["environment"])).filter((name) => name !== undefined);
  return Object.fromEntries(names.flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])));
}

function movePath(text: string, from: string, to: string): string {
  return text === from ? to : text.startsWith(`${from}/`) ? to + text.slice(from.length) : text;
}
