import type { DesiredStack, Variables } from "../../model/desired.ts";
import { isHoldfastError } from "../../model/error.ts";
import { type Finding, hasErrors } from "../../model/finding.ts";
import { parseDuration } from "../../model/parse-duration.ts";
import type { Tree, TreeFile } from "../../model/tree.ts";
import { UNKNOWN_VALUE } from "../../model/unknown-value.ts";
import { canonicalJson, shortDigest } from "../../plan/desire/digest-service.ts";
import { labelModel } from "../../plan/desire/label-model.ts";
import { layOutStack, type StackLayout } from "../../plan/desire/stack-layout.ts";
import { maskStack } from "../../plan/masking/mask-stack.ts";
import type { ChangeRule } from "../../plan/on-change.ts";
import type { ScanResult } from "../../ports/documents.ts";
import type { Kept, Placer } from "../../ports.ts";
import { checkMounted, expandOnChange } from "../converge/expand-on-change.ts";
import { isCurrent } from "../is-current.ts";
import { collectEnv, type EnvFile, type EnvPorts, type EnvRequest } from "./collect-env.ts";
import { type CarrySource, findCarried } from "./find-carried.ts";
import type { Guard, JudgeRequest } from "./judge-policy.ts";
import { readChecks } from "./read-checks.ts";
import { isTooLarge } from "./read-fleet.ts";
import { readHooks } from "./read-hooks.ts";
import { type RenderPorts, renderFiles } from "./render-files.ts";

export interface DesirePorts extends EnvPorts, RenderPorts {
  readonly placer: Pick<Placer, "directoryOf">;
  /** Absent where a host's past is not known. */
  readonly kept?: Kept;
  /** Absent where what was accepted once is read again: policies say what is accepted. */
  readonly guard?: Guard;
}

export interface StackRequest extends EnvRequest, CarrySource, JudgeRequest {
  readonly revision: string;
  /** Directory of the stack in the repository. */
  readonly directory: string;
  /** The same stack as it was last desired, to be kept where nothing that goes in has changed. */
  readonly known?: DesiredStack;
  /** Inputs that are quarantined: the stack is checked and not rendered. */
  readonly avoid?: string;
}

export interface StackResult {
  readonly stack?: DesiredStack;
  /** It is what is to be avoided. */
  readonly avoided?: boolean;
  readonly findings: readonly Finding[];
}

const DEFAULT_VERIFY_TIMEOUT_MS = 180_000;
const COMPOSE_FILES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/** Checks and renders one stack for one host: the stack, or the findings that forbid it. */
export async function desireStack(request: StackRequest, ports: DesirePorts, signal: AbortSignal): Promise<StackResult> {
  return checkStack(request, ports, signal).catch((cause) => {
    if (!isTooLarge(cause)) throw cause;
    const { name, document } = request;
    return {
      findings: [
        {
          path: document.path,
          ...document.locate([]),
          message: cause.message,
          rule: "file-too-large",
          severity: "error",
          stack: name,
        },
      ],
    };
  });
}

/**
 * What a stack would be made from and judged by, without checking or rendering it: digests that say when it is the same. Undefined
 * where it has no root.
 */
export async function digestStack(
  request: StackRequest,
  ports: DesirePorts,
): Promise<Pick<DesiredStack, "inputs" | "judgedBy"> | undefined> {
  const located = await locateRoot(request, ports);
  if (located === undefined) return undefined;
  const { layout, tree } = located;
  const env = await collectEnv(request, layout, readerOf(tree, ports), ports);
  const inputs = await digestInputs(request, layout, tree, env.files);
  if (ports.guard === undefined) return { inputs };
  const { openJudge } = await import("./judge-policy.ts");
  return { inputs, judgedBy: openJudge(request, ports.guard).id };
}

async function checkStack(request: StackRequest, ports: DesirePorts, signal: AbortSignal): Promise<StackResult> {
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

  const read = readerOf(tree, ports);
  const env = await collectEnv(request, layout, read, ports);
  const problems = env.problems.map(({ index, problem }) => at(["hostEnvFiles", index], problem, "host-env-file"));
  const inputs = await digestInputs(request, layout, tree, env.files);
  if (problems.length === 0 && request.avoid === inputs) return { avoided: true, findings: [] };
  // Loaded late: a poll that finds nothing has no use for it.
  const judge = ports.guard === undefined ? undefined : (await import("./judge-policy.ts")).openJudge(request, ports.guard);
  const { known } = request;
  const judged = judge === undefined || known?.judgedBy === judge.id;
  if (problems.length === 0 && judged && known?.inputs === inputs && (await isCurrent(known, ports.compose, signal)))
    return { stack: { ...known, revision }, findings: [] };

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
  const onChange = { entries: settings.onChange ?? [], files: tree.files.filter(isRegular), services: scan.services, at };
  const { rules, findings: wrongRules } = expandOnChange(onChange);
  const findings = [...problems, ...scan.findings.map((finding) => ({ ...finding, stack: name })), ...wrongRules];
  if (hasErrors(findings)) return { findings };
  const hideSecret = (text: string): string => maskStack(text, { secrets: env.secrets, environment: {} });
  try {
    const parts = { request, layout, tree, inputs, env: env.files, values: env.values, secrets: env.secrets, scan, rules };
    const stack = await renderStack(parts, ports, signal);
    findings.push(...checkMounted(onChange, stack.services));
    const unknown = stack.hooks.filter(({ service }) => !stack.services.some((item) => item.name === service));
    for (const { phase, index, service } of unknown)
      findings.push(at(["hooks", phase, index, "service"], `the stack has no service "${service}"`, "unknown-service"));
    const services = stack.services.map((service) => service.name);
    const { checks, findings: wrong } = readChecks({ ...request, variables: env.values, complete: env.complete, services });
    // They repeat what variables came to.
    findings.push(...wrong.map((finding) => ({ ...finding, message: hideSecret(finding.message) })));
    findings.push(
      ...((await judge?.check({ stack: { ...stack, ...checks }, tree, envFiles: layout.envFiles, scan, read })) ?? []),
    );
    const whole = { ...stack, ...checks, ...(judge === undefined ? {} : { judgedBy: judge.id }) };
    return hasErrors(findings) ? { findings } : { stack: whole, findings };
  } catch (cause) {
    if (!isHoldfastError(cause) || cause.code !== "render-failed") throw cause;
    if (cause.message.includes(UNKNOWN_VALUE)) return { findings: [...findings, describeUnknown(scan, at)] };
    return {
      findings: [...findings, { ...scan.explainRender(hideSecret(cause.message)), stack: name }],
    };
  }
}

