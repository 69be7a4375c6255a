import type { Pointer } from "../model/document.ts";
import type { Finding, Severity } from "../model/finding.ts";
import type { YamlDocument } from "./parse-yaml.ts";

export type Mapping = Readonly<Record<string, unknown>>;

/** A Compose file that takes part in a stack. */
export interface ComposeFile {
  /** Below the stack's root. */
  readonly path: string;
  /** Below the stack's root: what relative paths of the file are relative to. */
  readonly directory: string;
  readonly role: "main" | "included" | "extended";
  /** Names of the variables that have a value in this file. */
  readonly variables: ReadonlySet<string>;
  readonly document: YamlDocument;
}

/** Makes a finding about a value of a file. */
export function makeFinding(
  document: YamlDocument,
  pointer: Pointer,
  message: string,
  rule: string,
  severity: Severity = "error",
): Finding {
  return { path: document.path, ...document.locate(pointer), message, rule, severity };
}

/** A value as a mapping; an empty one when it is none. */
export function asMapping(value: unknown): Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}

/** A value that Compose takes alone or as a list, with its pointers. */
export function asList(value: unknown, pointer: Pointer): [unknown, Pointer][] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((item, index) => [item, [...pointer, index]]) : [[value, pointer]];
}
