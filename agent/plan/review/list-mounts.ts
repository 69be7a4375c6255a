import type { DesiredStack, JsonObject } from "../../model/desired.ts";
import { asArray, asObject, asString } from "../desire/json.ts";

/** Storage that outlives a container: a named volume, or a path of the host that Holdfast does not place. */
export interface Mount {
  readonly service: string;
  readonly kind: "volume" | "path";
  /** Name of the volume on the engine, or absolute path. */
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

/** Where the services of a stack keep data. */
export function listMounts({ model, files }: DesiredStack, root: string): Mount[] {
  const volumes = asObject(model["volumes"]);
  const project = asString(model["name"]) ?? "";
  return Object.entries(asObject(model["services"])).flatMap(([service, definition]) =>
    asArray(asObject(definition)["volumes"]).flatMap((entry): Mount[] => {
      const mount = asObject(entry);
      const source = asString(mount["source"]) ?? "";
      const about = { service, target: asString(mount["target"]) ?? "", isReadOnly: mount["read_only"] === true };
      if (mount["type"] === "volume" && source !== "") {
        const name = asString(asObject(volumes[source])["name"]) ?? `${project}_${source}`;
        return [{ ...about, kind: "volume", source: name }];
      }
      if (mount["type"] !== "bind" || !source.startsWith("/")) return [];
      // What Holdfast places is no data; a directory of the project that it does not know is.
      const below = source.startsWith(`${root}/`) ? source.slice(root.length + 1) : undefined;
      const isPlaced = files.some(({ path }) => path === below || path.startsWith(`${below}/`));
      return below !== undefined && isPlaced ? [] : [{ ...about, kind: "path", source }];
    }),
  );
}

/** The named volumes of a model whose definition is not the same as before. */
export function listRedefinedVolumes(before: JsonObject, after: JsonObject): string[] {
  const [old, now] = [asObject(before["volumes"]), asObject(after["volumes"])];
  return Object.keys(now)
    .filter((key) => old[key] !== undefined && JSON.stringify(old[key]) !== JSON.stringify(now[key]))
    .map((key) => asString(asObject(now[key])["name"]) ?? key)
    .sort();
}
