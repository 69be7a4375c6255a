import type { DesiredStack } from "../../model/desired.ts";
import type { KeptRevision } from "../../model/kept.ts";

/** A stack's inputs that did not get healthy, or that somebody took back: not converged again until they change. */
export interface Quarantine {
  readonly inputs: string;
  /** The revision that they came with. */
  readonly revision: string;
  readonly atMs: number;
  /** What failed, in a few lines. */
  readonly reason: string;
  /** `rolled-back`: another revision is in force instead; `stopped`: there is none to go back to, or going back is not safe. */
  readonly outcome: "rolled-back" | "stopped";
  /** Inputs of the kept revision that is in force instead. */
  readonly to?: string;
  /** Somebody asked for it, by `holdfast rollback`. */
  readonly byHand?: boolean;
}

export interface RollbackRequest {
  readonly stack: DesiredStack;
  /** The verified revisions of the stack that are trusted, newest first. */
  readonly kept: readonly KeptRevision[];
  /** Why others are not, a line each. */
  readonly objections?: readonly string[];
  /** The stack was rolled back to what has failed now. */
  readonly rolledBack: boolean;
  /** Its steps themselves fail, and are tried again less and less often. */
  readonly retrying: boolean;
}

export type RollbackChoice =
  | { readonly action: "roll-back"; readonly to: KeptRevision }
  | { readonly action: "stop"; readonly why: string }
  /** Left as it is: its health is told by an alert of its own. */
  | { readonly action: "leave" };

/** What is done about a stack whose verification failed. */
export function chooseRollback({ stack, kept, objections = [], rolledBack, retrying }: RollbackRequest): RollbackChoice {
  // Going back further would take back what nobody has found fault with.
  if (rolledBack || stack.rollback === false) return { action: "leave" };
  const to = kept.find(({ inputs }) => inputs !== stack.inputs);
  // A port that is taken may be free soon; there is nothing better to have meanwhile.
  if (to === undefined && retrying) return { action: "leave" };
  if (to === undefined) {
    const none =
      objections.length > 0 ? "no other revision that verified is trusted any more" : "no revision of it has ever verified";
    return { action: "stop", why: [none, ...objections].join("; ") };
  }
  // After them the version before may not work with the data any more.
  const migrates = stack.hooks.some(({ phase }) => phase === "preConverge");
  if (migrates && stack.rollback !== "always")
    return { action: "stop", why: "its preConverge hooks may have changed data (rollback: always goes back all the same)" };
  return { action: "roll-back", to };
}
