import type { Finding } from "../model/finding.ts";

/** More than any file that a person writes, and little enough to parse in a moment. */
export const FILE_LIMIT_BYTES = 1024 * 1024;

export interface DecodedText {
  /** Absent when there are findings. */
  readonly text?: string;
  readonly findings: readonly Finding[];
}

/** Bytes of a file as text: UTF-8 of at most 1 MiB without control characters; a byte order mark is dropped. */
export function decodeText(path: string, bytes: Uint8Array): DecodedText {
  const fail = (rule: string, message: string, line = 1, column = 1): DecodedText => ({
    findings: [{ path, line, column, message, rule, severity: "error" }],
  });
  if (bytes.length > FILE_LIMIT_BYTES) {
    return fail("file-too-large", `the file has ${bytes.length} bytes; at most ${FILE_LIMIT_BYTES} (1 MiB) are read`);
  }
  if (startsLikeUtf16(bytes)) return fail("not-utf-8", "the file is encoded as UTF-16; save it as UTF-8");
  const bad = findInvalidByte(bytes);
  if (bad) {
    const { offset, line, column } = bad;
    return fail(
      "not-utf-8",
      `byte ${offset} of the file is not UTF-8 (0x${bytes[offset]?.toString(16)}); save it as UTF-8`,
      line,
      column,
    );
  }
  const text = new TextDecoder().decode(bytes);
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text);
  if (control) {
    const before = text.slice(0, control.index).split("\n");
    const code = control[0].charCodeAt(0).toString(16).padStart(4, "0");
    return fail(
      "control-character",
      `the control character U+${code} is in the text; remove it`,
      before.length,
      (before.at(-1) ?? "").length + 1,
    );
  }
  return { text, findings: [] };
}

function startsLikeUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

// TextDecoder says that something is wrong and not where, so lines are decoded one by one, and the bad one byte by byte.
function findInvalidByte(bytes: Uint8Array): { offset: number; line: number; column: number } | undefined {
  if (isUtf8(bytes)) return undefined;
  let start = 0;
  for (let line = 1; start <= bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    if (!isUtf8(bytes.subarray(start, end))) {
      let good = start;
      for (let next = start + 1; next <= end; next++) if (isUtf8(bytes.subarray(start, next))) good = next;
      const column = new TextDecoder().decode(bytes.subarray(start, good)).length + 1;
      return { offset: good, line, column };
    }
    start = end;
  }
  return undefined;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
