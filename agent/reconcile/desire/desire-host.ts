import type { AlertSettings, DesiredStack, FleetPeers } from "../../model/desired.ts";
import type { ParsedDocument } from "../../model/document.ts";
import { toHoldfastError } from "../../model/error.ts";
import { type Finding, hasErrors, sortFindings } from "../../model/finding.ts";
import type { Fleet } from "../../model/generated/fleet.ts";
import type { Host } from "../../model/generated/host.ts";
import type { Stack } from "../../model/generated/stack.ts";
import { parseDuration } from "../../model/parse-duration.ts";
import { type AppliedStack, describeServices } from "../../plan/applied-stack.ts";
import { hostsOf } from "../../plan/desire/check-references.ts";
import { decideDriftMode } from "../../plan/drift/drift-policy.ts";
import { DEFAULT_REMOVAL_LIMIT } from "../../plan/guard-removals.ts";
import type { Quarantine } from "../../plan/health/choose-rollback.ts";
import type { DesireResult } from "../follow-source.ts";
import { desireKept, type KeptRequest } from "./desire-kept.ts";
import { type DesirePorts, desireStack, type StackRequest, type StackResult } from "./desire-stack.ts";
import { readHostRequires } from "./read-checks.ts";
import { type FleetDocuments, readFleet } from "./read-fleet.ts";

export interface HostRequest {
  readonly host: string;
  /** Path of the desired state in the repository. */
  readonly path: string;
  readonly revision: string;
  /** What was last converged of a stack: the revision at which it was good, when there is one. */
  readonly applied: (stack: string) => AppliedStack | undefined;
  /** The stack as it is in force, so that unchanged ones are not rendered again. */
  readonly known: (stack: string) => Promise<DesiredStack | undefined>;
  /** What did not get healthy of it, and is not tried again. */
  readonly quarantine?: (stack: string) => Quarantine | undefined;
}

/** What is remembered of one stack and goes into its next rendering. */
type StackMemory = Pick<HostRequest, "known" | "applied" | "quarantine"> & Pick<StackRequest, "renderApplied">;

const DEFAULT_MIN_FIRING_MS = 300_000;

/**
 * What a revision asks of one host. What is wrong with the fleet or the host rejects the revision; what is wrong with a
 * stack leaves that stack at its last good revision.
 */
export async function desireHost(request: HostRequest, ports: DesirePorts, signal: AbortSignal): Promise<DesireResult> {
  const { revision, path, host } = request;
  const documents = await readFleet(ports.source, ports.documents, revision, path);
  if (documents === undefined)
    return { accepted: false, reason: `the revision has no directory ${path}/ with a desired state`, findings: [] };
  const own = documents.hosts.get(host);
  const rejecting = documents.findings.filter((finding) => rejects(finding, documents, host));
  if (hasErrors(rejecting))
    return { accepted: false, reason: "the fleet's or this host's file is invalid", findings: sortFindings(rejecting) };
  if (own === undefined) return { accepted: false, reason: describeMissing(host, documents), findings: [] };

  const stacks: DesiredStack[] = [];
  const invalid: string[] = [];
  const rolledBack: string[] = [];
  const findings: Finding[] = [...documents.findings];
  const names = namesFor(host, documents, request.applied);
  for (const name of names) {
    const renderApplied = () => desireApplied(name, request, ports, signal);
    const result = await desireOne(name, host, own, documents, { ...request, renderApplied }, ports, signal);
    findings.push(...result.findings);
    if (result.avoided) rolledBack.push(name);
    else if (result.stack === undefined) invalid.push(name);
    const before = result.avoided ? undefined : await desireGood(name, result, request, ports, signal);
    const back = result.stack ?? before;
    const kept = back === undefined ? await desireBack(name, documents, request, ports, signal) : undefined;
    const stack = back ?? kept?.stack;
    if (stack) stacks.push(stack);
    // What runs is left as it is: a stack that nobody can tell anything of has not left the repository.
    else if (result.avoided) invalid.push(name);
    if (result.avoided) findings.push(...(kept?.findings ?? []));
  }
  const concerned = new Set([...stacks.map((stack) => stack.name), ...invalid]);
  const fleet = documents.fleet?.value;
  const intervalMs = parseDuration(fleet?.interval ?? "");
  const { requires } = readHostRequires(own, fleet);
  const agent = own.value.agent ?? fleet?.agent;
  return {
    accepted: true,
    desired: {
      host,
      revision,
      path,
      ...(intervalMs === undefined ? {} : { intervalMs }),
      ...(own.value.platform === undefined ? {} : { platform: own.value.platform }),
      ...(requires === undefined ? {} : { requires }),
      ...(agent === undefined ? {} : { agent }),
      suspended: own.value.suspend ?? false,
      alerts: readAlerts(fleet),
      peers: readPeers(documents),
      hostEnvFiles: [...new Set(names.flatMap((name) => settingsOf(name, documents)?.hostEnvFiles ?? []))].sort(),
      stacks,
      invalid,
      rolledBack,
      unmanaged: decideDriftMode("unmanaged-stack", {
        mode: fleet?.defaults?.drift?.mode ?? "heal",
        rules: { ...fleet?.defaults?.drift?.rules },
      }),
      maxRemovals: fleet?.prune?.maxRemovals ?? DEFAULT_REMOVAL_LIMIT,
      findings: sortFindings(findings.filter((finding) => finding.stack === undefined || concerned.has(finding.stack))),
    },
  };
}

