import type { Pointer } from "../model/document.ts";
import type { Severity } from "../model/finding.ts";
import type { Outline } from "../model/generated/outlines.ts";

export interface OutlineProblem {
  readonly pointer: Pointer;
  /** Names the value or, for what is about the whole key, the key. */
  readonly at: "key" | "value";
  /** Empty for what is said of the value alone. */
  readonly message: string;
  readonly rule: string;
  readonly severity: Severity;
}

/** Keys and values that the schema knows and this version does not act on; an error where they would restrict what the agent may do. */
export function findUnsupported(outline: Outline, value: unknown, pointer: Pointer = []): OutlineProblem[] {
  const marker = outline.notSupported;
  if (typeof marker === "string" && !restrictsNothing(value)) {
    return [
      { pointer, at: "key", message: `is not supported yet; ${ADVICE[marker]}`, rule: "not-supported-yet", severity: marker },
    ];
  }
  const level = typeof marker === "object" ? marker[String(value)] : undefined;
  if (level) {
    const message = `${String(value)} is not supported yet; ${ADVICE[level]}`;
    return [{ pointer, at: "value", message, rule: "not-supported-yet", severity: level }];
  }
  return listInner(outline, value).flatMap(([key, inner, innerValue]) => findUnsupported(inner, innerValue, [...pointer, key]));
}

/** The values directly inside a value that the outline says something about. */
export function listInner(outline: Outline, value: unknown): [string | number, Outline, unknown][] {
  if (Array.isArray(value)) {
    const { items } = outline;
    return items ? value.map((inner, index) => [index, items, inner]) : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): [string, Outline, unknown][] => {
    const known = Object.hasOwn(outline.keys ?? {}, key) ? outline.keys?.[key] : outline.values;
    return known ? [[key, known, inner]] : [];
  });
}

const ADVICE = {
  warning: "it has no effect",
  error: "remove it, since the agent would not keep to it",
} as const;

function restrictsNothing(value: unknown): boolean {
  if (value === false || value === null || value === "off") return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
