import type { DesiredStack } from "../../model/desired.ts";
import type { Kept, Source } from "../../ports.ts";

export interface CommittedPorts {
  readonly source: Pick<Source, "readBlob">;
  readonly kept: Kept;
}

/** A file's content from the Git store, or from what was kept of a stack whose revision that no longer has. */
export async function readCommitted(oid: string, stack: DesiredStack, { source, kept }: CommittedPorts): Promise<Uint8Array> {
  try {
    return await source.readBlob(oid);
  } catch (cause) {
    for (const revision of await kept.list(stack.name)) {
      const tree = kept.open(revision);
      await tree.readTree(revision.revision, stack.root);
      const content = await tree.readBlob(oid).catch(() => undefined);
      if (content !== undefined) return content;
    }
    throw cause;
  }
}
