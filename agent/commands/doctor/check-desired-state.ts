import type { DesiredStack } from "../../model/desired.ts";
import { type Finding, renderFinding, sortFindings } from "../../model/finding.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import type { HostNeeds, StackNeeds } from "../../model/preflight.ts";
import { hostsOf } from "../../plan/desire/check-references.ts";
import { desireOne } from "../../reconcile/desire/desire-host.ts";
import type { DesirePorts } from "../../reconcile/desire/desire-stack.ts";
import { readHostRequires } from "../../reconcile/desire/read-checks.ts";
import { type FleetDocuments, readFleet } from "../../reconcile/desire/read-fleet.ts";
import type { AlertReceivers } from "./check-alerts.ts";

export interface DesiredResult {
  readonly checks: readonly DoctorCheck[];
  readonly needs?: HostNeeds;
  readonly receivers: AlertReceivers;
}

type Check = Omit<DoctorCheck, "area">;

/** What a revision asks of this host, and everything that is wrong with it; nothing is kept of it. */
export async function checkDesiredState(
  request: { readonly host: string; readonly revision: string; readonly path: string },
  ports: DesirePorts,
  signal: AbortSignal,
): Promise<DesiredResult> {
  const { host, revision, path } = request;
  const fleet = await readFleet(ports.source, ports.documents, revision, path);
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
    return finish([...describeFindings(findings), ...missing]);
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

  const { platform, suspend } = own.value;
  const { requires } = readHostRequires(own, fleet.fleet?.value);
  const needs: HostNeeds = {
    ...(platform === undefined ? {} : { platform }),
    ...(requires === undefined ? {} : { requires }),
    stacks: stacks.map((stack): StackNeeds => {
      const { name, model, composeVersion } = stack;
      const root = ports.placer.directoryOf(name);
      return { ...{ name, model, composeVersion, root }, ...(stack.requires === undefined ? {} : { requires: stack.requires }) };
    }),
  };
  const held: Check[] =
    suspend === true ? [{ status: "warning", what: `hosts/${host}.yaml has \`suspend: true\`: nothing is converged` }] : [];
  const listed =
    names.length === 0 ? "no stack" : `${names.length} ${names.length === 1 ? "stack" : "stacks"}: ${names.join(", ")}`;
  const told: Check[] = [{ status: "ok", what: `hosts/${host}.yaml with ${listed}` }, ...held, ...describeFindings(findings)];
  const alerts = fleet.fleet?.value.alerts;
  const receivers = { alertmanagers: alerts?.alertmanager ?? [], webhooks: alerts?.webhook ?? [] };
  return finish(told, needs, receivers as AlertReceivers);
}

function finish(
  checks: readonly Check[],
  needs?: HostNeeds,
  receivers: AlertReceivers = { alertmanagers: [], webhooks: [] },
): DesiredResult {
  return {
    checks: checks.map((check) => ({ area: "desired state", ...check })),
    ...(needs === undefined ? {} : { needs }),
    receivers,
  };
}

function describeFindings(findings: readonly Finding[]): Check[] {
  return sortFindings(findings).map((finding) => ({
    status: finding.severity,
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
