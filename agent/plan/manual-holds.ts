import type { DesiredHost } from "../model/desired.ts";
import type { ManualHold, ManualHolds } from "../model/manual-hold.ts";
import { formatMoment } from "./history/format-moment.ts";

/** What is asked for with `holdfast suspend`. */
export interface HoldRequest {
  /** How long, milliseconds; until it is ended by hand otherwise. */
  readonly forMs?: number;
  readonly reason?: string;
}

/** Why the host is suspended that its own file in the repository suspends. */
export const SUSPENDED_IN_FILE = "the host is suspended (suspend: true in its host file)";

/** The hold from now on; one that is in force already is prolonged or shortened, and keeps its beginning. */
export function makeHold(previous: ManualHold | undefined, { forMs, reason }: HoldRequest, nowMs: number): ManualHold {
  return {
    sinceMs: previous !== undefined && isInForce(previous, nowMs) ? previous.sinceMs : nowMs,
    ...(forMs === undefined ? {} : { untilMs: nowMs + forMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Whether nothing may be changed because of a hold now. */
export function isInForce(hold: ManualHold | undefined, nowMs: number): hold is ManualHold {
  return hold !== undefined && (hold.untilMs === undefined || nowMs < hold.untilMs);
}

/** A hold in words: since when, until when and why. Who asked for it cannot be known. */
export function describeHold({ sinceMs, untilMs, reason }: ManualHold): string {
  const until = untilMs === undefined ? "until `holdfast resume`" : `until ${formatMoment(untilMs)}`;
  return `suspended with \`holdfast suspend\` since ${formatMoment(sinceMs)} ${until}${reason === undefined ? "" : `: ${reason}`}`;
}

/** Why nothing is changed on the whole host now; undefined when it is not suspended. */
export function explainHostHold(suspendedInFile: boolean, holds: ManualHolds, nowMs: number): string | undefined {
  const texts = [
    ...(suspendedInFile ? [SUSPENDED_IN_FILE] : []),
    ...(isInForce(holds.host, nowMs) ? [`the host is ${describeHold(holds.host)}`] : []),
  ];
  return texts.length === 0 ? undefined : texts.join("; ");
}

/** Why nothing is changed in a stack now, the stack's own hold or the host's; undefined when neither is in force. */
export function explainHold(
  stack: string,
  { suspended }: Pick<DesiredHost, "suspended">,
  holds: ManualHolds,
  nowMs: number,
): string | undefined {
  const own = holds.stacks.get(stack);
  return explainHostHold(suspended, holds, nowMs) ?? (isInForce(own, nowMs) ? describeHold(own) : undefined);
}

/** When the next hold that is in force ends by itself, milliseconds since the epoch; infinity when none does. */
export function nextHoldEndMs({ host, stacks }: ManualHolds, nowMs: number): number {
  const ends = [host, ...stacks.values()].map((hold) => hold?.untilMs ?? Number.POSITIVE_INFINITY);
  return Math.min(...ends.filter((atMs) => atMs > nowMs), Number.POSITIVE_INFINITY);
}
