import type { CommandResult } from "../lib/run-command.ts";

const LINES_SHOWN = 20;
/** Nobody cuts within a line but who has masked its secrets, or the rest of one would be shown. */
const LENGTH_READ = 65_536;

/** How a one-off run failed, in one line: its exit code and the last thing that it wrote. */
export function describeRun({ exitCode, stdout, stderr }: Pick<CommandResult, "exitCode" | "stdout" | "stderr">): string {
  const last = [stderr, stdout].map((text) => linesOf(text).at(-1)).find((line) => line !== undefined);
  const code = exitCode === undefined ? "was ended by a signal" : `ended with code ${exitCode}`;
  return last === undefined ? code : `${code}: ${readable(last)}`;
}

/** The last lines that a one-off run wrote, Compose's own left out; with whatever secrets are in them. */
export function lastLines(stdout: string, stderr: string): string {
  const lines = [...linesOf(stdout), ...linesOf(stderr)].slice(-LINES_SHOWN);
  return lines.map(readable).join("\n");
}

function readable(line: string): string {
  return line.length > LENGTH_READ ? `a line of ${line.length} characters` : line;
}

function linesOf(text: string): string[] {
  const lines = text.split(/[\r\n]+/).map((line) => line.trimEnd());
  return lines.filter((line) => line.trim() !== "" && !isProgress(line));
}

// ` Container shop-db-1  Running`, ` Network shop_default  Created`
function isProgress(line: string): boolean {
  return /^\s*(Container|Network|Volume|Image) \S+\s+\w+$/.test(line) || /level=warning/.test(line);
}
