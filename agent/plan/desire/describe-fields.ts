import type { JsonObject } from "../../model/desired.ts";
import { showControls } from "../../model/show-controls.ts";
import { canonicalJson, shortDigest } from "./digest-service.ts";
import { asObject, asString } from "./json.ts";

/** Fields whose entries are named one by one when they change. */
const BY_ENTRY = new Set(["environment", "labels"]);

/**
 * A service's definition as short digests by field, so that a later plan can name what changed without keeping values
 * that may be secret. `image` stays in plain text.
 */
export function describeFields(definition: JsonObject): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [field, value] of Object.entries(definition)) {
    if (field === "image") fields[field] = asString(value) ?? "";
    else if (BY_ENTRY.has(field)) {
      for (const [name, entry] of Object.entries(asObject(value)))
        fields[`${field} ${name}`] = shortDigest(canonicalJson(entry)).slice(0, 8);
    } else if (canonicalJson(value) !== "null") fields[field] = shortDigest(canonicalJson(value)).slice(0, 8);
  }
  return fields;
}

/** What differs between two descriptions, in words: `image a -> b`, `environment X changed`, `ports added`. */
export function compareFields(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  return compareRecords(before, after).map(({ name, old, now, change }) =>
    showControls(name === "image" ? `image ${old ?? "none"} -> ${now ?? "none"}` : `${name} ${change}`),
  );
}

/** The names of the fields that differ between two descriptions. */
export function listFields(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  return compareRecords(before, after).map(({ name }) => name);
}

/** Which files differ between two sets of object ids, in words: `file conf/nginx.conf changed`. */
export function compareFiles(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  return compareRecords(before, after).map(({ name, change }) => showControls(`file ${name} ${change}`));
}

interface Difference {
  readonly name: string;
  readonly old: string | undefined;
  readonly now: string | undefined;
  readonly change: "added" | "removed" | "changed";
}

function compareRecords(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (old === now) return [];
    return [{ name, old, now, change: old === undefined ? "added" : now === undefined ? "removed" : "changed" }];
  });
}
