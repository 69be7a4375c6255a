import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../../model/desired.ts";

/** Number of the digest scheme: raised only when what goes into a digest changes. */
const SCHEME = "1";

/** Everything that the digests of the same inputs depend on: the version of Compose, and the way in which Holdfast digests. */
export function nameTool(composeVersion: string): string {
  return `${composeVersion}/${SCHEME}`;
}

/** The two halves of a service's digest: equal halves mean that nothing has to be recreated. */
export interface ServiceDigest {
  readonly scheme: string;
  readonly definition: string;
  readonly files: string;
}

/** JSON text with sorted keys and without nulls and empty values, so that it does not depend on the tool's defaults. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(prune(value) ?? null);
}

/** SHA-256 of a text, the first 32 hexadecimal digits. */
export function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The value of the label `holdfast.digest` for a definition and the contents that the service is started with. */
export function digestService(definition: JsonObject, contents: Readonly<Record<string, string>>): string {
  return `${SCHEME}.${shortDigest(canonicalJson(definition))}.${shortDigest(canonicalJson(contents))}`;
}

/** Reads a label back; undefined when it is none of ours. */
export function parseDigest(label: string | undefined): ServiceDigest | undefined {
  const [scheme, definition, files, ...rest] = label?.split(".") ?? [];
  if (scheme === undefined || definition === undefined || files === undefined || rest.length > 0) return undefined;
  return { scheme, definition, files };
}

// An empty `command` or `entrypoint` means "none", an absent one "the image's": the only fields where empty and absent differ.
function prune(value: Json, key?: string): Json | undefined {
  if (value === null) return undefined;
  if (isArray(value)) {
    if (value.length === 0) return key === "command" || key === "entrypoint" ? [] : undefined;
    return value.map((item) => prune(item) ?? null);
  }
  if (typeof value !== "object") return value;
  const entries = Object.keys(value)
    .sort()
    .map((name) => [name, prune(value[name] ?? null, name)] as const)
    .filter((entry): entry is readonly [string, Json] => entry[1] !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
