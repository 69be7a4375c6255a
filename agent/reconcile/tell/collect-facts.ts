import type { DesiredHost, DesiredStack } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import { type Finding, hasErrors } from "../../model/finding.ts";
import { findMending } from "../../plan/alerts/find-mending.ts";
import type { HostFacts, StackFacts } from "../../plan/alerts/raise-alerts.ts";
import type { Attempt } from "../../plan/backoff.ts";
import { isUpgradeAlert } from "../../plan/choose-upgrade.ts";
import type { Quarantine } from "../../plan/health/choose-rollback.ts";
import type { Verification } from "../../plan/health/judge-verification.ts";
import { describeHold, explainHostHold, isInForce } from "../../plan/manual-holds.ts";
import { renderPlan } from "../../plan/render-plan.ts";
import type { Store } from "../../ports.ts";
import { readHolds } from "../manual-holds.ts";
import type { Memory } from "../memory.ts";
import { keys } from "../store-keys.ts";

/** Told by their own alert, or nothing that anyone has to act on. */
const NOT_ALERTED_AS_DRIFT: readonly Drift["kind"][] = ["unhealthy"];

/** How many lines of a plan an alert carries. */
const PLAN_LINES = 12;

/** A Git server that is restarted, or a network that hiccups, is nobody's business. */
const INTERVALS_UNREADABLE = 3;

/** What is true of the host at the end of a tick, as far as someone may have to be told. */
export function collectFacts(host: string, memory: Memory, store: Store, nowMs: number, intervalMs: number): HostFacts {
  const { desired, rejected } = memory;
  const stacks = desired?.stacks ?? [];
  const drift = (memory.plan?.drift ?? []).filter((item) => item.origin === "host" && !NOT_ALERTED_AS_DRIFT.includes(item.kind));
  const names = new Set(desired?.stacks.map((stack) => stack.name));
  const suspended = explainHostHold(desired?.suspended ?? false, readHolds(store, []), nowMs);
  const failure = memory.engineFailures >= 2 && memory.engineError ? { failure: memory.engineError.message } : {};
  return {
    host,
    labels: desired?.alerts.labels ?? {},
    ...(desired?.alerts.runbook === undefined ? {} : { runbook: desired.alerts.runbook }),
    heartbeat: (desired?.alerts.heartbeat ?? false) && memory.engineError === undefined,
    ...(rejected === undefined ? {} : { rejected }),
    ...(memory.removalHeld === undefined ? {} : { removalHeld: memory.removalHeld }),
    ...describeUnfit(undefined, memory),
    ...failure,
    ...(suspended === undefined ? {} : { suspended }),
    ...describeUnreadable(memory, nowMs, intervalMs),
    ...describeUpgrade(memory),
    drift: drift.filter((item) => !names.has(item.stack)),
    ...(memory.plan === undefined ? {} : { mending: findMending(memory.plan, new Set(memory.waiting.keys())) }),
    undecided: {
      desired: desired === undefined,
      revision: memory.examined === undefined,
      host: memory.plan === undefined,
      engine: memory.engineFailures === 1,
      health: stacks.filter((stack) => judgeSickness(stack, memory, store, nowMs) === "undecided").map(({ name }) => name),
    },
    stacks: [
      ...stacks.map((stack) => describeStack(stack, desired, drift, memory, store, nowMs)),
      ...describeInvalid(desired, names),
    ],
  };
}

/** What the host lacks for a stack, or for all of them. */
function describeUnfit(stack: string | undefined, { preflight = [] }: Memory): Pick<StackFacts, "unfit"> {
  const own = preflight.filter((finding) => finding.severity === "error" && finding.stack === stack);
  return own.length === 0 ? {} : { unfit: own };
}

function describeUpgrade({ upgrade }: Memory): Pick<HostFacts, "notUpgraded"> {
  if (upgrade === undefined || !isUpgradeAlert(upgrade)) return {};
  return { notUpgraded: { version: upgrade.version, reason: upgrade.error } };
}

function describeUnreadable(memory: Memory, nowMs: number, intervalMs: number): Pick<HostFacts, "unreadable"> {
  const { unreadableSinceMs: sinceMs, sourceError, desired } = memory;
  if (sinceMs === undefined || sourceError === undefined || nowMs - sinceMs < INTERVALS_UNREADABLE * intervalMs) return {};
  const reason = sourceError.hint === undefined ? sourceError.message : `${sourceError.message} (${sourceError.hint})`;
  return { unreadable: { sinceMs, reason, ...(desired === undefined ? {} : { revision: desired.revision }) } };
}

