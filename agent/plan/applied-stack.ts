import type { DesiredStack } from "../model/desired.ts";
import { filesOf } from "./alerts/deliveries.ts";

/** What Holdfast remembers of a service as it last started it. */
export interface AppliedService {
  readonly digest: string;
  /** The tool whose rendering the digest is of, as `nameTool` spells it. */
  readonly renderedBy?: string;
  /** Set when another tool would give the same inputs another digest, which no container carries. */
  readonly now?: { readonly tool: string; readonly digest: string };
  readonly fields: Readonly<Record<string, string>>;
  /** Every placed file that it was given, with its key. */
  readonly files: Readonly<Record<string, string>>;
}

/** Where a stack keeps data, which stays when it is removed. */
export interface StackData {
  /** Names of its own volumes, as the engine knows them. */
  readonly volumes: readonly string[];
  /** Absolute paths that its containers may write. */
  readonly paths: readonly string[];
}

/** What Holdfast remembers of a stack that it converged. */
export interface AppliedStack {
  /** Digest of the inputs that were converged; differs from the desired one while a change is under way. */
  readonly inputs: string;
  readonly revision: string;
  readonly services: Readonly<Record<string, AppliedService>>;
  /** Stacks that it needs, for the order in which they are removed. */
  readonly dependsOn?: readonly string[];
  readonly data?: StackData;
  /** The tool that rendered it last. */
  readonly tool?: string;
  /** Services of a later change that was begun and not completed; containers may carry its digests. */
  readonly attempted?: Readonly<Record<string, AppliedService>>;
}

/** What is remembered of the services of a stack. */
export function describeServices(stack: DesiredStack): Record<string, AppliedService> {
  return Object.fromEntries(
    stack.services.map((service): [string, AppliedService] => {
      const { name, digest, fields, renderedBy, toolChange } = service;
      const now = toolChange === undefined ? {} : { now: { tool: toolChange.tool, digest: toolChange.digest } };
      return [name, { digest, fields, files: filesOf(service), ...(renderedBy === undefined ? {} : { renderedBy }), ...now }];
    }),
  );
}

/** Whether the stack is at a change of the desired state, rather than drifting from one that was converged. */
export function isChanging(stack: DesiredStack, applied: AppliedStack | undefined): boolean {
  return applied?.inputs !== stack.inputs || applied.attempted !== undefined;
}
