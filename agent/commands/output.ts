import { type Finding, renderFinding } from "../model/finding.ts";

export type Format = "text" | "json" | "markdown";

/** Where a command writes what it was asked for, and what went wrong. */
export interface Output {
  readonly format: Format;
  print(text: string): void;
  complain(text: string): void;
}

/** Standard output and standard error. */
export function openOutput(format: Format): Output {
  return { format, print: (text) => process.stdout.write(`${text}\n`), complain: (text) => process.stderr.write(`${text}\n`) };
}

/** Findings on standard error, or as JSON on standard output. */
export function printFindings(findings: readonly Finding[], output: Output, reason?: string): void {
  if (output.format === "json")
    output.print(JSON.stringify({ ...(reason === undefined ? {} : { reason }), findings }, undefined, 2));
  else for (const line of [...(reason === undefined ? [] : [reason]), ...findings.map(renderFinding)]) output.complain(line);
}
