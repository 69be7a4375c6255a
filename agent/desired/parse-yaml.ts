import { type Document, isScalar, LineCounter, parseDocument, type YAMLError } from "yaml";
import type { ParsedDocument, Pointer, Position } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { checkYamlNodes } from "./check-yaml-nodes.ts";
import { decodeText } from "./decode-text.ts";
import { findYamlNode } from "./find-yaml-node.ts";

/** One mistake can make every line after it wrong; nobody reads more than these. */
const ERROR_LIMIT = 50;

/** A YAML file as a plain value, with the places of its keys and values. */
export interface YamlDocument extends ParsedDocument<unknown> {
  /** Where the key stands that leads to the value at `pointer`; the value's place when it has none. */
  locateKey(pointer: Pointer): Position;
  /** A plain scalar as it is written, `1.10`; undefined for quoted text and anything else. */
  sourceOf(pointer: Pointer): string | undefined;
}

export interface ParsedYaml {
  /** Absent when the text cannot be understood; there are findings then. It may be here beside findings about single keys. */
  readonly document?: YamlDocument;
  readonly findings: readonly Finding[];
}

/** Parses one YAML 1.2 document; `tags` are the tags that are accepted beside YAML's own, `!reset` (which reads as null) among them. */
export function parseYaml(path: string, bytes: Uint8Array, tags: readonly string[] = []): ParsedYaml {
  const decoded = decodeText(path, bytes);
  if (decoded.text === undefined) return { findings: decoded.findings };
  const { text } = decoded;
  const fail = (rule: string, message: string): ParsedYaml => ({
    findings: [{ path, line: 1, column: 1, message, rule, severity: "error" }],
  });
  try {
    return parseText(path, text, tags);
  } catch (error) {
    // The parser recurses; whatever is nested so deep was not written by a person.
    if (error instanceof RangeError) return fail("yaml-too-deep", "the values are nested too deep; flatten them");
    return fail("yaml-syntax", `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseText(path: string, text: string, tags: readonly string[]): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // Compose files share settings between services with `<<`; one rule for every file.
    merge: true,
    logLevel: "error",
  });
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const toFinding = (offset: number, message: string, rule: string): Finding => ({
    path,
    ...place(offset),
    message,
    rule,
    severity: "error",
  });
  // The parser reports its own exhausted stack as a syntax error, once for each level.
  if (document.errors.some((error) => /call stack|stack overflow/i.test(error.message))) throw new RangeError("nested too deep");
  const findings = document.errors
    .slice(0, ERROR_LIMIT)
    .map((error) => toFinding(error.pos[0], describeError(error, text), nameRule(error)))
    // One mistake makes the parser say the same of every line that follows.
    .filter(
      (finding, index, all) =>
        finding.rule === "duplicate-key" || all.findIndex(({ message }) => message === finding.message) === index,
    );
  if (findings.some((finding) => finding.rule !== "duplicate-key")) return { findings };
  if (document.contents === null || (isScalar(document.contents) && document.contents.source === "")) {
    return { findings: [toFinding(0, "the file is empty; write {} if nothing is to be set", "empty-file")] };
  }
  const checked = checkYamlNodes(document, tags);
  for (const { offset, message, rule } of checked.problems) findings.push(toFinding(offset, message, rule));
  if (checked.unsafe) return { findings };
  // Expansion was counted above, more exactly than the library does.
  const value: unknown = document.toJS({ maxAliasCount: -1 });
  return { document: makeDocument(path, value, document, place), findings };
}

function makeDocument(path: string, value: unknown, document: Document, place: (offset: number) => Position): YamlDocument {
  return {
    path,
    value,
    locate: (pointer) => place(findYamlNode(document, pointer).valueOffset),
    locateKey: (pointer) => place(findYamlNode(document, pointer).keyOffset),
    sourceOf: (pointer) => findYamlNode(document, pointer).source,
  };
}

function nameRule(error: YAMLError): string {
  if (error.code === "DUPLICATE_KEY") return "duplicate-key";
  return error.code === "MULTIPLE_DOCS" ? "yaml-documents" : "yaml-syntax";
}

function describeError(error: YAMLError, text: string): string {
  const rest = text.slice(error.pos[0], text.indexOf("\n", error.pos[0]) >>> 0);
  switch (error.code) {
    case "DUPLICATE_KEY":
      return `the key ${readKey(rest)} is given twice in this mapping; keep one`;
    case "MULTIPLE_DOCS":
      return "a second YAML document starts here; a file holds one";
    case "TAB_AS_INDENT":
      return "a tab is used as indentation; YAML wants spaces";
    case "NON_STRING_KEY":
      return "this key is not a string; write a plain name";
    case "BLOCK_AS_IMPLICIT_KEY":
      return 'a mapping starts inside a value; put text that contains ": " in quotes, or indent the keys alike';
    default:
      return error.message.charAt(0).toLowerCase() + error.message.slice(1);
  }
}

function readKey(rest: string): string {
  const key = /^("[^"]*"|'[^']*'|[^:]*)/.exec(rest)?.[0].trim() ?? "";
  return key.startsWith('"') || key.startsWith("'") ? key : `"${key}"`;
}
