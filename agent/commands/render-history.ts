import type { HistoryEntryReport, HistoryReport } from "../model/generated/history.ts";
import { formatTime } from "./format-time.ts";

const WIDTH = 80;
const INDENT = "    ";

/** A history as people read it, the newest last: as text that is no wider than a terminal, or as a table in Markdown. */
export function renderHistory({ entries, host }: HistoryReport, format: "text" | "markdown"): string {
  if (entries.length === 0) return `${host}: nothing has happened yet`;
  return format === "text" ? entries.map(renderEntry).join("\n") : renderTable(entries);
}

function renderEntry(entry: HistoryEntryReport): string {
  const { at, stack, event, revision } = entry;
  const heading = [formatTime(Date.parse(at)), stack, event, shorten(revision)].filter((part) => part !== undefined).join("  ");
  return [heading, ...describeDetails(entry).flatMap(wrap), ...(entry.output ?? []).flatMap(quote)].join("\n");
}

/** What there is to say beyond the heading, a line each; steps are told with their causes instead of the one line that sums them up. */
function describeDetails({ event, text, steps = [], findings = [] }: HistoryEntryReport): string[] {
  const because = (causes: readonly string[]): string[] => causes.map((cause) => `  because ${cause}`);
  const taken = steps.flatMap((step) => [step.text, ...because(step.causes)]);
  switch (event) {
    case "converged":
      return taken.length > 0 ? taken : [text];
    case "step-failed":
      return [text, ...steps.flatMap((step) => because(step.causes))];
    default:
      return [text, ...taken, ...findings];
  }
}

function renderTable(entries: readonly HistoryEntryReport[]): string {
  const rows = entries.map((entry) => {
    const { at, stack, event, revision } = entry;
    const cells = [
      formatTime(Date.parse(at)),
      stack ?? "",
      event,
      shorten(revision) ?? "",
      [...describeDetails(entry), ...(entry.output ?? [])].join("\n"),
    ];
    return `| ${cells.map((cell) => cell.trim().replaceAll("|", "\\|").replaceAll("<", "&lt;").replace(/\n\s*/g, "<br>")).join(" | ")} |`;
  });
  return ["| time | stack | event | revision | what |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** A line in lines that fit; what goes on is indented further, and a word that is too long stays whole. */
function wrap(line: string): string[] {
  const own = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = `${INDENT}${own}`;
  let empty = true;
  for (const word of line.trim().split(" ")) {
    if (!empty && current.length + 1 + word.length > WIDTH) {
      lines.push(current);
      current = `${INDENT}${own}  `;
      empty = true;
    }
    current += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, current];
}

/** What a program wrote, as it did, in lines that fit. */
function quote(line: string): string[] {
  const start = `${INDENT}| `;
  const pieces = line.match(new RegExp(`.{1,${WIDTH - start.length}}`, "gu")) ?? [];
  return pieces.map((piece) => `${start}${piece}`.trimEnd());
}

function shorten(revision: string | undefined): string | undefined {
  return revision?.slice(0, 12);
}
