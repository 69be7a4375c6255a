import type { DesiredStack } from "../model/desired.ts";

/** What Holdfast remembers of a service as it last started it. */
export interface AppliedService {
  readonly digest: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Every placed file that it was given, with its key. */
  readonly files: Readonly<Record<string, string>>;
}

/** What Holdfast remembers of a stack that it converged. */
export interface AppliedStack {
  /** Digest of the inputs that were converged; differs from the desired one while a change is under way. */
  readonly inputs: string;
  readonly revision: string;
  readonly services: Readonly<Record<string, AppliedService>>;
  /** Services of a later change that was begun and not completed; containers may carry its digests. */
  readonly attempted?: Readonly<Record<string, AppliedService>>;
}

/** Whether the stack is at a change of the desired state, rather than drifting from one that was converged. */
export function isChanging(stack: DesiredStack, applied: AppliedStack | undefined): boolean {
  return applied?.inputs !== stack.inputs || applied.attempted !== undefined;
}
