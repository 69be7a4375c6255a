import type { Pointer } from "../model/document.ts";

const TEXT_LIMIT = 60;

/** What stands in a file, in words: `the number 5`, `a list`. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") {
    return value === ""
      ? "an empty string"
      : JSON.stringify(value.length > TEXT_LIMIT ? `${value.slice(0, TEXT_LIMIT)}…` : value);
  }
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  const keys = Object.keys(value);
  if (keys.length === 0) return "an empty mapping";
  return keys.length > 3 ? "a mapping" : `a mapping with the ${keys.length === 1 ? "key" : "keys"} ${keys.join(", ")}`;
}

/** A pointer as people write it: `alerts.alertmanager[0].url`. */
export function describePointer(pointer: Pointer): string {
  return pointer
    .map((segment, index) => (typeof segment === "number" ? `[${segment}]` : `${index > 0 ? "." : ""}${segment}`))
    .join("");
}
