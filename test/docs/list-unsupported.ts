import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

type Level = "warning" | "error";

interface SchemaNode {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly "x-not-supported-yet"?: Level | Readonly<Record<string, Level>>;
}

/** A key, or some values of it, that the schemas know and the program does not act on. */
export interface UnsupportedKey {
  readonly file: string;
  /** `alerts.webhook`. */
  readonly key: string;
  /** The values that are meant; all when empty. */
  readonly values: readonly string[];
  readonly level: Level;
}

const SCHEMAS = join(import.meta.dirname, "../../schemas");
const FILES = { "fleet.yaml": "fleet", "hosts/<host>.yaml": "host", "stack.yaml": "stack", "agent.yaml": "agent" };

/** Everything that the schemas mark as not supported yet, in their order. */
export function listUnsupported(): UnsupportedKey[] {
  return Object.entries(FILES).flatMap(([file, name]) => {
    const path = join(SCHEMAS, `${name}.schema.json`);
    return walk(read(path), path, file, []);
  });
}

function walk(node: SchemaNode, path: string, file: string, keys: readonly string[]): UnsupportedKey[] {
  const [resolved, at] = resolve(node, path);
  // A mark beside a reference wins over one behind it.
  const mark = node["x-not-supported-yet"] ?? resolved["x-not-supported-yet"];
  const key = keys.join(".");
  if (typeof mark === "string") return [{ file, key, values: [], level: mark }];
  if (mark !== undefined) {
    const levels = [...new Set(Object.values(mark))];
    return levels.map((level) => ({ file, key, level, values: Object.keys(mark).filter((value) => mark[value] === level) }));
  }
  // Of fleet.yaml's defaults only the stack's own keys are told, at the stack.
  if (file === "fleet.yaml" && keys[0] === "defaults") return [];
  return Object.entries(resolved.properties ?? {}).flatMap(([name, inner]) => walk(inner, at, file, [...keys, name]));
}

function resolve(node: SchemaNode, path: string): [SchemaNode, string] {
  if (node.$ref === undefined) return [node, path];
  const [file = "", pointer = ""] = node.$ref.split("#");
  const target = file === "" ? path : join(dirname(path), file);
  const found = pointer
    .split("/")
    .filter(Boolean)
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], read(target));
  return resolve(found as SchemaNode, target);
}

function read(path: string): SchemaNode {
  return JSON.parse(readFileSync(path, "utf8")) as SchemaNode;
}
