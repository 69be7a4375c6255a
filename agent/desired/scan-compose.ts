import { posix } from "node:path";
import type { Pointer } from "../model/document.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import type { Place } from "../ports/documents.ts";
import { checkInterpolation } from "./check-interpolation.ts";
import { checkServicePaths } from "./check-service-paths.ts";
import { checkServices } from "./check-services.ts";
import { checkTree } from "./check-tree.ts";
import { asMapping, type ComposeFile, makeFinding } from "./compose-file.ts";
import { explainRender } from "./explain-render.ts";
import { type LoadRequest, loadComposeFiles } from "./load-compose-files.ts";
import { locateSetting } from "./locate-setting.ts";

export interface ScanRequest extends LoadRequest {
  readonly stack: string;
  readonly profiles: readonly string[];
  /** False where files on the host define further variables, whose names are not known here: an undefined one is then a warning. Default true. */
  readonly allNamesKnown?: boolean;
}

export interface ComposeScan {
  readonly findings: readonly Finding[];
  /** Compose files that take part, below the root: those of the stack, what they include and what they extend. */
  readonly composeFiles: readonly string[];
  /** Services that are declared, whatever their profile. */
  readonly services: readonly string[];
  /** Variables that the files name. */
  readonly variables: readonly string[];
  /** What Compose says of the model when it cannot render it, at its line. */
  explainRender(message: string): Finding;
  /** Where a setting of a service stands; of a list, the item that `holds` this text. */
  locate(pointer: Pointer, holds?: string): Place;
}

/** What every stack has without defining it. */
const GIVEN_VARIABLES = ["COMPOSE_PROJECT_NAME", "HOLDFAST_HOST", "HOLDFAST_STACK", "HOLDFAST_PLATFORM"];

/** Reads the Compose files of a stack as they are committed, without running Compose, and says what is wrong with them. */
export async function scanCompose(request: ScanRequest): Promise<ComposeScan> {
  const { tree, rootPath, stack, profiles, allNamesKnown = true } = request;
  const { files, findings } = await loadComposeFiles({
    ...request,
    read: (path) => request.read(path),
    variables: new Set([...request.variables, ...GIVEN_VARIABLES]),
  });
  findings.push(...checkTree(tree, rootPath), ...checkServices(files, profiles));
  const variables = new Set<string>();
  for (const file of files) {
    const { findings: found, used } = checkInterpolation(file, allNamesKnown);
    findings.push(...found, ...checkServicePaths(file, listExtended(file, files), tree));
    for (const name of used) variables.add(name);
    if (file.role === "main") findings.push(...checkProjectName(file, stack));
  }
  const declared = files.filter(({ role }) => role !== "extended").flatMap(({ document }) => listServices(document.value));
  return {
    findings: sortFindings(findings),
    composeFiles: [...new Set(files.map(({ path }) => path))].sort(),
    services: [...new Set(declared)].sort(),
    variables: [...variables].sort(),
    explainRender: (message) => explainRender(message, files, posix.join(rootPath, request.composeFiles[0] ?? "")),
    locate: (pointer, holds) =>
      locateSetting(files, pointer, holds) ?? { path: posix.join(rootPath, request.composeFiles[0] ?? ""), line: 1, column: 1 },
  };
}

function checkProjectName({ document }: ComposeFile, stack: string): Finding[] {
  const { name } = asMapping(document.value);
  if (name === undefined || name === null || name === stack) return [];
  const message = `a project is named after its stack, ${stack}; remove name: ${String(name)}`;
  return [makeFinding(document, ["name"], message, "project-name")];
}

// Of a file that is only extended, the services that nobody extends do not matter; undefined: all do.
function listExtended(file: ComposeFile, files: readonly ComposeFile[]): ReadonlySet<string> | undefined {
  if (file.role !== "extended") return undefined;
  const names = files.flatMap(({ document }) =>
    Object.values(asMapping(asMapping(document.value)["services"])).flatMap((service) => {
      const { extends: base } = asMapping(service);
      return [typeof base === "string" ? base : asMapping(base)["service"]];
    }),
  );
  return new Set(names.filter((name) => typeof name === "string"));
}

function listServices(value: unknown): string[] {
  return Object.keys(asMapping(asMapping(value)["services"]));
}
