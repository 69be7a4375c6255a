import { posix } from "node:path";
import type { Pointer } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import type { Tree } from "../model/tree.ts";
import { asList, asMapping, type ComposeFile, type Mapping, makeFinding } from "./compose-file.ts";
import { describeMissing } from "./describe-missing.ts";
import { parseYaml } from "./parse-yaml.ts";
import { readEnvNames } from "./read-env-names.ts";
import { resolveInside } from "./resolve-inside.ts";

export interface LoadRequest {
  readonly tree: Tree;
  /** Path of the root in the repository, for findings. */
  readonly rootPath: string;
  read(path: string): Promise<Uint8Array | undefined>;
  readonly composeFiles: readonly string[];
  readonly variables: ReadonlySet<string>;
  /** Where a Compose file is named, when it is: the place of a finding about a missing one. */
  placeOf?(composeFile: string): { readonly path: string; readonly line: number; readonly column: number };
}

/** Loads the Compose files of a stack, and those that they include or extend, each once for each directory. */
export async function loadComposeFiles(request: LoadRequest): Promise<{ files: ComposeFile[]; findings: Finding[] }> {
  const files: ComposeFile[] = [];
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const place = (path: string): string => posix.join(request.rootPath, path);

  const load = async (file: Omit<ComposeFile, "document">, missing: (message: string) => Finding): Promise<void> => {
    const key = `${file.role}\0${file.path}\0${file.directory}`;
    if (seen.has(key)) return;
    seen.add(key);
    const bytes = await request.read(file.path);
    if (!bytes) {
      findings.push(missing(describeMissing(file.path, request.tree)));
      return;
    }
    const parsed = parseYaml(place(file.path), bytes, ["!reset", "!override"]);
    findings.push(...parsed.findings);
    if (!parsed.document) return;
    const { document } = parsed;
    if (typeof document.value !== "object" || document.value === null || Array.isArray(document.value)) {
      findings.push(makeFinding(document, [], "expected a mapping with services, as in every Compose file", "wrong-type"));
      return;
    }
    const loaded: ComposeFile = { ...file, document };
    files.push(loaded);
    await loadExtended(loaded);
    if (file.role !== "extended") await loadIncluded(loaded);
  };

  // The file that a key of another names, or a finding that says why it cannot be.
  const follow = (from: ComposeFile, pointer: Pointer, path: string, key: string): string | undefined => {
    const refuse = (message: string, rule: string): undefined => {
      findings.push(makeFinding(from.document, pointer, message, rule));
      return undefined;
    };
    if (isRemote(path))
      return refuse(`${key} of ${path} would come from outside the repository; commit the file`, "remote-include");
    const resolved = resolveInside(from.directory, path);
    if (resolved.kind === "inside") return resolved.path;
    if (resolved.kind === "variable")
      return refuse(`${key} with a variable cannot be checked; write the path out`, "include-variable");
    return refuse(
      `${key} of ${path} leads out of the stack's root; move the file, or widen root in stack.yaml`,
      "path-outside-root",
    );
  };

  const loadExtended = async (from: ComposeFile): Promise<void> => {
    for (const [name, service] of Object.entries(asMapping(asMapping(from.document.value)["services"]))) {
      const { file } = asMapping(asMapping(service)["extends"]);
      if (typeof file !== "string") continue;
      const pointer = ["services", name, "extends", "file"];
      const path = follow(from, pointer, file, "extends.file");
      // Compose resolves what a file says that is extended against that file's own directory.
      const next = { directory: directoryOf(path ?? ""), role: "extended" as const, variables: from.variables };
      if (path !== undefined)
        await load({ path, ...next }, (message) => makeFinding(from.document, pointer, message, "file-missing"));
    }
  };

  const loadIncluded = async (from: ComposeFile): Promise<void> => {
    for (const [entry, at] of asList(asMapping(from.document.value)["include"], ["include"])) {
      const long = asMapping(entry);
      const listed = typeof entry === "string" ? asList(entry, at) : asList(long["path"], [...at, "path"]);
      const paths = listed.flatMap(([path, pointer]) => {
        const followed = typeof path === "string" ? follow(from, pointer, path, "include") : undefined;
        return followed === undefined ? [] : [{ path: followed, pointer }];
      });
      const { project_directory: chosen } = long;
      const directory =
        typeof chosen === "string"
          ? follow(from, [...at, "project_directory"], chosen, "include.project_directory")
          : directoryOf(paths[0]?.path ?? "");
      if (directory === undefined) continue;
      const variables = new Set([...from.variables, ...(await readIncludedNames(from, long, at, directory))]);
      for (const { path, pointer } of paths) {
        const missing = (message: string): Finding => makeFinding(from.document, pointer, message, "file-missing");
        await load({ path, directory, role: "included", variables }, missing);
      }
    }
  };

  const readIncludedNames = async (
    from: ComposeFile,
    long: Mapping,
    at: Pointer,
    directory: string,
  ): Promise<readonly string[]> => {
    const named = asList(long["env_file"], [...at, "env_file"]);
    const names: string[] = [];
    for (const [file, pointer] of named.length > 0 ? named : [[".env", undefined] as const]) {
      if (typeof file !== "string") continue;
      const path = pointer ? follow(from, pointer, file, "include.env_file") : posix.join(directory, file);
      const bytes = path === undefined ? undefined : await request.read(path);
      if (path !== undefined && bytes) {
        const read = readEnvNames(place(path), bytes);
        names.push(...read.names);
        findings.push(...read.findings);
      } else if (path !== undefined && pointer) {
        findings.push(makeFinding(from.document, pointer, describeMissing(path, request.tree), "file-missing"));
      }
    }
    return names;
  };

  const directory = directoryOf(request.composeFiles[0] ?? "");
  for (const path of request.composeFiles) {
    const named = request.placeOf?.(path) ?? { path: place(path), line: 1, column: 1 };
    await load({ path: posix.normalize(path), directory, role: "main", variables: request.variables }, (message) => ({
      ...named,
      message,
      rule: "file-missing",
      severity: "error",
    }));
  }
  return { files, findings };
}

function isRemote(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path) || /^(git@|oci:|github\.com\/)/.test(path) || /\.git(#|$)/.test(path);
}

function directoryOf(path: string): string {
  const directory = posix.dirname(posix.normalize(path));
  return directory === "." ? "" : directory;
}
