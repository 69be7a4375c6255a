import { toHoldfastError } from "../../model/error.ts";
import type { KeptRevision } from "../../model/kept.ts";
import type { Kept, Source } from "../../ports.ts";

export interface TrustPorts {
  readonly kept: Kept;
  readonly source: Pick<Source, "judgeProof">;
}

/** The verified revisions of a stack, the newest first, under who may sign now. */
export interface Trusted {
  readonly trusted: readonly KeptRevision[];
  /** Why others are not gone back to, a line each. */
  readonly objections: readonly string[];
}

/** Judges what was kept of a stack: who may sign may have changed since. What cannot be judged is not trusted. */
export async function findTrusted(stack: string, { kept, source }: TrustPorts, signal: AbortSignal): Promise<Trusted> {
  const trusted: KeptRevision[] = [];
  const objections: string[] = [];
  for (const item of await kept.list(stack)) {
    const reason = await source.judgeProof(item.revision, item.proof, signal).catch((cause: unknown) => {
      const error = toHoldfastError(cause);
      if (signal.aborted || error.handling === "bug") throw cause;
      return error.message;
    });
    if (reason === undefined) trusted.push(item);
    else objections.push(`${item.revision.slice(0, 12)} is not trusted: ${reason}`);
  }
  return { trusted, objections };
}