/** One stack as a host's revision asks for it; findings of its own document come first. */
export async function desireOne(
  name: string,
  host: string,
  own: ParsedDocument<Host>,
  documents: FleetDocuments,
  request: StackMemory,
  ports: DesirePorts,
  signal: AbortSignal,
): Promise<StackResult> {
  const document = documents.stacks.get(name);
  if (document === undefined || hasErrors(documents.findings.filter((finding) => finding.stack === name)))
    return { findings: [] };
  const known = await request.known(name);
  const applied = request.applied(name);
  const quarantine = request.quarantine?.(name);
  const { renderApplied } = request;
  const before = {
    ...(renderApplied === undefined ? {} : { renderApplied }),
    ...(known === undefined ? {} : { known }),
    ...(applied === undefined ? {} : { applied }),
    ...(quarantine?.outcome === "rolled-back" ? { avoid: quarantine.inputs } : {}),
  };
  return desireStack({ ...describeRequest(name, host, own, document, documents), ...before }, ports, signal);
}

/** Everything that one stack of a host is made from, but what is remembered of it. */
export function describeRequest(
  name: string,
  host: string,
  own: ParsedDocument<Host>,
  document: ParsedDocument<Stack>,
  documents: FleetDocuments,
): Omit<StackRequest, "known" | "applied" | "renderApplied"> {
  const fleet = documents.fleet?.value;
  const settings = settingsOf(name, documents) ?? document.value;
  return {
    name,
    revision: documents.revision,
    directory: [documents.path, "stacks", name].filter((part) => part !== "").join("/"),
    document,
    settings,
    ...(fleet?.policy === undefined ? {} : { policy: fleet.policy }),
    definers: [...(documents.fleet === undefined ? [] : [documents.fleet]), own, document],
    variables: textValues({ ...fleet?.vars, ...own.value.vars, ...settings.vars }),
    fixed: { HOLDFAST_HOST: host, HOLDFAST_STACK: name, HOLDFAST_PLATFORM: own.value.platform ?? "" },
  };
}

/** A stack's settings, with the fleet's defaults where it says nothing. */
export function settingsOf(name: string, documents: FleetDocuments): Stack | undefined {
  const document = documents.stacks.get(name);
  return document === undefined ? undefined : { ...(documents.fleet?.value.defaults ?? {}), ...document.value };
}

/** Stacks of this host: those that are selected, and those that were good here and whose own document is wrong now. */
function namesFor(host: string, documents: FleetDocuments, applied: HostRequest["applied"]): string[] {
  const selected = [...documents.stacks]
    .filter(([, document]) => hostsOf(document, documents.hosts).includes(host))
    .map(([name]) => name);
  // Only a valid stack.yaml can say that a stack is no longer for this host.
  const wrong = documents.findings.filter((finding) => finding.severity === "error").map((finding) => finding.stack);
  const kept = [...documents.brokenStacks, ...wrong]
    .filter((name) => name !== undefined)
    .filter((name) => applied(name) !== undefined);
  return [...new Set([...selected, ...kept])].sort();
}

