import type { Json } from "../../model/desired.ts";

/** A JSON value as lines that read like YAML, keys sorted and what is empty left out, so that a diff shows what differs. */
export function outlineModel(value: Json): string[] {
  return outline(value, "");
}

function outline(value: Json, indent: string): string[] {
  if (value === null || typeof value !== "object") return [`${indent}${scalar(value)}`];
  if (Array.isArray(value)) {
    return value.flatMap((item: Json) => {
      const [first = "", ...rest] = outline(item, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.flatMap(([key, item]) => {
    const name = scalar(key);
    // Compose prints these two always; elsewhere a key alone says something, `networks: {front: }`.
    if (item === null) return ["command", "entrypoint"].includes(key) ? [] : [`${indent}${name}:`];
    if (isEmpty(item)) return [];
    return typeof item === "object"
      ? [`${indent}${name}:`, ...outline(item, `${indent}  `)]
      : [`${indent}${name}: ${scalar(item)}`];
  });
}

function isEmpty(value: Json): boolean {
  return value !== null && typeof value === "object" && Object.keys(value).length === 0;
}

function scalar(value: null | boolean | number | string): string {
  if (typeof value !== "string") return String(value);
  // What another value would be read as, or would end a line, is quoted.
  const isPlain = /^[\w./(*][\w ./:@=,+*()<>-]*$/.test(value) && !/:(\s|$)|\s$/.test(value);
  return isPlain && !/^(true|false|yes|no|null|on|off|[\d.]+)$/i.test(value) ? value : JSON.stringify(value);
}
