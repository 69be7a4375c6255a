import type { AgentRelease } from "../model/generated/fleet.ts";
import type { UpgradeRecord, UpgradeTarget } from "../model/upgrade.ts";
import { canonicalJson, shortDigest } from "./desire/digest-service.ts";

export interface UpgradeRequest {
  /** What the host's file or the fleet's asks for. */
  readonly wanted: AgentRelease | undefined;
  readonly platform: string;
  /** SHA-256 of the executable that runs. */
  readonly running: string;
  /** What is remembered of failures. */
  readonly record: UpgradeRecord | undefined;
  readonly nowMs: number;
}

export type UpgradeChoice =
  /** What runs is right; what was remembered is over. */
  | { readonly action: "none" }
  /** It failed, and its time has not come, or never does. */
  | { readonly action: "leave" }
  | { readonly action: "refuse"; readonly key: string; readonly version: string; readonly reason: string }
  | { readonly action: "fetch"; readonly target: UpgradeTarget };

const FIRST_DELAY_MS = 60_000;
const LONGEST_DELAY_MS = 3_600_000;
/** A server that is restarted is nobody's business. */
const ALERTED_FAILURES = 2;

/** What to do about the version of the agent itself. The checksum decides: a version may be built twice. */
export function chooseUpgrade({ wanted, platform, running, record, nowMs }: UpgradeRequest): UpgradeChoice {
  if (wanted === undefined) return { action: "none" };
  const { version, url } = wanted;
  const sha256 = new Map(Object.entries(wanted.sha256)).get(platform);
  if (sha256 === running) return { action: "none" };
  const key = keyOf(wanted);
  if (record?.key === key && (record.nextAtMs === undefined || nowMs < record.nextAtMs)) return { action: "leave" };
  if (sha256 === undefined) {
    return { action: "refuse", key, version, reason: `agent.sha256 has no ${platform}: add it from SHA256SUMS of the release` };
  }
  return { action: "fetch", target: { version, url, sha256, key } };
}

/** Identifies an entry by all that it says. */
export function keyOf(wanted: AgentRelease): string {
  return shortDigest(canonicalJson([wanted.version, wanted.url, { ...wanted.sha256 }]));
}

/** The record after another failure. A final one is not followed by another attempt; others after 1 min, doubled up to an hour. */
export function recordUpgradeFailure(
  record: UpgradeRecord | undefined,
  { key, version }: Pick<UpgradeTarget, "key" | "version">,
  { error, final }: { readonly error: string; readonly final: boolean },
  nowMs: number,
): UpgradeRecord {
  const failures = (record?.key === key ? record.failures : 0) + 1;
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
  return { key, version, failures, error, ...(final ? {} : { nextAtMs: nowMs + delayMs }) };
}

/** Whether someone has to be told. */
export function isUpgradeAlert(record: UpgradeRecord): boolean {
  return record.nextAtMs === undefined || record.failures >= ALERTED_FAILURES;
}
