import { TextDecoder } from "node:util";

/** Larger files are told by their sizes. */
const LIMIT_BYTES = 64 * 1024;
const LINES = 40;
const LINE_LENGTH = 200;
/** Beyond this many changed lines the search for the shortest diff costs more than it tells. */
const EDIT_LIMIT = 2_000;

/**
 * What was changed in a file: a unified diff of at most 40 lines, or the two sizes where one side is large or no text. `mask` is
 * applied to both sides before they are compared, so that no value gets into the diff in parts. The library is loaded when it is needed.
 */
export async function describeEdit(
  path: string,
  placed: Uint8Array,
  found: Uint8Array,
  mask: (text: string) => string,
): Promise<string> {
  const [before, after] = [readText(placed), readText(found)];
  const sizes = describeSizes(placed, found.length);
  if (before === undefined || after === undefined) return sizes;
  const { structuredPatch } = await import("diff");
  const options = { context: 2, maxEditLength: EDIT_LIMIT };
  const patch = structuredPatch(
    `${path} as placed`,
    `${path} as found`,
    mask(before),
    mask(after),
    undefined,
    undefined,
    options,
  );
  if (patch === undefined) return sizes;
  if (patch.hunks.length === 0) return `${sizes}; what differs is masked`;
  const lines = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: changed }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...changed,
  ]);
  const all = [`--- ${patch.oldFileName}`, `+++ ${patch.newFileName}`, ...lines].map(tidyLine);
  const rest = all.length - LINES + 1;
  return (rest > 1 ? [...all.slice(0, LINES - 1), `… and ${rest} more lines`] : all).join("\n");
}

/** Whether a file is small enough to be compared line by line. */
export function isSmall(bytes: number): boolean {
  return bytes <= LIMIT_BYTES;
}

/** What is told of a file that is not compared. */
export function describeSizes(placed: Uint8Array, foundBytes: number): string {
  return `${placed.length} bytes were placed, ${foundBytes} bytes are found`;
}

// A text has no NUL, and every byte of it means something.
function readText(content: Uint8Array): string | undefined {
  if (!isSmall(content.length) || content.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

// A plan is printed on a terminal, which obeys control characters.
function tidyLine(line: string): string {
  const plain = line.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "\ufffd");
  return plain.length > LINE_LENGTH ? `${plain.slice(0, LINE_LENGTH - 1)}…` : plain;
}
