import type { Status } from "../model/generated/status.ts";
import type { Tone } from "./icon.ts";

const STATES: Readonly<Record<string, Tone>> = {
  ...{ converged: "ok", drifted: "warn", waiting: "busy" },
  ...{ failed: "bad", held: "info", invalid: "bad", "rolled-back": "bad" },
};
const HEALTHS: Readonly<Record<string, Tone>> = { healthy: "ok", starting: "busy", unhealthy: "bad" };
/** What weighs more comes first. */
const ORDER: readonly Tone[] = ["bad", "warn", "busy", "info", "none", "ok"];

/** How a stack's state looks; what a newer agent may say of itself looks like nothing. */
export function toneOfState(state: string): Tone {
  return STATES[state] ?? "none";
}

/** How its containers look; unknown before they were looked at. */
export function toneOfHealth(health: string | undefined): Tone {
  return HEALTHS[health ?? ""] ?? "none";
}

/** How a stack looks as a whole. */
export function toneOfStack({ state, health }: { readonly state: string; readonly health?: string | undefined }): Tone {
  return heaviest([toneOfState(state), toneOfHealth(health)]);
}

/** How a host looks as a whole. */
export function toneOfHost(status: Status): Tone {
  const { engineError, rejected, sourceError, last, stacks, healthy, warnings = [] } = status;
  const whole: Tone[] = [
    ...(engineError !== undefined || rejected !== undefined || last?.result === "invalid" || last?.result === "failed"
      ? (["bad"] as const)
      : []),
    ...(sourceError !== undefined || warnings.length > 0 ? (["warn"] as const) : []),
    ...(last === undefined || last.result === "waiting" ? (["busy"] as const) : []),
  ];
  return heaviest([...whole, ...stacks.map(toneOfStack), healthy ? "ok" : "none"]);
}

/** The one that weighs most. */
export function heaviest(tones: readonly Tone[]): Tone {
  return ORDER.find((tone) => tones.includes(tone)) ?? "ok";
}

/** A stack in a word or two: its state unless it is converged, and its health unless all is well. */
export function wordOfStack({ state, health }: { readonly state: string; readonly health?: string | undefined }): string {
  if (state === "converged") return health ?? "not looked at yet";
  return health === undefined || health === "healthy" ? state : `${state} and ${health}`;
}
