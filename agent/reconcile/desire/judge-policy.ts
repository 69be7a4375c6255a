import type { DesiredStack } from "../../model/desired.ts";
import type { ParsedDocument } from "../../model/document.ts";
import type { Finding } from "../../model/finding.ts";
import type { Stack } from "../../model/generated/stack.ts";
import type { Policy } from "../../model/policy.ts";
import type { Tree } from "../../model/tree.ts";
import { canonicalJson, shortDigest } from "../../plan/desire/digest-service.ts";
import { asObject } from "../../plan/desire/json.ts";
import { checkImage } from "../../plan/policy/check-images.ts";
import { checkService } from "../../plan/policy/check-service.ts";
import { findPlainSecrets, isPlainPassword } from "../../plan/policy/find-plain-secrets.ts";
import { judgeViolations, type PlacedViolation } from "../../plan/policy/judge-violations.ts";
import { listValid, type PolicyLevels, settleFleetLevels, settleHostLevels } from "../../plan/policy/settle-levels.ts";
import type { Violation } from "../../plan/policy/violation.ts";
import type { ScanResult } from "../../ports/documents.ts";

/** A stack, and the documents of the repository that policies are about. */
export interface JudgeRequest {
  readonly name: string;
  readonly document: ParsedDocument<Stack>;
  /** The policy of fleet.yaml. */
  readonly policy?: Policy;
  /** The documents that define variables of the stack. */
  readonly definers?: readonly ParsedDocument<{ readonly vars?: object }>[];
}

/** What decides on a host about policies, besides the repository. */
export interface Guard {
  /** The host's own policy: a repository can only tighten it. */
  readonly policy?: Policy;
  /** Milliseconds since the epoch: exceptions end. */
  nowMs(): number;
}

export interface Judged {
  readonly stack: DesiredStack;
  readonly tree: Tree;
  /** Committed environment files below the root. */
  readonly envFiles: readonly string[];
  readonly scan: ScanResult;
  read(path: string): Promise<Uint8Array | undefined>;
}

/** Decides about one stack; `id` changes with everything that it decides by. */
export interface Judge {
  readonly id: string;
  check(judged: Judged): Promise<Finding[]>;
}

/** More and larger files are data, in which whatever looks like a token is none. */
const MOST_FILES = 1_000;
const MOST_BYTES = 256 * 1024;
const SETTINGS_FILE = /(^|\/)\.env(\.[\w-]+)?$|\.env$/;
const HINT = "encrypt it with SOPS, or keep it on the host with hostEnvFiles; what was committed is known, so change it";

/** Opens the judgement of a stack by the policies of its fleet and its host, with the exceptions that hold today. */
export function openJudge(request: JudgeRequest, guard: Guard): Judge {
  const [fleet, host] = [settleFleetLevels(request.policy), settleHostLevels(guard.policy)];
  const today = new Date(guard.nowMs()).toISOString().slice(0, 10);
  const exceptions = request.document.value.policyExceptions ?? [];
  const valid = listValid(exceptions, today);
  return {
    id: shortDigest(canonicalJson(["1", fleet, host, valid] as never)),
    async check(judged) {
      const unknown = checkExceptions(request, judged.stack);
      const decide = (violations: readonly PlacedViolation[], by: { fleet: PolicyLevels; host: PolicyLevels }): Finding[] =>
        judgeViolations(violations, { stack: request.name, ...by, exceptions, today });
      const common = [...checkServices(judged), ...(await findSecrets(request, judged, [fleet, host]))];
      // Either list of registries is judged by its own level.
      const alone = (levels: PolicyLevels): PlacedViolation[] => checkRegistries(judged, levels.registries);
      return [
        ...unknown,
        ...decide(common, { fleet, host }),
        ...decide(alone(fleet), { fleet, host: settleHostLevels(undefined) }),
        ...decide(alone(host), { fleet: { ...fleet, levels: { ...fleet.levels, "allowed-registries": "off" } }, host }),
      ];
    },
  };
}

function checkServices(judged: Judged): PlacedViolation[] {
  const { services, volumes } = judged.stack.model;
  const [definitions, named] = [asObject(services), asObject(volumes)];
  return judged.stack.services
    .flatMap((service) => [...checkImage(service, []), ...checkService(service, asObject(definitions[service.name]), named)])
    .map((violation) => place(violation, judged));
}

function checkRegistries(judged: Judged, registries: readonly string[]): PlacedViolation[] {
  return judged.stack.services
    .flatMap((service) => checkImage(service, registries))
    .filter(({ rule }) => rule === "allowed-registries")
    .map((violation) => place(violation, judged));
}

function place({ rule, service, pointer, holds, message }: Violation, { scan }: Judged): PlacedViolation {
  return { rule, service, message, ...scan.locate(pointer, holds) };
}

/** An exception for a service that is not there says nothing, and may be a typing error. */
function checkExceptions({ name, document }: JudgeRequest, { services }: DesiredStack): Finding[] {
  return (document.value.policyExceptions ?? []).flatMap(({ service }, index): Finding[] => {
    if (service === undefined || services.some((one) => one.name === service)) return [];
    const position = document.locate(["policyExceptions", index, "service"]);
    const message = `the stack has no service "${service}" (${services.map((one) => one.name).join(", ")})`;
    return [{ path: document.path, ...position, message, rule: "unknown-service", severity: "warning", stack: name }];
  });
}

async function findSecrets(request: JudgeRequest, judged: Judged, levels: readonly PolicyLevels[]): Promise<PlacedViolation[]> {
  if (levels.every((one) => one.levels["secret-in-plain-text"] === "off")) return [];
  const { stack, tree, envFiles, scan, read } = judged;
  const settings = new Set([...scan.composeFiles, ...envFiles]);
  const paths = [...new Set([...settings, ...tree.files.slice(0, MOST_FILES).map(({ path }) => path)])].sort();
  const found = findInVariables(request, scan);
  for (const path of paths) {
    const content = await read(path);
    if (content === undefined || content.length > MOST_BYTES || content.includes(0)) continue;
    const holdsSettings = settings.has(path) || SETTINGS_FILE.test(path);
    const file = stack.root === "" ? path : `${stack.root}/${path}`;
    for (const { line, column, what } of findPlainSecrets(Buffer.from(content).toString("utf8"), holdsSettings))
      found.push({ rule: "secret-in-plain-text", path: file, line, column, message: describe(what) });
  }
  return found;
}

/** Variables that the stack uses and that a committed document defines. */
function findInVariables({ definers = [] }: JudgeRequest, { variables }: ScanResult): PlacedViolation[] {
  return definers.flatMap((document) =>
    Object.entries(document.value.vars ?? {}).flatMap(([name, value]): PlacedViolation[] => {
      const text = String(value);
      const isSecret = isPlainPassword(name, text) || findPlainSecrets(text, false).length > 0;
      if (!isSecret || !variables.includes(name)) return [];
      const position = document.locate(["vars", name]);
      return [{ rule: "secret-in-plain-text", path: document.path, ...position, message: describe(`the value of ${name}`) }];
    }),
  );
}

function describe(what: string): string {
  return `${what} stands here in plain text: ${HINT}`;
}
