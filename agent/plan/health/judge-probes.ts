import type { ProbeResult } from "../../model/probe.ts";

/** What the samples of one probe say so far. Times in milliseconds since the epoch. */
export interface ProbeHistory {
  /** `starting` until it has passed often enough for the first time. */
  readonly state: "starting" | "healthy" | "failing";
  /** Successes in a row, the last sample included. */
  readonly passes: number;
  /** Failures in a row, the last sample included. */
  readonly failures: number;
  readonly last: ProbeResult;
  readonly lastAtMs: number;
  /** Since when `state` is what it is. */
  readonly sinceMs: number;
}

/** A service that answers once while it still starts, or between two crashes, has not come up. */
const PASSES_TO_TRUST = 3;
/** One lost packet or one slow answer is nobody's business. */
const FAILURES_TO_DISTRUST = 2;
/** Between two samples where the matter is open. */
const CLOSE_LOOK_MS = 1_000;
/** Between two samples of what fails for good: often enough to see it come back, seldom enough to do no harm. */
const FAILING_LOOK_MS = 5_000;

/** The history with one more sample. Without one, the probe is new, or what it looks at was changed just now. */
export function recordSample(history: ProbeHistory | undefined, result: ProbeResult, atMs: number): ProbeHistory {
  const passes = result.ok ? (history?.passes ?? 0) + 1 : 0;
  const failures = result.ok ? 0 : (history?.failures ?? 0) + 1;
  const before = history?.state ?? "starting";
  const state =
    passes >= PASSES_TO_TRUST ? "healthy" : before === "healthy" && failures >= FAILURES_TO_DISTRUST ? "failing" : before;
  return { state, passes, failures, last: result, lastAtMs: atMs, sinceMs: state === before ? (history?.sinceMs ?? atMs) : atMs };
}

/** When a probe is due again: at once when it is new, soon while the matter is open, after `intervalMs` while all is well. */
export function nextSampleAtMs(history: ProbeHistory | undefined, intervalMs: number): number {
  if (history === undefined) return 0;
  const settled = history.state === "healthy" && history.failures === 0;
  const recovering = history.passes > 0 || history.state !== "failing";
  const spacingMs = settled ? intervalMs : Math.min(intervalMs, recovering ? CLOSE_LOOK_MS : FAILING_LOOK_MS);
  return history.lastAtMs + spacingMs;
}

export interface ProbesVerdict {
  /** `healthy` when every probe is; `failing` when one that worked does not any more. */
  readonly state: ProbeHistory["state"];
  /** Probes that are not healthy, by their key, with what came last; those that fail first. */
  readonly reasons: readonly { readonly probe: string; readonly detail: string; readonly sinceMs?: number }[];
}

/** How long a probe may take to pass for the first time. */
export interface ProbePatience {
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** What the probes of a stack say together; `keys` names all of them, those that were never run included. */
export function judgeProbes(
  keys: readonly string[],
  histories: ReadonlyMap<string, ProbeHistory>,
  patience?: ProbePatience,
): ProbesVerdict {
  const open = keys.filter((key) => histories.get(key)?.state !== "healthy");
  const failing = open.filter((key) => isFailing(histories.get(key), patience));
  const ordered = [...failing, ...open.filter((key) => !failing.includes(key))];
  return {
    state: failing.length > 0 ? "failing" : open.length > 0 ? "starting" : "healthy",
    reasons: ordered.map((probe) => {
      const history = histories.get(probe);
      if (history === undefined) return { probe, detail: "has not run yet" };
      return { probe, detail: describeOpen(history), sinceMs: history.sinceMs };
    }),
  };
}

function isFailing(history: ProbeHistory | undefined, patience: ProbePatience | undefined): boolean {
  if (history === undefined || history.state === "healthy") return false;
  if (history.state === "failing") return true;
  return patience !== undefined && !history.last.ok && patience.nowMs - history.sinceMs >= patience.timeoutMs;
}

function describeOpen({ passes, last }: ProbeHistory): string {
  return passes === 0 ? last.detail : `passed ${passes} of ${PASSES_TO_TRUST} times in a row`;
}
