import type { Json, JsonObject } from "../../model/desired.ts";

/** The value as an object; an empty one when it is something else. */
export function asObject(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !isList(value) ? value : {};
}

/** The value as a list; an empty one when it is something else. */
export function asArray(value: Json | undefined): readonly Json[] {
  return value !== undefined && isList(value) ? value : [];
}

/** The value as a text; undefined when it is something else. */
export function asString(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The same value with every text in it, keys excepted, replaced. */
export function mapStrings(value: Json, replace: (text: string) => string): Json {
  if (typeof value === "string") return replace(value);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((item) => mapStrings(item, replace));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, replace)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
