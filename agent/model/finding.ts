import { showControls } from "./show-controls.ts";

/** `error` keeps what it concerns from being converged; `warning` is only shown. */
export type Severity = "error" | "warning";

/** Something about the desired state that its author should know, at its place in the file. */
export interface Finding {
  /** Path in the repository, or on the host for host files. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** What is wrong and what would be right, in one line. */
  readonly message: string;
  /** The rule's stable name, kebab-case: `unknown-key`, `yaml-syntax`, `variable-undefined`, … */
  readonly rule: string;
  readonly severity: Severity;
  /** The stack that it keeps from converging; without it, it concerns a host or the fleet. */
  readonly stack?: string;
}

/** A finding as users read it: `path:line:column: message (rule)`. */
export function renderFinding(finding: Finding): string {
  const { path, line, column, message, rule, severity } = finding;
  return showControls(`${path}:${line}:${column}: ${severity === "warning" ? "warning: " : ""}${message} (${rule})`);
}

/** Orders findings as a reader goes through files, and drops exact repetitions. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const sorted = [...findings].sort(
    (a, b) =>
      compare(a.path, b.path) ||
      a.line - b.line ||
      a.column - b.column ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message),
  );
  return sorted.filter((finding, index) => index === 0 || renderFinding(finding) !== renderFinding(sorted[index - 1] ?? finding));
}

/** Whether any of the findings forbids converging. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === "error");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
