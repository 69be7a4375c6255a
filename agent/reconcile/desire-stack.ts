import type { DesiredStack, Variables } from "../model/desired.ts";
import type { ParsedDocument } from "../model/document.ts";
import { isHoldfastError } from "../model/error.ts";
import { type Finding, hasErrors } from "../model/finding.ts";
import type { Stack } from "../model/generated/stack.ts";
import { parseDuration } from "../model/parse-duration.ts";
import type { Tree, TreeFile } from "../model/tree.ts";
import type { AppliedStack } from "../plan/detect-drift.ts";
import { canonicalJson, shortDigest } from "../plan/digest-service.ts";
import { labelModel } from "../plan/label-model.ts";
import { layOutStack, type StackLayout } from "../plan/stack-layout.ts";
import type { Compose, Documents, HostEnv, Placer, ScanResult, Source, Workspace } from "../ports.ts";

export interface DesirePorts {
  readonly source: Source;
  readonly documents: Documents;
  readonly compose: Compose;
  readonly workspace: Workspace;
  readonly placer: Pick<Placer, "directoryOf">;
  /** Absent where another host's stacks are checked: what its files hold is not known there. */
  readonly hostEnv?: HostEnv;
}

export interface StackRequest {
  readonly name: string;
  readonly revision: string;
  /** Directory of the stack in the repository. */
  readonly directory: string;
  readonly document: ParsedDocument<Stack>;
  /** The document's value with the fleet's defaults below it. */
  readonly settings: Stack;
  /** Variables of fleet, host and stack, merged. */
  readonly variables: Variables;
  /** HOLDFAST_HOST and the like: they win over every other variable. */
  readonly fixed: Variables;
  /** The same stack as it was last desired, to be kept where nothing that goes in has changed. */
  readonly known?: DesiredStack;
  /** What was last converged of it. */
  readonly applied?: AppliedStack;
}

export interface StackResult {
  readonly stack?: DesiredStack;
  readonly findings: readonly Finding[];
}

/** What a stack needs from the environment: files in the order in which later ones win. */
interface EnvFile {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly values: Variables;
}

const DEFAULT_VERIFY_TIMEOUT_MS = 180_000;
const COMPOSE_FILES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/** Checks and renders one stack for one host: the stack, or the findings that forbid it. */
export async function desireStack(request: StackRequest, ports: DesirePorts, signal: AbortSignal): Promise<StackResult> {
  const { name, document, settings, revision } = request;
  const at = (pointer: readonly (string | number)[], message: string, rule: string): Finding => ({
    path: document.path,
    ...document.locate(pointer),
    message,
    rule,
    severity: "error",
    stack: name,
  });
  const located = await locateRoot(request, ports);
  if (located === undefined)
    return { findings: [at(["root"], `root "${settings.root ?? "."}" is no directory of the repository`, "root-missing")] };
  const { layout, tree } = located;

  const read = async (path: string): Promise<Uint8Array | undefined> => {
    const file = tree.files.find((item) => item.path === path && isRegular(item));
    return file === undefined ? undefined : ports.source.readBlob(file.oid);
  };
  const env = await collectEnv(request, layout, read, ports);
  const problems = env.problems.map(({ index, problem }) => at(["hostEnvFiles", index], problem, "host-env-file"));
  const inputs = await digestInputs(request, layout, tree, env.files);
  if (problems.length === 0 && request.known?.inputs === inputs) return { stack: { ...request.known, revision }, findings: [] };

  const scan = await ports.documents.scanCompose({
    stack: name,
    root: layout.root,
    tree,
    composeFiles: layout.composeFiles,
    envFiles: layout.envFiles,
    profiles: settings.compose?.profiles ?? [],
    place: (pointer) => ({ path: document.path, ...document.locate(pointer) }),
    variables: new Set(Object.keys(env.values)),
    variablesComplete: env.complete,
    read,
  });
  const findings = [...problems, ...scan.findings.map((finding) => ({ ...finding, stack: name }))];
  if (hasErrors(findings)) return { findings };
  try {
    return {
      stack: await renderStack({ request, layout, tree, inputs, env: env.files, values: env.values, scan }, ports, signal),
      findings,
    };
  } catch (cause) {
    if (!isHoldfastError(cause) || cause.code !== "render-failed") throw cause;
    return { findings: [...findings, describeRenderFailure(cause.message, scan, name)] };
  }
}

async function locateRoot(
  { directory, settings, revision }: StackRequest,
  { source }: DesirePorts,
): Promise<{ layout: StackLayout; tree: Tree } | undefined> {
  const request = { directory, root: settings.root ?? ".", envFiles: settings.compose?.envFiles ?? [] };
  const layout = layOutStack({ ...request, composeFiles: settings.compose?.files ?? [] });
  const tree = layout === undefined ? undefined : await source.readTree(revision, layout.root);
  if (layout === undefined || tree === undefined) return undefined;
  if (settings.compose?.files !== undefined) return { layout, tree };
  // Compose's own order of names, where the stack does not name its file.
  const usual = COMPOSE_FILES.map((file) => layOutStack({ ...request, composeFiles: [file] })).filter(
    (item) => item !== undefined,
  );
  const found = usual.find((item) => tree.files.some((file) => file.path === item.composeFiles[0])) ?? usual[0];
  return { layout: found ?? layout, tree };
}

