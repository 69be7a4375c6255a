import type { Step } from "../model/plan.ts";
import { canonicalJson, shortDigest } from "./desire/digest-service.ts";
import { describeStep } from "./render-plan.ts";

/** What is remembered of failed attempts at one step for the same causes. */
export interface Attempt {
  readonly fingerprint: string;
  readonly failures: number;
  /** Milliseconds since the epoch; it is not tried before. */
  readonly nextAtMs: number;
  /** The last failure in one line. */
  readonly error: string;
}

export interface FailedStep {
  readonly step: Step;
  /** In one line. */
  readonly error: string;
}

const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 600_000;
/** So many failures are told; fewer would end the alert, though nothing is mended yet. */
const ALERTED_FAILURES = 2;

/** Identity of a step: what is done to what, for which causes, and the inputs that it comes from. */
export function fingerprintStep(inputs: string, step: Step): string {
  return shortDigest(canonicalJson([inputs, describeStep(step), [...new Set(step.causes.map((cause) => cause.kind))].sort()]));
}

/**
 * The record after some steps of a plan failed. A first failure is tried again at the next tick, later ones after 10 s,
 * doubled up to 10 min. Steps that are neither planned nor delayed any more are forgotten.
 */
export function recordFailures(
  previous: readonly Attempt[],
  inputs: string,
  planned: readonly Step[],
  failed: readonly FailedStep[],
  nowMs: number,
): Attempt[] {
  const wanted = new Set(planned.map((step) => fingerprintStep(inputs, step)));
  const attempts = new Map(
    previous
      .filter((attempt) => wanted.has(attempt.fingerprint) || nowMs < attempt.nextAtMs)
      .map((attempt) => [attempt.fingerprint, attempt]),
  );
  for (const { step, error } of failed) {
    const fingerprint = fingerprintStep(inputs, step);
    const failures = (attempts.get(fingerprint)?.failures ?? 0) + 1;
    const delayMs = failures < 2 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 2));
    attempts.set(fingerprint, { fingerprint, failures, nextAtMs: nowMs + delayMs, error });
  }
  return [...attempts.values()];
}

/** The record after somebody asked to try again: every delay is over, and the next one is short. What failed twice is still known to have. */
export function retryNow(attempts: readonly Attempt[], nowMs: number): Attempt[] {
  return attempts.map((attempt) => ({ ...attempt, failures: Math.min(attempt.failures, ALERTED_FAILURES), nextAtMs: nowMs }));
}

export interface Postponed {
  /** Steps that can be taken now. */
  readonly steps: readonly Step[];
  /** The attempts because of which others are left out. */
  readonly waiting: readonly Attempt[];
}

/** Leaves out the steps whose delay has not passed, and those that build on them; the rest of the stack is still mended. */
export function postponeFailing(inputs: string, steps: readonly Step[], attempts: readonly Attempt[], nowMs: number): Postponed {
  const delayed = new Map(
    attempts.filter((attempt) => nowMs < attempt.nextAtMs).map((attempt) => [attempt.fingerprint, attempt]),
  );
  const without = new Set<string>();
  const waiting: Attempt[] = [];
  const kept: Step[] = [];
  for (const planned of steps) {
    const attempt = delayed.get(fingerprintStep(inputs, planned));
    const step = attempt === undefined ? withoutServices(planned, without) : undefined;
    if (attempt !== undefined) waiting.push(attempt);
    // Files that could not be written are older than what the services expect, and a directory that is missing would be made by Docker.
    if (attempt !== undefined && ["place", "create-directory"].includes(planned.action)) return { steps: [], waiting };
    // What comes after a hook relies on what it did.
    if (attempt !== undefined && planned.action === "hook") return { steps: kept, waiting };
    if (step === undefined) for (const service of servicesOf(planned)) without.add(service);
    else kept.push(step);
  }
  return { steps: kept, waiting };
}

/** A step without the services that cannot be had now; undefined when nothing of it is left, or it builds on them. */
export function withoutServices(step: Step, without: ReadonlySet<string>): Step | undefined {
  if (without.size === 0) return step;
  // Nothing is removed while its successor may be missing.
  if (step.action === "remove") return undefined;
  if (step.after.some((dependency) => without.has(dependency.service))) return undefined;
  if (step.action !== "up") return step;
  const services = step.services.filter((service) => !without.has(service));
  return services.length === 0 ? undefined : { ...step, services };
}

/** The services that a step creates, or gets an image for. */
export function servicesOf(step: Step): readonly string[] {
  return step.action === "pull" || step.action === "up" ? step.services : [];
}
