import type { DoctorCheck } from "../../model/generated/doctor.ts";

export type Paint = (style: "green" | "yellow" | "red" | "dim" | "bold", text: string) => string;

const STYLES = { ok: "green", warning: "yellow", error: "red", skipped: "dim" } as const;
const INDENT = "  ";
const COLUMN = "skipped  ".length;

/** The checks of one area, in lines of at most `width` characters as far as words allow. */
export function renderArea(area: string, checks: readonly DoctorCheck[], width: number, paint: Paint): string {
  return [paint("bold", area), ...checks.flatMap((check) => renderCheck(check, width, paint))].join("\n");
}

/** How many errors and warnings there are, as the last line. */
export function renderSummary(
  { host, checks }: { readonly host?: string; readonly checks: readonly DoctorCheck[] },
  paint: Paint,
): string {
  const count = (status: DoctorCheck["status"]): number => checks.filter((check) => check.status === status).length;
  const parts = (["error", "warning"] as const)
    .map((status) => [status, count(status)] as const)
    .filter(([, number]) => number > 0)
    .map(([status, number]) => paint(STYLES[status], `${number} ${status}${number === 1 ? "" : "s"}`));
  return `${host === undefined ? "" : `${host}: `}${parts.length === 0 ? paint("green", "all is well") : parts.join(", ")}`;
}

function renderCheck(check: DoctorCheck, width: number, paint: Paint): string[] {
  const { area, status, what, expected, actual, fix, stack } = check;
  const compared = expected === undefined || actual === undefined ? "" : `: expected ${expected}, found ${actual}`;
  const text = `${stack === undefined || area === "desired state" ? "" : `${stack}: `}${what}${compared}`;
  const left = INDENT.length + COLUMN;
  const [first = "", ...rest] = wrap(text, width - left);
  const fixes = fix === undefined ? [] : wrap(fix, width - left - "fix: ".length);
  return [
    `${INDENT}${paint(STYLES[status], status)}${" ".repeat(COLUMN - status.length)}${first}`,
    ...rest.map((line) => `${" ".repeat(left)}${line}`),
    ...fixes.map((line, index) => `${" ".repeat(left)}${index === 0 ? paint("dim", "fix: ") : "     "}${line}`),
  ];
}

/** Breaks a text between words; a word that is longer than a line stays whole, so that it can be copied. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