async function collectEnv(
  request: StackRequest,
  layout: StackLayout,
  read: (path: string) => Promise<Uint8Array | undefined>,
  ports: DesirePorts,
) {
  const { settings, variables, fixed } = request;
  const { documents, hostEnv } = ports;
  const files: EnvFile[] = [];
  const problems: { index: number; problem: string }[] = [];
  const addText = (name: string, content: Uint8Array | undefined): void => {
    if (content) files.push({ name, content, values: documents.readEnv(content) });
  };
  const addValues = (name: string, values: Variables): void => {
    files.push({ name, content: documents.writeEnv(values), values });
  };
  addText("beside.env", await read(layout.projectDirectory === "" ? ".env" : `${layout.projectDirectory}/.env`));
  addValues("variables.env", variables);
  // A committed file that is missing is a finding of the scan.
  for (const [index, path] of layout.envFiles.entries()) addText(`committed-${index}.env`, await read(path));
  for (const [index, name] of (settings.hostEnvFiles ?? []).entries()) {
    const result = await hostEnv?.read(name);
    if (result !== undefined && "problem" in result) problems.push({ index, problem: result.problem });
    else addText(`host-${index}.env`, result?.content);
  }
  addValues("fixed.env", fixed);
  const complete = hostEnv !== undefined || (settings.hostEnvFiles ?? []).length === 0;
  // The agent itself needs the values only of secrets and configs that are made from a variable.
  const values: Variables = Object.assign({}, ...files.map((file) => file.values));
  return { files, values, problems, complete };
}

/** Digest of all that a stack is made from; with equal inputs it is not rendered again, whatever version of Compose is there. */
async function digestInputs(request: StackRequest, layout: StackLayout, tree: Tree, env: readonly EnvFile[]): Promise<string> {
  const { name, settings } = request;
  const contents = env.map((file) => [file.name, shortDigest(Buffer.from(file.content).toString("latin1"))]);
  const { dependsOn = [], drift = {}, adopt = false, compose = {}, verify = {} } = settings;
  return shortDigest(
    canonicalJson([
      "1",
      name,
      layout.root,
      layout.composeFiles,
      tree.oid,
      contents,
      { dependsOn, drift, adopt, compose, verify },
    ] as never),
  );
}

interface RenderParts {
  readonly request: StackRequest;
  readonly layout: StackLayout;
  readonly tree: Tree;
  readonly inputs: string;
  readonly env: readonly EnvFile[];
  readonly values: Variables;
  readonly scan: ScanResult;
}

async function renderStack(
  { request, layout, tree, inputs, env, values, scan }: RenderParts,
  ports: DesirePorts,
  signal: AbortSignal,
): Promise<DesiredStack> {
  const { name, settings, revision } = request;
  const files = tree.files.filter(isRegular);
  const placeholders = Object.fromEntries(scan.unknownVariables.map((variable) => [variable, "unknown-here"]));
  const envFiles = [
    ...env,
    ...(scan.unknownVariables.length > 0
      ? [{ name: "unknown.env", content: ports.documents.writeEnv(placeholders), values: placeholders }]
      : []),
  ];
  const staged = [
    ...(await Promise.all(
      files.map(async (file) => ({ path: `root/${file.path}`, content: await ports.source.readBlob(file.oid) })),
    )),
    ...envFiles.map((file) => ({ path: `env/${file.name}`, content: file.content })),
  ];
  return ports.workspace.stage(staged, async (directory) => {
    const renderedRoot = `${directory}/root`;
    const rendered = await ports.compose.render(
      {
        project: name,
        directory: layout.projectDirectory === "" ? renderedRoot : `${renderedRoot}/${layout.projectDirectory}`,
        files: layout.composeFiles.map((file) => `${renderedRoot}/${file}`),
        profiles: settings.compose?.profiles ?? [],
        envFiles: envFiles.map((file) => `${directory}/env/${file.name}`),
      },
      signal,
    );
    const root = ports.placer.directoryOf(name);
    const model = labelModel({
      stack: name,
      rendered,
      renderedRoot,
      root,
      files,
      variables: values,
      carried: carryDigests(request.applied, inputs),
    });
    return {
      name,
      revision,
      inputs,
      composeVersion: await ports.compose.version(signal),
      projectDirectory: layout.projectDirectory,
      files: files.map((file) => ({ path: file.path, oid: file.oid, executable: file.mode === "100755" })),
      ...model,
      dependsOn: settings.dependsOn ?? [],
      adopt: settings.adopt ?? false,
      verifyTimeoutMs: parseDuration(settings.verify?.timeout ?? "") ?? DEFAULT_VERIFY_TIMEOUT_MS,
      drift: { mode: settings.drift?.mode ?? "heal", rules: { ...settings.drift?.rules } },
    };
  });
}

/** After a boot, or with another version of Compose, the same inputs keep the digests that the containers carry. */
function carryDigests(applied: AppliedStack | undefined, inputs: string): Record<string, string> {
  if (applied?.inputs !== inputs) return {};
  return Object.fromEntries(Object.entries(applied.services).map(([name, service]) => [name, service.digest]));
}

/** What Compose says of a model, at the line that it names where it names one. */
function describeRenderFailure(message: string, scan: ScanResult, stack: string): Finding {
  const path = /\b((?:services|networks|volumes|configs|secrets)\.[\w.[\]-]+)/.exec(message)?.[1];
  const pointer = path?.split(/[.[\]]+/) ?? [];
  const known = pointer.filter((part) => part !== "");
  const readable = message.replace(/\S*\/stage-[^/\s]+\/(root\/)?/g, "");
  return { ...scan.locate(known), message: readable, rule: "compose", severity: "error", stack };
}

function isRegular(file: TreeFile): boolean {
  return file.mode === "100644" || file.mode === "100755";
}
