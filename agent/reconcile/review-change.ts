import type { DesiredHost, DesiredStack } from "../model/desired.ts";
import { holdfastError } from "../model/error.ts";
import { type Finding, hasErrors, sortFindings } from "../model/finding.ts";
import type { Review } from "../model/generated/review.ts";
import { hostsOf } from "../plan/desire/check-references.ts";
import { readConfirmations } from "../plan/guard-removals.ts";
import { assumeConverged } from "../plan/review/assume-converged.ts";
import { type HostSides, reviewHost } from "../plan/review/review-host.ts";
import { summarizeReview } from "../plan/review/summarize-review.ts";
import { describeRequest, desireHost, settingsOf } from "./desire/desire-host.ts";
import { type DesirePorts, digestStack } from "./desire/desire-stack.ts";
import { type FleetDocuments, readFleet } from "./desire/read-fleet.ts";
import { renderShared } from "./desire/render-shared.ts";

/** One side of a change: a revision, and the ports that it is read and rendered with. */
export interface ReviewSide {
  readonly revision: string;
  readonly ports: DesirePorts;
}

export interface ReviewRequest {
  readonly base: ReviewSide;
  readonly head: ReviewSide;
  /** Path of the desired state in the repository. */
  readonly path: string;
  /** Name of the host, or every host of either side. */
  readonly host: string | "all";
  readonly nowMs: number;
}

/** So many hosts are looked at side by side: rendering waits for a process most of the time. */
const SIDE_BY_SIDE = 4;

/**
 * What a change does on each host, from the repository alone: both revisions are desired as an agent would, and the plan is made
 * from what a host is like where the base was converged. Stacks that are made from the same on both sides are not rendered.
 */