function readerOf(tree: Tree, { source }: DesirePorts): (path: string) => Promise<Uint8Array | undefined> {
  return async (path) => {
    const file = tree.files.find((item) => item.path === path && isRegular(item));
    return file === undefined ? undefined : source.readBlob(file.oid);
  };
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

/** Digest of all that a stack is made from; with equal inputs it is not rendered again, whatever version of Compose is there. */
async function digestInputs(request: StackRequest, layout: StackLayout, tree: Tree, env: readonly EnvFile[]): Promise<string> {
  const { name, settings } = request;
  const contents = env.map((file) => [file.name, shortDigest(Buffer.from(file.content).toString("latin1"))]);
  const { dependsOn = [], drift = {}, adopt = false, compose = {}, verify = {} } = settings;
  const { rollback = true, hooks = {}, onChange = [], requires } = settings;
  return shortDigest(
    canonicalJson([
      "1",
      name,
      layout.root,
      layout.composeFiles,
      tree.oid,
      contents,
      { dependsOn, drift, adopt, compose, verify, rollback, hooks, onChange, ...(requires === undefined ? {} : { requires }) },
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
  /** Values that are never shown. */
  readonly secrets: readonly string[];
  readonly scan: ScanResult;
  readonly rules: readonly ChangeRule[];
}

/** A stack without what is checked before and after. */
type RenderedStack = Omit<DesiredStack, "probes" | "probeIntervalMs" | "requires">;

async function renderStack(
  { request, layout, tree, inputs, env, values, secrets, scan, rules }: RenderParts,
  ports: DesirePorts,
  signal: AbortSignal,
): Promise<RenderedStack> {
  const { name, settings, revision } = request;
  const files = tree.files.filter(isRegular);
  const placeholders = Object.fromEntries(scan.unknownVariables.map((variable) => [variable, UNKNOWN_VALUE]));
  const envFiles = [
    ...env,
    ...(scan.unknownVariables.length > 0
      ? [{ name: "unknown.env", content: ports.documents.writeEnv(placeholders), values: placeholders }]
      : []),
  ];
  const hooks = readHooks(settings);
  const profiles = settings.compose?.profiles ?? [];
  const variables = { ...values, ...placeholders };
  const rendered = await renderFiles(
    { name, layout, tree: tree.oid, files, envFiles, variables, profiles, hooks },
    ports,
    signal,
  );
  const composeVersion = await ports.compose.version(signal);
  const model = labelModel({
    stack: name,
    rendered: rendered.model,
    renderedRoot: rendered.directory,
    root: ports.placer.directoryOf(name),
    files,
    onChange: rules,
    variables: values,
    carry: await findCarried(request, inputs, composeVersion),
  });
  return {
    name,
    revision,
    inputs,
    composeVersion,
    root: layout.root,
    projectDirectory: layout.projectDirectory,
    ...model,
    ...(secrets.some(isTelling) ? { secrets: [...new Set(secrets.filter(isTelling))] } : {}),
    dependsOn: settings.dependsOn ?? [],
    adopt: settings.adopt ?? false,
    verifyTimeoutMs: parseDuration(settings.verify?.timeout ?? "") ?? DEFAULT_VERIFY_TIMEOUT_MS,
    rollback: settings.rollback ?? true,
    hooks,
    drift: { mode: settings.drift?.mode ?? "heal", rules: { ...settings.drift?.rules } },
  };
}

function describeUnknown(
  { unknownVariables }: ScanResult,
  at: (pointer: string[], message: string, rule: string) => Finding,
): Finding {
  const message = `cannot be rendered here without the values of ${unknownVariables.join(", ")}, which stay on the host`;
  return { ...at(["hostEnvFiles"], message, "not-rendered"), severity: "warning" };
}

// A shorter value stands everywhere; masking it would hide nothing and make the rest unreadable.
function isTelling(value: string): boolean {
  return value.length >= 4;
}

function isRegular(file: TreeFile): boolean {
  return file.mode === "100644" || file.mode === "100755";
}
