import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import type { RunningService } from "../../engine/list-projects.ts";
import type { HostValues } from "./host-values.ts";
import { isSecretValue, listLeftSecrets, moveSecrets, readLiteral } from "./move-secrets.ts";

/** What becomes of a path that a project reads from its directory: its text in the Compose file from now on. */
export type PlacePath = (source: string, use: "read" | "written" | "secret") => string;

export interface RewriteRequest {
  readonly services: readonly RunningService[];
  readonly place: PlacePath;
  /** Variables of an environment file that a service reads, as the file has them. */
  readonly readEnv: (path: string) => Readonly<Record<string, string>>;
  readonly values: HostValues;
  readonly note: (text: string) => void;
}

/**
 * Changes a Compose file in place, comments and order kept, so that it means in the repository what it means where it runs:
 * secrets become variables of the host, data stays where it is, and images that were built here are named.
 */
export function rewriteCompose(document: Document, request: RewriteRequest): void {
  const { place, services, values, note } = request;
  document.delete("name");
  const effective =
    (document.toJS({ maxAliasCount: -1 }) as { services?: Record<string, Record<string, unknown>> }).services ?? {};
  const seen = new Set<unknown>();
  const shared = new Set<YAMLMap>();
  const secrets = new Map<string, string>();
  for (const { key, value } of itemsOf(document.get("services", true))) {
    const name = String(isScalar(key) ? key.value : key);
    const service = resolve(value, document);
    if (!isMap(service)) continue;
    const running = services.find((one) => one.name === name);
    moveEnvironment(service, name, effective[name] ?? {}, running);
    for (const map of [service, ...mergedInto(service, document)]) {
      if (map !== service) shared.add(map);
      if (seen.has(map)) continue;
      seen.add(map);
      nameImage(map, name, running);
      const volumes = resolve(map.get("volumes", true), document);
      if (isSeq(volumes) && !seen.has(volumes)) {
        seen.add(volumes);
        for (const [index, entry] of volumes.items.entries()) placeMount(volumes, index, resolve(entry, document));
      }
    }
  }
  for (const map of shared) map.delete("env_file");
  for (const [kind, use] of [
    ["configs", "read"],
    ["secrets", "secret"],
  ] as const)
    for (const { value } of itemsOf(document.get(kind, true))) {
      const entry = resolve(value, document);
      const file = isMap(entry) ? entry.get("file") : undefined;
      if (isMap(entry) && typeof file === "string") entry.set("file", place(file, use));
    }
  moveSecrets(document, values, secrets);
  for (const left of listLeftSecrets(document.toString({ lineWidth: 0 }))) note(left);

  function moveEnvironment(service: YAMLMap, name: string, effect: Record<string, unknown>, running?: RunningService): void {
    const given = readEnvironment(effect["environment"]);
    const now = readEnvironment(running?.environment);
    const wanted = new Map(given);
    let moved = false;
    for (const [variable, value] of given) {
      if (value === undefined || !isSecretValue(variable, value)) continue;
      const literal = now.get(variable) ?? readLiteral(value);
      if (literal === undefined) continue;
      const kept = values.add(name, variable, literal);
      // As it stands in the file, it may stand at an anchor too; what depends on variables means something else there.
      if (readLiteral(value) !== undefined) secrets.set(value, kept);
      wanted.set(variable, `\${${kept}}`);
      moved = true;
    }
    for (const path of listEnvFiles(effect["env_file"])) {
      moved = true;
      for (const [variable, value] of Object.entries(request.readEnv(path)))
        if (!given.has(variable)) wanted.set(variable, `\${${values.add(name, variable, now.get(variable) ?? value)}}`);
    }
    if (!moved) return;
    service.delete("env_file");
    // One that is shared by an alias, or is a list, is written anew for this service.
    const environment: unknown = service.get("environment", true);
    if (isMap(environment))
      for (const [variable, value] of wanted) {
        if (value !== given.get(variable) || !given.has(variable)) environment.set(variable, value ?? null);
      }
    else
      service.set(
        "environment",
        document.createNode(Object.fromEntries([...wanted].map(([key, value]) => [key, value ?? null]))),
      );
  }

  function nameImage(service: YAMLMap, name: string, running?: RunningService): void {
    if (!service.has("build")) return;
    service.delete("build");
    if (!service.has("image") && running) service.set("image", running.image);
    note(`${name} was built here: its image ${String(service.get("image"))} is used as it is; push it to a registry`);
  }

  function placeMount(volumes: { items: unknown[] }, index: number, entry: unknown): void {
    if (isMap(entry)) {
      const [type, source, readOnly] = ["type", "source", "read_only"].map((key) => entry.get(key));
      if (type === "bind" && typeof source === "string")
        entry.set("source", place(source, readOnly === true ? "read" : "written"));
    } else if (isScalar(entry) && typeof entry.value === "string") {
      const [, source, rest] = /^([.~][^:]*)(:.*)$/.exec(entry.value) ?? [];
      if (source === undefined || rest === undefined) {
        if (/^\$\{[^}]*[.~]/.test(entry.value))
          note(`${entry.value}: where this leads depends on a variable; write where it is now`);
        return;
      }
      const text = `${place(source, /:([^:]*,)?ro(,|$)/.test(rest) ? "read" : "written")}${rest}`;
      if (isAlias(volumes.items[index])) volumes.items[index] = document.createNode(text);
      else (entry as Scalar).value = text;
    }
  }
}