/** The stack at the revision at which it was last good; undefined when there is none, or it cannot be read any more. */
async function desireGood(
  name: string,
  { stack }: StackResult,
  request: HostRequest,
  ports: DesirePorts,
  signal: AbortSignal,
): Promise<DesiredStack | undefined> {
  if (stack !== undefined) return undefined;
  const revision = request.applied(name)?.revision;
  if (revision === undefined || revision === request.revision) return undefined;
  const known = await request.known(name);
  const good = known?.revision === revision ? known : await desireAt(name, revision, request, ports, signal);
  const quarantine = request.quarantine?.(name);
  // It was taken back by hand while the newest is invalid.
  return quarantine?.outcome === "rolled-back" && quarantine.inputs === good?.inputs ? undefined : good;
}

/** The stack as it was kept when it verified. */
function desireBack(name: string, documents: FleetDocuments, request: HostRequest, ports: DesirePorts, signal: AbortSignal) {
  const { quarantine, ...rest } = request;
  const read: KeptRequest["desireAt"] = (revision, applied, source) =>
    desireAt(name, revision, { ...rest, applied: () => applied }, { ...ports, source }, signal);
  const known = { applied: request.applied(name), quarantine: quarantine?.(name), desireAt: read };
  return desireKept(name, documents, known, ports, signal);
}

/** What was converged last, rendered once more: with other tools, so that what they change is told from what a commit changes. */
async function desireApplied(
  name: string,
  request: HostRequest,
  ports: DesirePorts,
  signal: AbortSignal,
): Promise<AppliedStack["services"] | undefined> {
  const applied = request.applied(name);
  if (applied === undefined) return undefined;
  const { quarantine: _avoided, ...rest } = request;
  const stack = await desireAt(name, applied.revision, rest, ports, signal).catch((cause: unknown) => {
    // Its commit may be beyond what is kept of the history.
    if (signal.aborted || toHoldfastError(cause).handling === "bug") throw cause;
    return undefined;
  });
  return stack?.inputs === applied.inputs ? describeServices(stack) : undefined;
}

async function desireAt(
  name: string,
  revision: string,
  request: HostRequest,
  ports: DesirePorts,
  signal: AbortSignal,
): Promise<DesiredStack | undefined> {
  const documents = await readFleet(ports.source, ports.documents, revision, request.path);
  const own = documents?.hosts.get(request.host);
  if (documents === undefined || own === undefined) return undefined;
  // It was accepted then: a policy keeps changes out, and never takes away what runs.
  const { guard: _guard, ...accepted } = ports;
  return (await desireOne(name, request.host, own, documents, request, accepted, signal)).stack;
}

function rejects(finding: Finding, documents: FleetDocuments, host: string): boolean {
  const prefix = documents.path === "" ? "" : `${documents.path}/`;
  return finding.path === `${prefix}fleet.yaml` || finding.path === `${prefix}hosts/${host}.yaml`;
}

function describeMissing(host: string, documents: FleetDocuments): string {
  const names = [...documents.hosts.keys()].sort().join(", ");
  return `there is no hosts/${host}.yaml (hosts: ${names || "none"}); is host in agent.yaml right?`;
}

function readAlerts(fleet: Fleet | undefined): AlertSettings {
  const alerts = fleet?.alerts;
  return {
    labels: textValues(alerts?.labels ?? {}),
    minFiringMs: parseDuration(alerts?.minFiring ?? "") ?? DEFAULT_MIN_FIRING_MS,
    alertmanagers: (alerts?.alertmanager ?? []) as AlertSettings["alertmanagers"],
    webhooks: (alerts?.webhook ?? []) as AlertSettings["webhooks"],
    heartbeat: alerts?.heartbeat ?? false,
    ...(alerts?.runbook === undefined ? {} : { runbook: alerts.runbook }),
  };
}

function readPeers({ fleet, hosts }: FleetDocuments): FleetPeers {
  const tokenFile = fleet?.value.fleet?.tokenFile;
  return {
    ...(tokenFile === undefined ? {} : { tokenFile }),
    hosts: [...hosts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { value }]) => ({ name, ...(value.address === undefined ? {} : { address: value.address }) })),
  };
}

// YAML reads `0.5` and `true` as they look; a variable is a text.
function textValues(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
