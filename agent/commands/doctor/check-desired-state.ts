import type { AlertmanagerSettings, DesiredStack } from "../../model/desired.ts";
import { type Finding, renderFinding, sortFindings } from "../../model/finding.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import type { Stack } from "../../model/generated/stack.ts";
import type { HostNeeds, StackNeeds } from "../../model/preflight.ts";
import { hostsOf } from "../../plan/check-references.ts";
import { interpolateRequires } from "../../plan/interpolate-requires.ts";
import { desireOne } from "../../reconcile/desire-host.ts";
import type { DesirePorts } from "../../reconcile/desire-stack.ts";
import { type FleetDocuments, readFleet } from "../../reconcile/read-fleet.ts";
import { keepRequires } from "./keep-requires.ts";

export interface DesiredResult {
  readonly checks: readonly DoctorCheck[];
  readonly needs?: HostNeeds;
  readonly alertmanagers: readonly AlertmanagerSettings[];
}

type Check = Omit<DoctorCheck, "area">;
type Values = Readonly<Record<string, unknown>>;

/** What a revision asks of this host, and everything that is wrong with it; nothing is kept of it. */
export async function checkDesiredState(
  request: { readonly host: string; readonly revision: string; readonly path: string },
  given: DesirePorts,
  signal: AbortSignal,
): Promise<DesiredResult> {
  const { host, revision, path } = request;
  const { documents, isError } = keepRequires(given.documents);
  const ports = { ...given, documents };
  const fleet = await readFleet(ports.source, documents, revision, path);
  if (fleet === undefined) {
    const what = `there is no desired state in ${path === "" ? "the repository" : `${path}/`}`;
    return finish([{ status: "error", what, fix: "see `repository.path` in agent.yaml; `holdfast init DIR` makes one" }]);
  }
  const own = fleet.hosts.get(host);
  const prefix = path === "" ? "" : `${path}/`;
  const files = [`${prefix}fleet.yaml`, `${prefix}hosts/${host}.yaml`];
  const findings: Finding[] = fleet.findings.filter((finding) => files.includes(finding.path));
  if (own === undefined) {
    const missing = findings.some((finding) => finding.path === files[1]) ? [] : [describeMissing(host, fleet)];
    return finish([...describeFindings(findings, isError), ...missing]);
  }
  const names = [...fleet.stacks].filter(([, document]) => hostsOf(document, fleet.hosts).includes(host)).map(([name]) => name);
  // Whether a stack whose own file is broken is for this host, nobody can tell.
  const concerned = new Set([...names, ...fleet.brokenStacks]);
  findings.push(...fleet.findings.filter(({ stack }) => stack !== undefined && concerned.has(stack)));
  const stacks: DesiredStack[] = [];
  for (const name of names.sort()) {
    const result = await desireOne(
      name,
      host,
      own,
      fleet,
      { known: async () => undefined, applied: () => undefined },
      ports,
      signal,
    );
    findings.push(...result.findings);
    if (result.stack !== undefined) stacks.push(result.stack);
  }

  const problems: Check[] = [];
  const variables: Values = { ...fleet.fleet?.value.vars, ...own.value.vars };
  const require = (requires: Stack["requires"], values: Values, file: string, stack?: string) => {
    if (requires === undefined) return {};
    const texts = Object.entries(values).map(([name, value]) => [name, String(value)]);
    const filled = interpolateRequires(requires, Object.fromEntries(texts));
    for (const { pointer, message } of filled.problems)
      problems.push({
        status: "error",
        what: `${file}: ${pointer.join(".")}: ${message}`,
        ...(stack === undefined ? {} : { stack }),
      });
    return { requires: filled.requires };
  };
  const { platform, suspend } = own.value;
  const needs: HostNeeds = {
    ...(platform === undefined ? {} : { platform }),
    ...require(own.value.requires, variables, files[1] ?? ""),
    stacks: stacks.map(({ name, model, composeVersion }): StackNeeds => {
      const document = fleet.stacks.get(name);
      const settings: Stack | undefined = document && { ...fleet.fleet?.value.defaults, ...document.value };
      return {
        ...{ name, model, composeVersion, root: ports.placer.directoryOf(name) },
        ...require(settings?.requires, { ...variables, ...settings?.vars }, document?.path ?? "", name),
      };
    }),
  };
  const held: Check[] =
    suspend === true ? [{ status: "warning", what: `hosts/${host}.yaml has \`suspend: true\`: nothing is converged` }] : [];
  const listed =
    names.length === 0 ? "no stack" : `${names.length} ${names.length === 1 ? "stack" : "stacks"}: ${names.join(", ")}`;
  const told: Check[] = [
    { status: "ok", what: `hosts/${host}.yaml with ${listed}` },
    ...held,
    ...describeFindings(findings, isError),
    ...problems,
  ];
  return finish(told, needs, (fleet.fleet?.value.alerts?.alertmanager ?? []) as readonly AlertmanagerSettings[]);
}

function finish(checks: readonly Check[], needs?: HostNeeds, alertmanagers: readonly AlertmanagerSettings[] = []): DesiredResult {
  return {
    checks: checks.map((check) => ({ area: "desired state", ...check })),
    ...(needs === undefined ? {} : { needs }),
    alertmanagers,
  };
}

function describeFindings(findings: readonly Finding[], isError: (finding: Finding) => boolean): Check[] {
  return sortFindings(findings).map((finding) => ({
    status: isError(finding) ? "error" : "warning",
    what: renderFinding({ ...finding, severity: "error" }),
    ...(finding.stack === undefined ? {} : { stack: finding.stack }),
  }));
}

function describeMissing(host: string, { hosts }: FleetDocuments): Check {
  const names = [...hosts.keys()].sort().join(", ");
  return {
    status: "error",
    what: `there is no hosts/${host}.yaml (hosts: ${names || "none"})`,
    fix: "name one of them as `host` in agent.yaml, or add the file",
  };
}
