import type { DesiredStack } from "../../model/desired.ts";
import type { Drift, DriftKind } from "../../model/drift.ts";
import type { EditedFile, Observed, ObservedContainer } from "../../model/observed.ts";
import type { Remedy } from "../../model/remedy.ts";
import type { Delivered } from "../alerts/deliveries.ts";
import { type AppliedStack, isChanging } from "../applied-stack.ts";
import { decideDriftMode } from "./drift-policy.ts";
import type { Guests } from "./find-guests.ts";

/** What one stack is compared with: as far as the host was asked. */
export interface DriftRequest extends Omit<Observed, "atMs" | "files"> {
  /** When it was looked, milliseconds since the epoch; nothing is called recent without. */
  readonly atMs?: number;
  readonly stack: DesiredStack;
  /** Containers of the project, or of any project when they carry this stack's label. */
  readonly containers: readonly ObservedContainer[];
  readonly applied?: AppliedStack;
  /** Who is on which network without Holdfast, of the whole host. */
  readonly guests?: Guests;
  /** Placed files that are not as they were placed. */
  readonly files?: readonly EditedFile[];
  /** What the services were given of their files. */
  readonly delivered?: Delivered;
}

export interface DriftDetails {
  readonly service?: string;
  readonly container?: ObservedContainer;
  readonly expected: string;
  readonly actual: string;
  readonly cause: string;
  readonly remedy?: Remedy;
}

/** One difference, with what is done about it. */
export function makeDrift(kind: DriftKind, request: DriftRequest, details: DriftDetails): Drift {
  const { container, ...rest } = details;
  // A change of the desired state is converged whatever the modes say: they are about what happens on the host.
  const changing = isChanging(request.stack, request.applied);
  const mode = decideDriftMode(kind, changing ? { mode: "heal", rules: {} } : request.stack.drift);
  const named = container === undefined ? {} : { container: container.name, containerId: container.id };
  return { stack: request.stack.name, kind, mode, origin: changing ? "revision" : "host", ...named, ...rest };
}
