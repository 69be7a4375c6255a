import type { DriftMode } from "../../model/desired.ts";
import type { DriftKind } from "../../model/drift.ts";

/** What is done about each kind when nobody says otherwise. */
export const DEFAULT_DRIFT_MODES: Readonly<Record<DriftKind, DriftMode>> = {
  "service-missing": "heal",
  replicas: "heal",
  stopped: "heal",
  paused: "heal",
  restarting: "report",
  definition: "heal",
  files: "heal",
  "files-edited": "heal",
  "image-local": "heal",
  "image-moved": "report",
  limits: "heal",
  network: "heal",
  renamed: "heal",
  volume: "report",
  "network-definition": "report",
  "tool-changed": "report",
  orphan: "heal",
  foreign: "report",
  "unmanaged-stack": "heal",
  "not-adopted": "report",
  unhealthy: "report",
};

// No step would make these true without losing data, stopping what runs, or deciding what only people can.
const UNHEALABLE: readonly DriftKind[] = [
  ...(["restarting", "volume", "network-definition", "tool-changed"] as const),
  ...(["foreign", "not-adopted", "unhealthy"] as const),
];

export interface DriftPolicy {
  readonly mode: DriftMode;
  readonly rules: Readonly<Record<string, DriftMode>>;
}

/** What is done about a kind: its rule, else the default, which the stack's mode can only make more careful. */
export function decideDriftMode(kind: DriftKind, policy: DriftPolicy): DriftMode {
  const rule = policy.rules[kind];
  if (rule !== undefined) return healable(kind) ? rule : rule === "heal" ? "report" : rule;
  const usual = DEFAULT_DRIFT_MODES[kind];
  if (policy.mode === "ignore") return "ignore";
  return policy.mode === "report" && usual === "heal" ? "report" : usual;
}

function healable(kind: DriftKind): boolean {
  return !UNHEALABLE.includes(kind);
}
