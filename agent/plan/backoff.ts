import type { Step } from "../model/plan.ts";
import { canonicalJson, shortDigest } from "./digest-service.ts";
import { describeStep } from "./render-plan.ts";

/** What is remembered of failed attempts at the same steps for the same causes. */
export interface Attempt {
  readonly fingerprint: string;
  readonly failures: number;
  /** Milliseconds since the epoch; nothing is tried before. */
  readonly nextAtMs: number;
  /** The last failure in one line. */
  readonly error: string;
}

const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 600_000;

/** Identity of what is attempted: actions, their targets by name and their kinds of cause, and the inputs that they come from. */
export function fingerprintSteps(inputs: string, steps: readonly Step[]): string {
  const attempted = steps.map((step) => [describeStep(step), ...step.causes.map((cause) => cause.kind)]);
  return shortDigest(canonicalJson([inputs, ...attempted]));
}

/** The record after one more failure. The first one is tried again at the next tick, later ones after 10 s doubled up to 10 min. */
export function recordFailure(previous: Attempt | undefined, fingerprint: string, error: string, nowMs: number): Attempt {
  const failures = previous?.fingerprint === fingerprint ? previous.failures + 1 : 1;
  const delayMs = failures < 2 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 2));
  return { fingerprint, failures, nextAtMs: nowMs + delayMs, error };
}

/** Whether these steps have to wait: they failed before for the same causes, and the delay has not passed. */
export function isBackingOff(attempt: Attempt | undefined, fingerprint: string, nowMs: number): boolean {
  return attempt !== undefined && attempt.fingerprint === fingerprint && nowMs < attempt.nextAtMs;
}
