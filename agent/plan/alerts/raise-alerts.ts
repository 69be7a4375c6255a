import type { Alert, AlertName, AlertSeverity } from "../../model/alert.ts";
import type { Drift } from "../../model/drift.ts";
import { type Finding, renderFinding } from "../../model/finding.ts";
import { type PreflightFinding, renderPreflightFinding } from "../../model/preflight.ts";
import type { Mending } from "./find-mending.ts";
import type { Undecided } from "./is-undecided.ts";

/** What is known of a stack that someone may have to be told. */
export interface StackFacts {
  readonly stack: string;
  /** The revision that is in force. */
  readonly revision: string;
  /** The newest one, which may be invalid. */
  readonly newest: string;
  /** Drift that stands; a change of the desired state is none. */
  readonly drift: readonly Drift[];
  /** Drift that was healed in the last tick. */
  readonly healed: readonly Drift[];
  /** A step failed at least twice: the last error. */
  readonly failure?: string;
  /** What is wrong with the stack at the newest revision. */
  readonly findings: readonly Finding[];
  /** It has been unhealthy for longer than it may: what is wrong. */
  readonly unhealthy?: string;
  /** Healing was stopped: what kept being undone. */
  readonly fighting?: string;
  /** What the host lacks for its containers. */
  readonly unfit?: readonly PreflightFinding[];
  /** A revision did not get healthy, and what came of it. */
  readonly rolledBack?: { readonly revision: string; readonly reason: string; readonly outcome: "rolled-back" | "stopped" };
  /** It is held by hand: since when, until when and why. */
  readonly suspended?: string;
  /** The first lines of what is to be done, and why. */
  readonly plan?: string;
}

export interface HostFacts {
  readonly host: string;
  /** Added to every alert. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where people find what to do about an alert, when the fleet says it. */
  readonly runbook?: string;
  readonly stacks: readonly StackFacts[];
  /** Why the newest revision is not in force for the whole host, and which one it is. */
  readonly rejected?: { readonly revision: string; readonly reason: string; readonly findings: readonly Finding[] };
  /** The newest revision waits until somebody confirms what it removes. */
  readonly removalHeld?: { readonly revision: string; readonly reason: string; readonly stacks: readonly string[] };
  /** What the host lacks for any container at all. */
  readonly unfit?: readonly PreflightFinding[];
  /** The engine, or something else that concerns every stack, failed at least twice. */
  readonly failure?: string;
  /** The repository could not be read for a while: since when, why, and which revision stays in force. */
  readonly unreadable?: { readonly sinceMs: number; readonly reason: string; readonly revision?: string };
  /** The agent is not the version that it should be. */
  readonly notUpgraded?: { readonly version: string; readonly reason: string };
  /** Nothing is changed on the whole host: since when, until when and why. */
  readonly suspended?: string;
  /** Drift that belongs to no stack of the desired state. */
  readonly drift: readonly Drift[];
  /** By stack, what is done about drift that is to be healed. */
  readonly mending?: ReadonlyMap<string, Mending>;
  /** What cannot be told yet; absent when everything can. */
  readonly undecided?: Undecided;
  /** Reconciliations finish: the dead-man switch is fed. */
  readonly heartbeat: boolean;
}

const FINDINGS_SHOWN = 20;
/** The page as this project has it. */
const RUNBOOK = "docs/operations.md";

/** The alerts that the facts call for. Labels are stable names; everything that changes is an annotation. */
export function raiseAlerts(facts: HostFacts): Alert[] {
  const { host, labels, runbook = RUNBOOK } = facts;
  const raise = (
    name: AlertName,
    severity: AlertSeverity,
    extra: Record<string, string>,
    annotations: Record<string, string>,
  ): Alert => ({
    name,
    severity,
    labels: { ...labels, alertname: name, severity, host, ...extra },
    annotations: { ...annotations, runbook_url: `${runbook.replace(/#.*$/, "")}#${name.toLowerCase()}` },
  });
  const ofHost: Alert[] = [];
  if (facts.rejected) {
    const { revision, reason, findings } = facts.rejected;
    ofHost.push(
      raise(
        "HoldfastRevisionRejected",
        "critical",
        {},
        { summary: `${host}: revision ${revision.slice(0, 12)} is rejected`, description: describe(reason, findings), revision },
      ),
    );
  }
  if (facts.removalHeld) {
    const { revision, reason, stacks } = facts.removalHeld;
    const summary = `${host}: revision ${revision.slice(0, 12)} is held because of what it removes`;
    const remedy = `To confirm it, push a commit with the line "Holdfast-Allow-Removal: ${stacks.join(", ")}", or run holdfast sync --allow-removal on the host.`;
    ofHost.push(raise("HoldfastRemovalHeld", "critical", {}, { summary, description: `${reason}\n${remedy}`, revision }));
  }
  if (facts.unfit) {
    const summary = `${host}: the host lacks what it needs, and no container is created`;
    ofHost.push(raise("HoldfastPreflightFailed", "critical", {}, { summary, description: listLacks(facts.unfit) }));
  }
  if (facts.failure !== undefined) {
    ofHost.push(
      raise(
        "HoldfastConvergeFailed",
        "critical",
        {},
        { summary: `${host}: nothing can be converged`, description: facts.failure },
      ),
    );
  }
  if (facts.unreadable) {
    const { sinceMs, reason, revision } = facts.unreadable;
    const summary = `${host}: the repository cannot be read`;
    const description = `${reason}\nSince ${new Date(sinceMs).toISOString()}; what is in force is still looked after.`;
    const annotations = { summary, description, ...(revision === undefined ? {} : { revision }) };
    ofHost.push(raise("HoldfastSourceUnreachable", "warning", {}, annotations));
  }
  if (facts.notUpgraded) {
    const { version, reason } = facts.notUpgraded;
    const summary = `${host}: the agent is not upgraded to version ${version}`;
    ofHost.push(raise("HoldfastUpgradeFailed", "warning", {}, { summary, description: reason }));
  }
  if (facts.suspended !== undefined) {
    const annotations = { summary: `${host} is suspended, nothing is changed`, description: facts.suspended };
    ofHost.push(raise("HoldfastSuspended", "info", {}, annotations));
  }
  if (facts.heartbeat) ofHost.push(raise("HoldfastHeartbeat", "none", {}, { summary: `${host}: Holdfast reconciles` }));
  const { mending = new Map() } = facts;
  const ofStacks = facts.stacks.flatMap((stack) => raiseStack(host, stack, mending, raise));
  return [...ofHost, ...raiseDrift(facts.drift, [], mending, raise), ...ofStacks];
}

