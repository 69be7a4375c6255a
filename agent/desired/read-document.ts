import { type Finding, hasErrors, sortFindings } from "../model/finding.ts";
import type { DocumentTypes } from "../ports/documents.ts";
import { type CheckedDocument, checkDocument } from "./check-document.ts";
import { parseYaml } from "./parse-yaml.ts";

/** Parses a file and checks it against the schema of its kind; the document is absent when a finding is an error. */
export function readDocument<K extends keyof DocumentTypes>(
  kind: K,
  path: string,
  bytes: Uint8Array,
): CheckedDocument<DocumentTypes[K]> {
  const parsed = parseYaml(path, bytes);
  if (!parsed.document) return { findings: parsed.findings };
  const checked = checkDocument(kind, parsed.document);
  const findings: readonly Finding[] = sortFindings([...parsed.findings, ...checked.findings]);
  return checked.document && !hasErrors(findings) ? { document: checked.document, findings } : { findings };
}