export async function reviewChange(request: ReviewRequest, signal: AbortSignal): Promise<Review> {
  const { base, head, path } = request;
  const [before, after] = [await read(base, path), await read(head, path)];
  const there = [...new Set([...(before?.hosts.keys() ?? []), ...(after?.hosts.keys() ?? []), ...brokenHosts(after)])].sort();
  const hosts = request.host === "all" ? there : there.filter((name) => name === request.host);
  if (hosts.length === 0) throw describeNoHost(request.host, there);
  const confirmed = readConfirmations(await head.ports.source.readMessages(head.revision, base.revision));
  const found = new Map<
    string,
    { readonly sides: HostSides; readonly findings: readonly Finding[]; readonly old: readonly Finding[] }
  >();
  if (hosts.length > 1) {
    const sides = [
      { documents: before, ports: base.ports },
      { documents: after, ports: head.ports },
    ];
    const isUnchanged = async (stack: string, host: string): Promise<boolean> =>
      (await findSame(stack, host, { ...request, before, after })) !== undefined;
    await renderShared(sides, isUnchanged, signal);
  }
  const queue = hosts.values();
  const work = async (): Promise<void> => {
    for (const host of queue) found.set(host, await compareHost(host, { ...request, before, after, confirmed }, signal));
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  const compared = hosts.flatMap((host) => found.get(host) ?? []);
  const old = new Set([...(before?.findings ?? []), ...compared.flatMap((item) => item.old)].map(identify));
  // What is wrong with a host that was not asked for is not its author's question.
  const all = request.host === "all" ? (after?.findings ?? []) : [];
  const findings = sortFindings([...all, ...compared.flatMap((item) => item.findings)]);
  return summarizeReview({
    base: base.revision,
    head: head.revision,
    hosts: compared.map(({ sides }) => reviewHost(sides)),
    findings: findings.map((finding) => ({ ...finding, isNew: !old.has(identify(finding)) })),
  });
}

interface Compared extends ReviewRequest {
  readonly before: FleetDocuments | undefined;
  readonly after: FleetDocuments | undefined;
  readonly confirmed: readonly string[];
}

async function compareHost(host: string, compared: Compared, signal: AbortSignal) {
  const { base, head, path, before, after, confirmed, nowMs } = compared;
  const same = await findUnchanged(host, compared, signal);
  const stub = async (name: string): Promise<DesiredStack | undefined> => same.get(name);
  const old =
    before?.hosts.has(host) || brokenHosts(before).includes(host)
      ? await desireHost({ host, path, revision: base.revision, known: stub, applied: () => undefined }, base.ports, signal)
      : undefined;
  const desired = old?.accepted ? old.desired : undefined;
  const stacks = new Map((desired?.stacks ?? []).map((stack) => [stack.name, stack]));
  const now = await desireHost(
    {
      ...{ host, path, revision: head.revision },
      known: async (name) => stacks.get(name),
      applied: (name) => {
        const stack = stacks.get(name);
        return stack === undefined ? undefined : assumeConverged(stack).applied;
      },
    },
    head.ports,
    signal,
  );
  const sides: HostSides = {
    host,
    ...(desired === undefined ? {} : { base: desired }),
    ...(old !== undefined && !old.accepted
      ? { baseProblem: `the base is rejected (${old.reason}): what runs here is not known, and everything is shown as new` }
      : {}),
    head: now.accepted
      ? now.desired
      : now.findings.length === 0 && isGone(host, before, after)
        ? { leaves: true }
        : { rejected: now.reason },
    confirmed,
    hostFiles: compareHostFiles(desired, before, after),
    rootOf: head.ports.placer.directoryOf,
    nowMs,
  };
  return {
    sides,
    findings: now.accepted ? now.desired.findings : now.findings,
    old: old === undefined ? [] : old.accepted ? old.desired.findings : old.findings,
  };
}

/** Stacks of a host that are made from the same on both sides, as far as a plan needs them: they are not rendered. */
async function findUnchanged(host: string, compared: Compared, signal: AbortSignal): Promise<ReadonlyMap<string, DesiredStack>> {
  const { base, before, after } = compared;
  const same = new Map<string, DesiredStack>();
  if (before === undefined || after === undefined) return same;
  // Where it cannot be asked, nothing is known to be rendered by another one.
  const composeVersion = await base.ports.compose.version(signal).catch(() => "");
  for (const name of before.stacks.keys()) {
    const old = await findSame(name, host, compared);
    if (old === undefined) continue;
    same.set(name, {
      ...old,
      ...{ name, revision: base.revision, composeVersion, root: "", projectDirectory: "", files: [] },
      ...{ services: [], model: {}, environment: {}, dependsOn: settingsOf(name, after)?.dependsOn ?? [], adopt: false },
      ...{ verifyTimeoutMs: 0, probes: [], probeIntervalMs: 0, rollback: false, hooks: [], drift: { mode: "heal", rules: {} } },
    });
  }
  return same;
}

/** What a stack of a host is made from, when that is the same on both sides. */
async function findSame(name: string, host: string, { base, head, before, after }: Omit<Compared, "confirmed">) {
  if (before === undefined || after === undefined) return undefined;
  const [old, now] = [await digest(name, host, before, base.ports), await digest(name, host, after, head.ports)];
  return old !== undefined && old.inputs === now?.inputs && old.judgedBy === now.judgedBy ? old : undefined;
}

async function digest(name: string, host: string, documents: FleetDocuments, ports: DesirePorts) {
  const [document, own] = [documents.stacks.get(name), documents.hosts.get(host)];
  if (document === undefined || own === undefined || !hostsOf(document, documents.hosts).includes(host)) return undefined;
  if (hasErrors(documents.findings.filter((finding) => finding.stack === name))) return undefined;
  return digestStack(describeRequest(name, host, own, document, documents), ports);
}

/** What is not in the repository cannot be compared; that other files are named can be told. */
function compareHostFiles(
  base: DesiredHost | undefined,
  before: FleetDocuments | undefined,
  after: FleetDocuments | undefined,
): HostSides["hostFiles"] {
  const files = (name: string, documents: FleetDocuments | undefined): readonly string[] =>
    (documents === undefined ? undefined : settingsOf(name, documents)?.hostEnvFiles) ?? [];
  const changed = (base?.stacks ?? [])
    .filter(({ name }) => after?.stacks.has(name))
    .map(({ name }) => [name, { before: files(name, before), after: files(name, after) }] as const)
    .filter(([, item]) => item.before.join("\0") !== item.after.join("\0"));
  return new Map(changed);
}

function read({ revision, ports }: ReviewSide, path: string): Promise<FleetDocuments | undefined> {
  return readFleet(ports.source, ports.documents, revision, path);
}

/** Whether a host was taken out of a desired state that is there still, as opposed to a file that cannot be read. */
function isGone(host: string, before: FleetDocuments | undefined, after: FleetDocuments | undefined): boolean {
  return (
    (before?.hosts.has(host) ?? false) &&
    after !== undefined &&
    after.hosts.size > 0 &&
    !brokenHosts(after).includes(host) &&
    !after.hosts.has(host)
  );
}

/** Hosts whose own file is wrong: their agents reject the revision. */
function brokenHosts(documents: FleetDocuments | undefined): string[] {
  const names = (documents?.findings ?? []).map(({ path }) => /(?:^|\/)hosts\/([^/]+)\.yaml$/.exec(path)?.[1]);
  return names.filter((name) => name !== undefined);
}

// Lines move when something is added above; that makes no finding a new one.
function identify({ path, rule, message }: Finding): string {
  return `${path} ${rule} ${message}`;
}

function describeNoHost(host: string, there: readonly string[]): Error {
  if (there.length === 0)
    return holdfastError("desired-state-invalid", "neither revision holds a desired state", {
      handling: "stalled",
      hint: "name its directory with --directory, as seen from here",
    });
  return holdfastError("desired-state-invalid", `there is no host "${host}" in either revision`, {
    handling: "stalled",
    hint: `take --host with one of ${there.join(", ")}, or --all-hosts`,
  });
}
