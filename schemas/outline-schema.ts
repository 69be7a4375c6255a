import { isSchema, type Schema } from "./dereference-schema.ts";

type Level = "warning" | "error";

interface Outline {
  expected: string;
  keys?: Record<string, Outline>;
  values?: Outline;
  items?: Outline;
  exclusive?: string[];
  notSupported?: Level | Record<string, Level>;
  asWritten?: true;
  atLeast?: string;
}

/** What messages need of a flat schema: the keys that exist, what is expected in words, and what is not supported yet. */
export function outlineSchema(schema: Schema): Outline {
  const outline: Outline = { expected: describeExpected(schema) };
  const branches = Array.isArray(schema["oneOf"]) ? schema["oneOf"].filter(isSchema) : [];
  const keys = [schema, ...branches].flatMap((branch) =>
    Object.entries(isSchema(branch["properties"]) ? branch["properties"] : {}),
  );
  if (keys.length > 0) outline.keys = Object.fromEntries(keys.map(([key, inner]) => [key, outlineSchema(inner as Schema)]));
  if (isSchema(schema["additionalProperties"])) outline.values = outlineSchema(schema["additionalProperties"]);
  if (isSchema(schema["items"])) outline.items = outlineSchema(schema["items"]);
  if (isSchema(schema["not"])) outline.exclusive = schema["not"]["required"] as string[];
  if (schema["x-not-supported-yet"] !== undefined) outline.notSupported = schema["x-not-supported-yet"] as Level;
  if (schema["x-as-written"] === true) outline.asWritten = true;
  if (typeof schema["x-at-least"] === "string") outline.atLeast = schema["x-at-least"];
  return outline;
}

function describeExpected(schema: Schema): string {
  if (typeof schema["x-expected"] === "string") return schema["x-expected"];
  if (schema["const"] !== undefined) return String(schema["const"]);
  if (Array.isArray(schema["enum"])) return joinWithOr(schema["enum"].map(String));
  const type = schema["type"];
  if (Array.isArray(type)) return joinWithOr(type.map((one) => describeExpected({ type: one })));
  if (type === "object") return describeMapping(schema);
  if (type === "array") return `a list of ${nameItems(schema["items"])}`;
  if (type === "integer") return `a whole number${describeRange(schema)}`;
  if (type === "number") return "a number";
  if (type === "boolean") return "true or false";
  return schema["minLength"] === undefined ? "a string" : "a string that is not empty";
}

function describeMapping(schema: Schema): string {
  const keys = Object.keys(isSchema(schema["properties"]) ? schema["properties"] : {});
  if (schema["maxProperties"] === 1) return `a mapping with exactly one of the keys ${keys.join(", ")}`;
  if (keys.length > 0 && keys.length <= 8) return `a mapping with the ${keys.length === 1 ? "key" : "keys"} ${keys.join(", ")}`;
  return keys.length > 0 ? "a mapping" : "a mapping of names to values";
}

function nameItems(items: unknown): string {
  return isSchema(items) && items["type"] === "object" ? "mappings" : "strings";
}

function describeRange(schema: Schema): string {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  return minimum === undefined ? "" : ` of at least ${minimum}`;
}

function joinWithOr(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
