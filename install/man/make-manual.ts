import { marked } from "marked";
import markedMan from "marked-man";
import { describeProgram } from "../../agent/commands/describe-program.ts";
import { VERSION } from "../../agent/commands/version.ts";
import { describeManual } from "./describe-manual.ts";

/** A list item that begins with a term: for roff a definition. */
const ITEM = /^\.IP \\\(bu 2\n(.*):\n\.br\n/gm;

/** The manual page as roff, from the same description as `holdfast help`; the same on every day. */
export function makeManual(): string {
  const program = describeProgram(new AbortController().signal, () => undefined);
  const roff = String(marked.use(markedMan).parse(describeManual(program)));
  return roff
    .replace(/^\.TH .*$/m, `.TH HOLDFAST 8 "" "holdfast ${VERSION}" "System Manager's Manual"`)
    .replaceAll(ITEM, ".TP\n$1\n");
}
