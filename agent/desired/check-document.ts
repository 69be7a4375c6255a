import type { ParsedDocument, Pointer, Position } from "../model/document.ts";
import { type Finding, hasErrors, sortFindings } from "../model/finding.ts";
import { OUTLINES, type Outline } from "../model/generated/outlines.ts";
import { agent, fleet, host, stack, type Validate } from "../model/generated/validators.js";
import { parseDuration } from "../model/parse-duration.ts";
import type { DocumentTypes } from "../ports/documents.ts";
import { describePointer } from "./describe-value.ts";
import { explainErrors } from "./explain-errors.ts";
import { findUnsupported, listInner, type OutlineProblem } from "./find-unsupported.ts";

/** A document whose keys and plain scalars can be found too, as `parseYaml` makes them. */
export interface CheckableDocument extends ParsedDocument<unknown> {
  locateKey?(pointer: Pointer): Position;
  sourceOf?(pointer: Pointer): string | undefined;
}

export interface CheckedDocument<T> {
  /** Absent when a finding is an error. */
  readonly document?: ParsedDocument<T>;
  readonly findings: readonly Finding[];
}

const VALIDATORS: Readonly<Record<keyof DocumentTypes, Validate>> = { fleet, host, stack, agent };

/** Checks a document against the schema of its kind; every finding at once. */
export function checkDocument<K extends keyof DocumentTypes>(
  kind: K,
  document: CheckableDocument,
): CheckedDocument<DocumentTypes[K]> {
  const outline = OUTLINES[kind];
  const validate = VALIDATORS[kind];
  const { value } = document;
  const problems: OutlineProblem[] = validate(value) ? [] : explainErrors(validate.errors ?? [], outline, value);
  problems.push(...findUnsupported(outline, value), ...checkScalars(outline, value, [], document));
  const findings = sortFindings(problems.map((problem) => toFinding(problem, document)));
  if (hasErrors(findings)) return { findings };
  const valid: ParsedDocument<DocumentTypes[K]> = {
    path: document.path,
    value: value as DocumentTypes[K],
    locate: (pointer) => document.locate(pointer),
  };
  return { document: valid, findings };
}

function toFinding(problem: OutlineProblem, document: CheckableDocument): Finding {
  const { pointer, at, message, rule, severity } = problem;
  const place = at === "key" && document.locateKey ? document.locateKey(pointer) : document.locate(pointer);
  const about = describePointer(pointer);
  // "verify is not supported yet" reads as a sentence; everything else is said about the key.
  const separator = message.startsWith("is ") ? " " : ": ";
  const named = about === "" || rule === "unknown-key" ? message : `${about}${separator}${message}`;
  return { path: document.path, ...place, message: named, rule, severity };
}

// What a JSON Schema cannot say: durations that are too short, and numbers that would come out differently than they are written.
function checkScalars(outline: Outline, value: unknown, pointer: Pointer, document: CheckableDocument): OutlineProblem[] {
  const problem = (message: string, rule: string): OutlineProblem[] => [
    { pointer, at: "value", message, rule, severity: "error" },
  ];
  if (outline.atLeast !== undefined && typeof value === "string") {
    const durationMs = parseDuration(value);
    if (durationMs !== undefined && durationMs < (parseDuration(outline.atLeast) ?? 0)) {
      return problem(`${value} is too short; at least ${outline.atLeast}`, "wrong-value");
    }
  }
  if (outline.asWritten && (typeof value === "number" || typeof value === "boolean")) {
    const source = document.sourceOf?.(pointer) ?? String(value);
    if (source !== String(value)) return problem(`${source} would be read as ${value}; write "${source}"`, "lossy-value");
  }
  return listInner(outline, value).flatMap(([key, inner, innerValue]) =>
    checkScalars(inner, innerValue, [...pointer, key], document),
  );
}
