import type { Hook, ServiceDependency } from "./desired.ts";
import type { Drift, DriftKind } from "./drift.ts";
import type { Limits } from "./observed.ts";
import type { Endpoint } from "./remedy.ts";

/** What a step needs to know, by its action. An action without an executor does not compile. */
export interface StepArguments {
  /** Make a directory of the host that `requires.disk` asks for; one that exists is never changed. `mode` has permission bits. */
  "create-directory": { readonly path: string; readonly mode: number };
  /**
   * Write the stack's files below its directory, and remove those that left the revision. `edited` are those of `write` that
   * somebody changed here, so that the services which mount them have to be given them anew.
   */
  place: { readonly write: readonly string[]; readonly remove: readonly string[]; readonly edited?: readonly string[] };
  /** Get an image that is missing locally, or with `refresh` what its tag names now. */
  pull: { readonly image: string; readonly services: readonly string[]; readonly refresh: boolean };
  /** Create the services' containers, or replace those that differ; with `force` also where Compose sees no difference. */
  up: { readonly services: readonly string[]; readonly recreate: boolean; readonly force?: boolean };
  /** Start a container that exists with the right digest. */
  start: { readonly container: string; readonly containerId: string };
  unpause: { readonly container: string; readonly containerId: string };
  /** Stop and remove a container that no service declares; its volumes stay. */
  remove: { readonly container: string; readonly containerId: string };
  /** Run a command in a container of its own, around a change of the stack. */
  hook: Pick<Hook, "phase" | "service" | "command" | "timeoutMs"> & { readonly hook: string };
  /** Remove the networks of a project that has left; one that somebody else uses stays. */
  "remove-networks": { readonly project: string };
  /** Stop a container that did not get healthy, so that it does not go on crashing. */
  stop: { readonly container: string; readonly containerId: string };
  /** Restart a service's containers, because what it depends on was replaced, or because these files of it have changed. */
  restart: { readonly service: string; readonly files?: readonly string[] };
  /** Send a signal to the running containers of a service, because these files of it have changed. `signal` without `SIG`. */
  signal: { readonly service: string; readonly signal: string; readonly files: readonly string[] };
  /** Give a container the name that Compose gives it. */
  rename: { readonly container: string; readonly containerId: string; readonly name: string };
  connect: { readonly container: string; readonly containerId: string; readonly network: string; readonly endpoint: Endpoint };
  disconnect: { readonly container: string; readonly containerId: string; readonly network: string };
  /** Set limits of a container, which goes on running. */
  update: { readonly container: string; readonly containerId: string; readonly limits: Partial<Limits> };
}

export type Action = keyof StepArguments;

/** Why a step is taken. */
export interface Cause {
  readonly kind:
    | DriftKind
    | "files-changed"
    | "image-missing"
    | "dependency-replaced"
    | "verification-failed"
    | "hook"
    | "directory-missing";
  readonly text: string;
}

export type StepOf<A extends Action> = {
  readonly action: A;
  readonly stack: string;
  readonly causes: readonly Cause[];
  /** Services that must be in a state before this step is taken. */
  readonly after: readonly ServiceDependency[];
} & StepArguments[A];

/** One change to the host, with its causes. */
export type Step = { [A in Action]: StepOf<A> }[Action];

/** Why the steps of a stack are not taken now. */
export interface Hold {
  readonly reason: "suspended" | "unverified" | "not-adopted" | "backing-off" | "healing-stopped" | "quarantined" | "preflight";
  readonly text: string;
}

/** What stays of a stack that is removed. */
export interface Leftover {
  /** `volume shop_data`, or a path. */
  readonly what: string;
  /** The command that deletes it, for whoever wants that. */
  readonly remedy: string;
}

/** The steps of one stack, in order. */
export interface StackPlan {
  readonly stack: string;
  readonly steps: readonly Step[];
  readonly held?: Hold;
  /** Set for a stack that is removed. */
  readonly stays?: readonly Leftover[];
}

/** Everything that would be done on a host now: stacks in the order of `dependsOn`. */
export interface Plan {
  readonly host: string;
  readonly stacks: readonly StackPlan[];
  readonly drift: readonly Drift[];
}
