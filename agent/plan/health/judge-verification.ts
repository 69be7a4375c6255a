import type { StackHealth } from "./check-readiness.ts";

/** What is known of whether a stack works as it was last changed. */
export interface Verification {
  /** What is judged: other inputs are another stack. */
  readonly inputs: string;
  /** The newest revision with these inputs. */
  readonly revision: string;
  /** The last step that was taken for it, milliseconds since the epoch: its time to get healthy starts there. */
  readonly changedAtMs: number;
  /** Holdfast changed something for these inputs; otherwise nothing can be blamed on them. */
  readonly deployed: boolean;
  /** Its last steps failed for what is no fault of the revision: an image that cannot be had, a file that cannot be written. */
  readonly blocked: boolean;
  readonly state: "pending" | "verified" | "failed";
}

/** How a stack's containers and probes were at one moment. */
export interface Sample {
  readonly atMs: number;
  readonly health: StackHealth;
  /** Differs when a container was started again or replaced: one that crashes is "running" between two crashes. */
  readonly generation: string;
}

/** How many samples in a row, and how long, a stack has to be healthy: what crashes after a few seconds is not taken for working. */
const STABLE_SAMPLES = 3;
const STABLE_MS = 10_000;
/** How long between two samples. */
export const SAMPLE_SPACING_MS = 2_500;

/** What gets healthy at the last moment has so many looks to stay so. One that crashes is healthy between two crashes for ever. */
const LOOKS_WHEN_LATE = 8;
/** How long that takes, with some time for the looks themselves. */
export const SETTLING_MS = (LOOKS_WHEN_LATE + 2) * SAMPLE_SPACING_MS;

export interface VerificationRequest {
  readonly verification: Verification;
  /** Newest last, of these inputs only. */
  readonly samples: readonly Sample[];
  /** How often it was looked at since its time was over. */
  readonly lateLooks: number;
  /** All its steps were taken. */
  readonly converged: boolean;
  readonly timeoutMs: number;
  readonly nowMs: number;
}

/** Whether a changed stack works, does not, or cannot be told yet. */
export function judgeVerification(request: VerificationRequest): Verification["state"] {
  const { verification, samples, lateLooks, converged, timeoutMs, nowMs } = request;
  if (verification.state !== "pending") return verification.state;
  if (converged && isStable(samples)) return "verified";
  // Who never touched it has nothing to take back; that it is unhealthy is told by its own alert.
  const late = nowMs - verification.changedAtMs >= timeoutMs;
  const settling = isSettling(samples) && lateLooks <= LOOKS_WHEN_LATE;
  return late && !settling && verification.deployed && !verification.blocked ? "failed" : "pending";
}

/** The samples that still matter, a new one included: those of the present generation since it was last unhealthy. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  if (sample.health !== "healthy") return [sample];
  const lastBad = samples.findLastIndex((item) => item.health !== "healthy" || item.generation !== sample.generation);
  const good = [...samples.slice(lastBad + 1), sample];
  // The first one tells since when; of the others only their number matters.
  return good.length <= STABLE_SAMPLES ? good : [good[0] ?? sample, ...good.slice(1 - STABLE_SAMPLES)];
}

function isStable(samples: readonly Sample[]): boolean {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < STABLE_SAMPLES) return false;
  return samples.every(({ health }) => health === "healthy") && last.atMs - first.atMs >= STABLE_MS;
}

// Healthy just before the time is over: it gets the few seconds that tell whether it stays so.
function isSettling(samples: readonly Sample[]): boolean {
  return samples.at(-1)?.health === "healthy";
}
