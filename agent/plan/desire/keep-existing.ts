import type { Json, JsonObject } from "../../model/desired.ts";
import { asObject } from "./json.ts";

type Named = readonly { readonly name: string }[];

/**
 * The model as Compose is given it: networks and volumes that exist are not its to make. From 2.31 on it would make those anew
 * whose definition, or only its own way to tell definitions apart, has changed, and fail at what still uses them.
 */
export function keepExisting(model: JsonObject, networks: Named, volumes: Named): JsonObject {
  return {
    ...model,
    ...(model["networks"] === undefined ? {} : { networks: keep(model["networks"], networks) }),
    ...(model["volumes"] === undefined ? {} : { volumes: keep(model["volumes"], volumes) }),
  };
}

function keep(definitions: Json, existing: Named): JsonObject {
  const entries = Object.entries(asObject(definitions)).map(([key, value]): [string, Json] => {
    const { name } = asObject(value);
    // Of two with one name only Compose can tell which is meant.
    const found = existing.filter((item) => item.name === name);
    return [key, name !== undefined && found.length === 1 ? { name, external: true } : value];
  });
  return Object.fromEntries(entries);
}