/** Why a Compose file cannot be taken over by itself; undefined when it can. */
export function findObstacle(document: Document): string | undefined {
  const model = document.toJS({ maxAliasCount: -1 }) as Record<string, unknown> | null;
  if (typeof model !== "object" || model === null) return "it is no mapping";
  if (model["include"] !== undefined) return "it includes other files";
  const services = Object.entries((model["services"] ?? {}) as Record<string, { extends?: { file?: unknown } } | null>);
  const extending = services.find(([, service]) => service?.extends?.file !== undefined);
  return extending === undefined ? undefined : `its service ${extending[0]} extends one of another file`;
}

/** The profiles that must be active for these services to run. */
export function listProfiles(document: Document, services: readonly RunningService[]): string[] {
  const model = document.toJS({ maxAliasCount: -1 }) as { services?: Record<string, { profiles?: string[] } | null> };
  return services.flatMap(({ name }) => model.services?.[name]?.profiles?.slice(0, 1) ?? []);
}

function itemsOf(node: unknown): YAMLMap["items"] {
  return isMap(node) ? node.items : [];
}

function resolve(node: unknown, document: Document): unknown {
  return isAlias(node) ? (node.resolve(document) as Node | undefined) : node;
}

/** Maps that `<<` brings into another. */
function mergedInto(map: YAMLMap, document: Document): YAMLMap[] {
  return map.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || (String(key.value) !== "<<" && key.source !== "<<")) return [];
    const target = resolve(value, document);
    const all = isSeq(target) ? target.items.map((item) => resolve(item, document)) : [target];
    return all.filter(isMap).flatMap((one) => [one as YAMLMap, ...mergedInto(one as YAMLMap, document)]);
  });
}

function listEnvFiles(value: unknown): string[] {
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list.map((entry: unknown) => (typeof entry === "string" ? entry : String((entry as { path?: unknown }).path ?? "")));
}

/** A Compose environment, list or mapping, by name; undefined for a value that comes from outside. */
function readEnvironment(value: unknown): Map<string, string | undefined> {
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item: unknown) => {
        const [, name = "", text] = /^([^=]*)(?:=([\s\S]*))?$/.exec(String(item)) ?? [];
        return [name, text];
      })
    : Object.entries((value ?? {}) as Record<string, unknown>);
  return new Map(entries.map(([name, one]) => [name, one === undefined || one === null ? undefined : String(one)]));
}
