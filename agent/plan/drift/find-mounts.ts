import type { JsonObject } from "../../model/desired.ts";
import type { TreeFile } from "../../model/tree.ts";
import { asArray, asObject, asString } from "../desire/json.ts";

/** How a service gets a placed file: what holds in any of the ways in which it does. */
export interface Mount {
  /** Below the stack's root. */
  readonly path: string;
  readonly oid: string;
  readonly executable: boolean;
  /** The container may change it. */
  readonly writable: boolean;
  /** Mounted by itself, so that the container keeps its inode: another file of that name would not reach it. */
  readonly single: boolean;
  /** A Compose secret. */
  readonly secret: boolean;
}

interface Way {
  /** Below the root, a file or a directory; "" for the root. */
  readonly path: string;
  readonly writable: boolean;
  readonly secret: boolean;
}

/** The placed files that a service mounts, or gets as config or secret; `root` is where the model has them. */
export function findMounts(service: JsonObject, model: JsonObject, root: string, files: readonly TreeFile[]): Mount[] {
  const ways = [...listBinds(service), ...listDefinitions(service, model)].flatMap(({ source, ...way }): Way[] => {
    const path = pathBelow(source, root);
    return path === undefined ? [] : [{ path, ...way }];
  });
  if (ways.length === 0) return [];
  return files.flatMap(({ path, oid, mode }): Mount[] => {
    const own = ways.filter((way) => way.path === "" || way.path === path || path.startsWith(`${way.path}/`));
    if (own.length === 0) return [];
    const some = (holds: (way: Way) => boolean): boolean => own.some(holds);
    const flags = {
      writable: some((way) => way.writable),
      single: some((way) => way.path === path),
      secret: some((way) => way.secret),
    };
    return [{ path, oid, executable: mode === "100755", ...flags }];
  });
}

/** Configs and secrets that a service uses, as `configs.NAME`, with their definitions in the model. */
export function definitionsOf(service: JsonObject, model: JsonObject): [string, JsonObject][] {
  return ["configs", "secrets"].flatMap((group) =>
    asArray(service[group]).map((use): [string, JsonObject] => {
      const source = asString(asObject(use)["source"]) ?? "";
      return [`${group}.${source}`, asObject(asObject(model[group])[source])];
    }),
  );
}

function listBinds(service: JsonObject) {
  return asArray(service["volumes"])
    .map(asObject)
    .filter((volume) => volume["type"] === "bind")
    .map((volume) => ({ source: asString(volume["source"]) ?? "", writable: volume["read_only"] !== true, secret: false }));
}

// Compose mounts these read-only.
function listDefinitions(service: JsonObject, model: JsonObject) {
  return definitionsOf(service, model).map(([name, definition]) => ({
    source: asString(definition["file"]) ?? "",
    writable: false,
    secret: name.startsWith("secrets."),
  }));
}

function pathBelow(path: string, root: string): string | undefined {
  return path === root ? "" : path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
}
