import type { ParsedDocument } from "../../model/document.ts";
import { type HoldfastError, isHoldfastError } from "../../model/error.ts";
import { type Finding, hasErrors } from "../../model/finding.ts";
import type { Fleet } from "../../model/generated/fleet.ts";
import type { Host } from "../../model/generated/host.ts";
import type { Stack } from "../../model/generated/stack.ts";
import type { Tree } from "../../model/tree.ts";
import { checkReferences } from "../../plan/desire/check-references.ts";
import type { Documents } from "../../ports/documents.ts";
import type { Source } from "../../ports.ts";
import { readHostRequires } from "./read-checks.ts";

/** The documents of one revision, as far as they are valid, and everything that is to be said of them. */
export interface FleetDocuments {
  readonly revision: string;
  /** Path of the desired state in the repository. */
  readonly path: string;
  readonly fleet?: ParsedDocument<Fleet>;
  readonly hosts: ReadonlyMap<string, ParsedDocument<Host>>;
  readonly stacks: ReadonlyMap<string, ParsedDocument<Stack>>;
  /** Stacks whose directory exists but whose stack.yaml is missing or broken. */
  readonly brokenStacks: readonly string[];
  readonly findings: readonly Finding[];
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** Reads fleet.yaml, every host file and every stack.yaml of a revision; undefined when it has no desired state at all. */
export async function readFleet(
  source: Source,
  documents: Documents,
  revision: string,
  path: string,
): Promise<FleetDocuments | undefined> {
  const tree = await source.readTree(revision, path);
  if (tree === undefined || !tree.files.some((file) => /^(fleet\.yaml$|hosts\/|stacks\/)/.test(file.path))) return undefined;
  const findings: Finding[] = [];
  const full = (file: string): string => (path === "" ? file : `${path}/${file}`);

  async function read<K extends "fleet" | "host" | "stack">(kind: K, file: string, stack?: string) {
    const entry = tree?.files.find((item) => item.path === file);
    if (entry === undefined) return undefined;
    if (entry.mode === "120000" || entry.mode === "160000") {
      findings.push({
        ...start(full(file)),
        message: "is not a regular file; commit the file itself",
        rule: "not-a-file",
        ...owned(stack),
      });
      return undefined;
    }
    const content = await source.readBlob(entry.oid).catch((cause) => {
      if (!isTooLarge(cause)) throw cause;
      findings.push({ ...start(full(file)), message: cause.message, rule: "file-too-large", ...owned(stack) });
      return undefined;
    });
    if (content === undefined) return undefined;
    const result = documents.parse(kind, full(file), content);
    findings.push(...result.findings.map((finding) => ({ ...finding, ...owned(stack) })));
    return hasErrors(result.findings) ? undefined : result.document;
  }

  const fleet = await read("fleet", "fleet.yaml");
  const hosts = new Map<string, ParsedDocument<Host>>();
  for (const name of namesOf(tree, /^hosts\/([^/]+)\.yaml$/, findings, full)) {
    const document = await read("host", `hosts/${name}.yaml`);
    if (document) hosts.set(name, document);
    // Without the fleet's variables everything would seem to lack them.
    const fleetIsBroken = fleet === undefined && tree.files.some((file) => file.path === "fleet.yaml");
    if (document && !fleetIsBroken) findings.push(...readHostRequires(document, fleet?.value).findings);
  }
  const stacks = new Map<string, ParsedDocument<Stack>>();
  const brokenStacks: string[] = [];
  for (const name of namesOf(tree, /^stacks\/([^/]+)\//, findings, full)) {
    const file = `stacks/${name}/stack.yaml`;
    const document = await read("stack", file, name);
    if (document) stacks.set(name, document);
    else brokenStacks.push(name);
    if (!tree.files.some((item) => item.path === file)) {
      findings.push({
        ...start(full(file)),
        message: `stack "${name}" has no stack.yaml; "hosts: all" is enough`,
        rule: "file-missing",
        stack: name,
      });
    }
  }
  const broken = new Set([
    ...brokenStacks,
    ...namesOf(tree, /^hosts\/([^/]+)\.yaml$/, [], full).filter((name) => !hosts.has(name)),
  ]);
  findings.push(...checkReferences({ hosts, stacks, broken }));
  return { revision, path, ...(fleet === undefined ? {} : { fleet }), hosts, stacks, brokenStacks, findings };
}

/** Names that the tree's paths carry; one that cannot be a host's or stack's name is a finding. */
function namesOf(tree: Tree, pattern: RegExp, findings: Finding[], full: (file: string) => string): string[] {
  const found = new Map<string, string>();
  for (const { path } of tree.files) {
    const name = pattern.exec(path)?.[1];
    if (name !== undefined && !found.has(name)) found.set(name, path);
  }
  return [...found].flatMap(([name, path]) => {
    if (NAME.test(name)) return [name];
    const message = `"${name}" cannot be a name: use lower-case letters, digits, "-" and "_", at most 63, starting with a letter or digit`;
    findings.push({ ...start(full(path)), message, rule: "name" });
    return [];
  });
}

/** Whether an error says that something of the repository is larger than what is read. */
export function isTooLarge(cause: unknown): cause is HoldfastError {
  return isHoldfastError(cause) && cause.code === "source-too-large";
}

function start(path: string): Pick<Finding, "path" | "line" | "column" | "severity"> {
  return { path, line: 1, column: 1, severity: "error" };
}

function owned(stack: string | undefined): { stack?: string } {
  return stack === undefined ? {} : { stack };
}