type Raise = (
  name: AlertName,
  severity: AlertSeverity,
  extra: Record<string, string>,
  annotations: Record<string, string>,
) => Alert;

function raiseStack(host: string, facts: StackFacts, mending: ReadonlyMap<string, Mending>, raise: Raise): Alert[] {
  const { stack, revision } = facts;
  const plan = facts.plan === undefined ? {} : { plan: facts.plan };
  const alerts = raiseDrift(facts.drift, facts.healed, mending, raise, { revision, ...plan });
  const add = (name: AlertName, summary: string, description: string): void => {
    alerts.push(
      raise(name, "critical", { stack }, { summary: `${stack} on ${host}: ${summary}`, description, revision, ...plan }),
    );
  };
  if (facts.failure !== undefined) add("HoldfastConvergeFailed", "cannot be converged", facts.failure);
  if (facts.findings.length > 0) {
    const summary = `${stack} on ${host}: the newest revision is invalid, the last good one stays`;
    const annotations = { summary, description: describe("", facts.findings), revision: facts.newest };
    alerts.push(raise("HoldfastRevisionRejected", "critical", { stack }, annotations));
  }
  if (facts.unfit) add("HoldfastPreflightFailed", "the host lacks what it needs", listLacks(facts.unfit));
  if (facts.unhealthy !== undefined) add("HoldfastStackUnhealthy", "is unhealthy", facts.unhealthy);
  if (facts.rolledBack) {
    const { revision: failed, reason, outcome } = facts.rolledBack;
    // Until the next look, what failed is still what is in force.
    const back = revision === failed ? "is rolled back" : `was rolled back to ${revision.slice(0, 12)}`;
    const end = outcome === "rolled-back" ? back : "is stopped";
    add("HoldfastRolledBack", `revision ${failed.slice(0, 12)} did not get healthy and ${end}`, reason);
  }
  if (facts.fighting !== undefined)
    add("HoldfastDriftFighting", "healing was stopped because it kept being undone", facts.fighting);
  if (facts.suspended !== undefined) {
    const annotations = {
      summary: `${stack} on ${host} is suspended, nothing is changed`,
      description: facts.suspended,
      revision,
    };
    alerts.push(raise("HoldfastSuspended", "info", { stack }, annotations));
  }
  return alerts;
}

/** One alert per stack and kind: what drifted is told together. */
function raiseDrift(
  drift: readonly Drift[],
  healed: readonly Drift[],
  mending: ReadonlyMap<string, Mending>,
  raise: Raise,
  { plan, ...more }: { readonly revision?: string; readonly plan?: string } = {},
): Alert[] {
  const groups = Map.groupBy([...drift, ...healed], (item) => `${item.stack} ${item.kind}`);
  return [...groups.values()].flatMap((items) => {
    const first = items[0];
    if (first === undefined) return [];
    const left = drift.filter((item) => item.stack === first.stack && item.kind === first.kind);
    const standing = left.length > 0;
    const mended = left.every(({ mode }) => mode === "heal") ? mending.get(first.stack) : undefined;
    const annotations = {
      summary: `${first.stack}: ${first.kind} (${standing ? (mended ?? "not healed") : "healed"})`,
      description: [...new Set(items.map((item) => item.cause))].join("\n"),
      ...more,
      ...(plan === undefined || !standing ? {} : { plan }),
    };
    return [raise("HoldfastDrift", "warning", { stack: first.stack, kind: first.kind }, annotations)];
  });
}

function listLacks(findings: readonly PreflightFinding[]): string {
  return findings.map(({ stack: _stack, ...finding }) => renderPreflightFinding(finding)).join("\n");
}

function describe(reason: string, findings: readonly Finding[]): string {
  const shown = findings.slice(0, FINDINGS_SHOWN).map(renderFinding);
  const more = findings.length > FINDINGS_SHOWN ? [`and ${findings.length - FINDINGS_SHOWN} more`] : [];
  return [reason, ...shown, ...more].filter((line) => line !== "").join("\n");
}
