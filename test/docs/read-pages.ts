import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** 1-based line of the fence. */
  readonly line: number;
  readonly language: string;
  /** The comment right before it: `<!-- run -->`. */
  readonly marker: string;
  readonly text: string;
}

/** Paths of the pages that users read. */
export function listPages(): string[] {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...docs.map((name) => `docs/${name}`)];
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

/** The fenced blocks of all pages; those inside list items lose their indentation. */
export function listBlocks(): Block[] {
  return listPages().flatMap((page) => {
    const text = readPage(page);
    return [...text.matchAll(/(?:<!-- ([^\n]*?) -->\n)?^( *)```(\w*)\n(.*?)^\2```$/gms)].map((match) => {
      const [whole, , indent = "", language = "", body = ""] = match;
      const marker = /<!-- (.*?) -->\n *```/.exec(whole)?.[1] ?? "";
      const line = text.slice(0, match.index).split("\n").length + (marker === "" ? 0 : 1);
      return { page, line, language, marker, text: body.replaceAll(new RegExp(`^${indent}`, "gm"), "") };
    });
  });
}

/** The cells of the table that follows a text of a page, without its heading. */
export function readTable(page: string, after: string): string[][] {
  const lines = readPage(page).split("\n");
  const start = lines.findIndex(
    (line, index) => line.startsWith("|") && lines.slice(0, index).some((one) => one.includes(after)),
  );
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The text inside backticks at the start of a cell. */
export function codeOf(cell: string): string {
  return /^`([^`]+)`/.exec(cell)?.[1] ?? cell;
}