function describeStack(
  stack: DesiredStack,
  desired: DesiredHost | undefined,
  drift: readonly Drift[],
  memory: Memory,
  store: Store,
  nowMs: number,
): StackFacts {
  const failing = (store.read<Attempt[]>(keys.attempts(stack.name)) ?? []).filter((attempt) => attempt.failures >= 2);
  const held = memory.plan?.stacks.find((item) => item.stack === stack.name)?.held;
  const quarantine = describeQuarantine(stack.name, store, stack.inputs, desired);
  // That its containers do not run is what was done about it: one thing that is wrong is one alert.
  const stopped = quarantine.rolledBack?.outcome === "stopped";
  const hold = readHolds(store, [stack.name]).stacks.get(stack.name);
  const sick = judgeSickness(stack, memory, store, nowMs) === "sick";
  const own = drift.filter((item) => item.stack === stack.name);
  const isIll = (memory.plan?.drift ?? []).some((item) => item.stack === stack.name && item.kind === "unhealthy");
  const isGivenUp = failing.length > 0 || held?.reason === "healing-stopped";
  // That its containers do not run is what the steps were to mend.
  const unhealthy = sick && !stopped && (!isGivenUp || isIll);
  const isDown = unhealthy || isGivenUp;
  return {
    stack: stack.name,
    revision: stack.revision,
    newest: desired?.revision ?? stack.revision,
    drift: stopped ? [] : own.filter((item) => !isDown || !isPartOfIt(item)),
    healed: memory.healed.filter((item) => item.stack === stack.name),
    findings: desired?.invalid.includes(stack.name) ? findingsOf(stack.name, desired) : [],
    ...(failing.length > 0 ? { failure: failing.map((attempt) => attempt.error).join("\n") } : {}),
    ...quarantine,
    ...describeUnfit(stack.name, memory),
    ...(unhealthy ? { unhealthy: explainSickness(stack, memory) } : {}),
    ...(held?.reason === "healing-stopped" ? { fighting: held.text } : {}),
    ...(isInForce(hold, nowMs) ? { suspended: describeHold(hold) } : {}),
    ...describePlan(stack.name, memory),
  };
}

/** What is to be done for a stack, and what holds it back, as far as a message should be long. */
function describePlan(stack: string, { plan }: Memory): Pick<StackFacts, "plan"> {
  const own = plan?.stacks.filter((item) => item.stack === stack) ?? [];
  if (plan === undefined || own.length === 0) return {};
  const [, ...lines] = renderPlan({ host: plan.host, stacks: own, drift: [] }).trimEnd().split("\n");
  const more = lines.length > PLAN_LINES ? ["  …"] : [];
  return { plan: [...lines.slice(0, PLAN_LINES), ...more].join("\n") };
}

/** What is not healed because the stack is down, or is how it is down: one stack that is down is one alert. */
function isPartOfIt({ mode, kind }: Drift): boolean {
  return mode === "heal" || kind === "restarting";
}

/** Whether it has been unhealthy for longer than it may; since the agent was started, or it was changed, nobody can tell at once. */
function judgeSickness(stack: DesiredStack, memory: Memory, store: Store, nowMs: number): "sick" | "undecided" | "well" {
  const health = memory.health.get(stack.name);
  if (isJudged(stack, store)) return "well";
  if (health === undefined) return "undecided";
  const { unwellSinceMs: since } = health;
  if (since === undefined) return "well";
  return nowMs - since >= stack.verifyTimeoutMs ? "sick" : "undecided";
}

/** Whether it is on trial, or was found wanting just now: what comes of that has an alert of its own. */
function isJudged({ name, inputs }: DesiredStack, store: Store): boolean {
  if (store.read<Quarantine>(keys.quarantine(name))?.inputs === inputs) return true;
  const trial = store.read<Verification>(keys.verification(name));
  return trial?.inputs === inputs && trial.state === "pending" && trial.deployed && !trial.blocked;
}

function describeQuarantine(
  name: string,
  store: Store,
  inputs: string,
  desired: DesiredHost | undefined,
): Pick<StackFacts, "rolledBack"> {
  const quarantine = store.read<Quarantine>(keys.quarantine(name));
  if (quarantine === undefined || quarantine.byHand) return {};
  if (!desired?.rolledBack.includes(name) && quarantine.inputs !== inputs) return {};
  const { revision, reason, outcome } = quarantine;
  return { rolledBack: { revision, reason, outcome } };
}

/** Stacks that have no good revision yet. */
function describeInvalid(desired: DesiredHost | undefined, known: ReadonlySet<string>): StackFacts[] {
  if (desired === undefined) return [];
  const invalid = desired.invalid.filter((name) => !known.has(name));
  return invalid.map((stack) => ({
    stack,
    revision: desired.revision,
    newest: desired.revision,
    drift: [],
    healed: [],
    findings: findingsOf(stack, desired),
  }));
}

function findingsOf(stack: string, desired: DesiredHost): readonly Finding[] {
  return desired.findings.filter((finding) => finding.stack === stack && hasErrors([finding]));
}

function explainSickness(stack: DesiredStack, memory: Memory): string {
  const bad = (memory.plan?.drift ?? []).filter((item) => item.stack === stack.name).map((item) => item.cause);
  const starting = memory.health.get(stack.name)?.value === "starting";
  const why = starting ? "its health checks and probes have not all passed" : "its containers do not all run";
  return bad.length === 0 ? why : bad.join("\n");
}
