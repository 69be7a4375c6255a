import type { TrackedAlert } from "../model/alert.ts";
import type { DesiredStack } from "../model/desired.ts";
import type { Drift } from "../model/drift.ts";
import { renderFinding } from "../model/finding.ts";
import type {
  AlertStatus,
  CommitStatus,
  DriftReport,
  HoldStatus,
  ServiceStatus,
  StackStatus,
  Status,
} from "../model/generated/status.ts";
import type { ManualHold, ManualHolds } from "../model/manual-hold.ts";
import type { ObservedContainer } from "../model/observed.ts";
import { isInForce } from "../plan/manual-holds.ts";
import type { RevisionInfo } from "../ports.ts";
import type { Memory } from "../reconcile/memory.ts";

export interface StatusRequest {
  readonly host: string;
  readonly version: string;
  readonly memory: Memory;
  readonly firing: readonly TrackedAlert[];
  /** Stacks whose last steps failed, with the error. */
  readonly failures: ReadonlyMap<string, string>;
  /** Stacks that are verified as they are in force. */
  readonly verified: ReadonlySet<string>;
  /** Stacks that somebody took back with `holdfast rollback`. */
  readonly takenBack?: ReadonlySet<string>;
  readonly holds: ManualHolds;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** What the agent gets along without, one line each. */
  readonly warnings?: readonly string[];
}

/** What the agent knows of its host, for people and programs. */
export function describeStatus(request: StatusRequest): Status {
  const { host, version, memory, firing, failures, verified, takenBack, holds, nowMs, warnings = [] } = request;
  const { desired, rejected, sourceError, engineError, last, nextAtMs, tip } = memory;
  const stacks = [
    ...(desired?.stacks ?? []).map((stack) => ({
      ...describeStack(stack, memory, failures, takenBack),
      verified: verified.has(stack.name),
    })),
    ...(desired?.invalid ?? []).filter((name) => !desired?.stacks.some((stack) => stack.name === name)).map(describeInvalid),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    host,
    version,
    healthy: last?.result === "converged" && stacks.every((stack) => stack.state === "converged" && stack.health === "healthy"),
    ...(desired === undefined ? {} : { revision: desired.revision }),
    ...(tip === undefined ? {} : { tip }),
    ...(memory.commit === undefined || memory.commit.revision !== desired?.revision
      ? {}
      : { commit: describeCommit(memory.commit) }),
    ...(rejected === undefined ? {} : { rejected: { revision: rejected.revision, reason: rejected.reason } }),
    ...(sourceError === undefined ? {} : { sourceError: sourceError.message }),
    ...(engineError === undefined ? {} : { engineError: engineError.message }),
    ...(last === undefined ? {} : { last: { result: last.result, at: formatTime(last.atMs), durationMs: last.durationMs } }),
    ...(nextAtMs === undefined ? {} : { next: formatTime(nextAtMs) }),
    stacks,
    holds: describeHolds(desired?.suspended ?? false, holds, nowMs),
    drift: (memory.plan?.drift ?? []).map(describeDifference),
    findings: [...(rejected?.findings ?? []), ...(desired?.findings ?? [])].map(renderFinding),
    alerts: firing.map(describeAlert),
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  };
}

function describeAlert({ alert, startsAtMs, firesUntilMs }: TrackedAlert): AlertStatus {
  return {
    name: alert.name,
    since: formatTime(startsAtMs),
    summary: alert.annotations["summary"] ?? "",
    ...(firesUntilMs === undefined ? {} : { firesUntil: formatTime(firesUntilMs) }),
  };
}

function describeHolds(suspendedInFile: boolean, { host, stacks }: ManualHolds, nowMs: number): HoldStatus[] {
  const all: [object, ManualHold | undefined][] = [
    [{}, host],
    ...[...stacks].map(([stack, hold]): [object, ManualHold] => [{ stack }, hold]),
  ];
  const byHand = all.flatMap(([named, hold]): HoldStatus[] =>
    isInForce(hold, nowMs) ? [{ ...named, ...describeHold(hold) }] : [],
  );
  return [...(suspendedInFile ? [{ origin: "repository" as const }] : []), ...byHand];
}

function describeHold({ sinceMs, untilMs, reason }: ManualHold): HoldStatus {
  return {
    origin: "command",
    since: formatTime(sinceMs),
    ...(untilMs === undefined ? {} : { until: formatTime(untilMs) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function describeStack(
  stack: DesiredStack,
  memory: Memory,
  failures: ReadonlyMap<string, string>,
  takenBack: ReadonlySet<string> = new Set(),
): StackStatus {
  const [state, reason] = judgeState(stack.name, memory, failures, takenBack);
  const health = memory.health.get(stack.name)?.value;
  return {
    name: stack.name,
    revision: stack.revision,
    state,
    ...(health === undefined ? {} : { health }),
    ...(reason === undefined ? {} : { reason }),
    services: stack.services.map((service) => describeService(stack.name, service, memory.observed?.containers ?? [])),
  };
}

function judgeState(
  stack: string,
  memory: Memory,
  failures: ReadonlyMap<string, string>,
  takenBack: ReadonlySet<string>,
): [StackStatus["state"], string | undefined] {
  const held = memory.plan?.stacks.find((item) => item.stack === stack)?.held;
  const drift = (memory.plan?.drift ?? []).filter((item) => item.stack === stack && item.kind !== "unhealthy");
  const waiting = memory.waiting.get(stack);
  const failure = failures.get(stack);
  if (memory.desired?.invalid.includes(stack))
    return ["invalid", "invalid at the newest revision, the last good one is in force"];
  if (memory.desired?.rolledBack.includes(stack) && takenBack.has(stack))
    return ["rolled-back", "taken back by hand, until something that makes it changes"];
  if (memory.desired?.rolledBack.includes(stack))
    return ["rolled-back", "the newest revision did not get healthy, what verified before is in force"];
  if (failure !== undefined) return ["failed", failure];
  if (held !== undefined) return [held.reason === "backing-off" ? "failed" : "held", held.text];
  if (waiting !== undefined) return ["waiting", `waits until ${waiting.value}`];
  if (drift.length > 0) return ["drifted", drift[0]?.cause];
  return ["converged", undefined];
}

function describeInvalid(name: string): StackStatus {
  return { name, state: "invalid", reason: "no valid revision of this stack has been seen", services: [] };
}

function describeService(
  stack: string,
  service: DesiredStack["services"][number],
  containers: readonly ObservedContainer[],
): ServiceStatus {
  const own = containers.filter(
    (container) => container.project === stack && container.service === service.name && !container.oneOff,
  );
  const running = own.filter(
    (container) => container.state === "running" || (service.oneShot && container.state === "exited" && container.exitCode === 0),
  );
  return { name: service.name, image: service.image, replicas: service.replicas, running: running.length };
}

function describeCommit({ subject, author, committedAtMs }: RevisionInfo): CommitStatus {
  return { subject, author, at: formatTime(committedAtMs) };
}

function describeDifference(drift: Drift): DriftReport {
  return { ...describeDrift(drift), expected: drift.expected, actual: drift.actual };
}

/** One difference without what only programs need. */
export function describeDrift({ stack, kind, mode, service, container, cause }: Drift): Omit<DriftReport, "expected" | "actual"> {
  return {
    stack,
    kind,
    mode,
    ...(service === undefined ? {} : { service }),
    ...(container === undefined ? {} : { container }),
    cause,
  };
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}
