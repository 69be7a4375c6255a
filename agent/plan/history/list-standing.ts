import type { DesiredHost } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import { type Finding, hasErrors, renderFinding } from "../../model/finding.ts";
import type { Happening } from "../../model/history.ts";
import type { Plan } from "../../model/plan.ts";
import { shortDigest } from "../desire/digest-service.ts";
import { findReported } from "../drift/find-reported.ts";
import { SUSPENDED_IN_FILE } from "../manual-holds.ts";
import { describeReported, limit, shorten } from "./describe-happening.ts";
import type { Standing } from "./note-standing.ts";

/** What is known of a host now, as far as the history tells it. */
export interface StandingFacts {
  /** The newest revision, when it is not in force as a whole. */
  readonly rejected?: { readonly revision: string; readonly reason: string; readonly findings: readonly Finding[] };
  /** The newest revision, when somebody has to confirm what it removes. */
  readonly removalHeld?: { readonly revision: string; readonly reason: string };
  readonly desired?: DesiredHost;
  /** The plan of the last look at the engine. */
  readonly plan?: Plan;
}

/** These come and go with each attempt of the engine's to start a container, and with each of its checks. */
const FLAPPING: readonly Drift["kind"][] = ["restarting", "unhealthy"];

/** The conditions that last, each with what the history says when it begins. */
export function listStanding({ rejected, removalHeld, desired, plan }: StandingFacts): Standing[] {
  return [
    ...(removalHeld === undefined ? [] : [describeHeld(removalHeld)]),
    ...(rejected === undefined ? [] : [describeRejected(rejected)]),
    ...(desired === undefined
      ? []
      : [...describeSuspension(desired), ...desired.invalid.map((stack) => describeInvalid(stack, desired))]),
    ...(plan === undefined ? [] : describeDrift(plan)),
  ];
}

function describeRejected({ revision, reason, findings }: NonNullable<StandingFacts["rejected"]>): Standing {
  const begins: Happening = { event: "revision-rejected", revision, text: shorten(reason), findings: describeFindings(findings) };
  return { id: `rejected ${revision} ${shortDigest(reason)}`, begins };
}

function describeHeld({ revision, reason }: NonNullable<StandingFacts["removalHeld"]>): Standing {
  const begins: Happening = { event: "revision-held", revision, text: shorten(reason) };
  return { id: `rejected ${revision} ${shortDigest(reason)}`, begins };
}

/** A stack is told again when something else is wrong with it, not with each revision that leaves it wrong. */
function describeInvalid(stack: string, { revision, findings }: DesiredHost): Standing {
  const own = describeFindings(findings.filter((finding) => finding.stack === stack && hasErrors([finding])));
  const text = "the newest revision of the stack is invalid; the last good one, if there is one, stays";
  return {
    id: `invalid ${stack} ${shortDigest(own.join("\n"))}`,
    begins: { event: "revision-rejected", stack, revision, text, findings: own },
  };
}

function describeSuspension({ suspended, revision }: DesiredHost): Standing[] {
  if (!suspended) return [];
  const ends: Happening = { event: "resumed", text: "the host file no longer says suspend: true" };
  return [{ id: "suspended", begins: { event: "suspended", revision, text: SUSPENDED_IN_FILE }, ends }];
}

function describeDrift(plan: Plan): Standing[] {
  const holds = new Map(plan.stacks.map(({ stack, held }) => [stack, held?.text]));
  return findReported(plan)
    .filter((drift) => drift.origin === "host")
    .map((drift) => ({
      id: ["drift", drift.stack, drift.kind, drift.service, drift.container].filter((part) => part !== undefined).join(" "),
      begins: describeReported(drift, drift.mode === "report" ? undefined : holds.get(drift.stack)),
      ...(FLAPPING.includes(drift.kind) ? { flaps: true } : {}),
    }));
}

function describeFindings(findings: readonly Finding[]): readonly string[] {
  return limit(
    findings
      .filter((finding) => hasErrors([finding]))
      .map(renderFinding)
      .map(shorten),
  );
}
