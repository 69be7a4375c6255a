import { hashBlob, hashTree } from "../../agent/git/hash-tree.ts";
import type { CommittedFile, KeptRevision } from "../../agent/model/kept.ts";
import type { TreeFile } from "../../agent/model/tree.ts";
import type { Kept, Source } from "../../agent/ports.ts";
import { strict } from "./strict.ts";

const LIMIT = 3;

interface Entry {
  readonly revision: KeptRevision;
  readonly files: readonly CommittedFile[];
}

/** Verified revisions in memory; test/contract holds it to what those on disk do. */
export function createFakeKept(): Kept {
  const entries = new Map<string, Entry>();
  const keyOf = ({ stack, inputs }: KeptRevision): string => `${stack} ${inputs}`;
  const list = (stack: string): KeptRevision[] =>
    [...entries.values()]
      .map(({ revision }) => revision)
      .filter((revision) => revision.stack === stack)
      .sort((a, b) => b.verifiedAtMs - a.verifiedAtMs);

  function open(revision: KeptRevision): Source {
    const files = entries.get(keyOf(revision))?.files ?? [];
    return strict<Source>("the fake tree", {
      async readTree(_revision, path) {
        const below = files
          .filter((file) => file.path.startsWith(`${path}/`))
          .map(
            (file): TreeFile => ({
              path: file.path.slice(path.length + 1),
              oid: hashBlob(file.content),
              mode: file.executable ? "100755" : "100644",
            }),
          )
          .sort((a, b) => (a.path < b.path ? -1 : 1));
        return below.length === 0 ? undefined : { oid: hashTree(below), files: below };
      },
      async readBlob(oid) {
        const file = files.find(({ content }) => hashBlob(content) === oid);
        if (file === undefined) throw new Error(`${oid} is not kept`);
        return file.content;
      },
      release: () => undefined,
    });
  }

  return strict<Kept>("the fake memory of verified revisions", {
    list: async (stack) => list(stack),
    async keep(revision, files) {
      entries.set(keyOf(revision), { revision, files });
      const dropped = list(revision.stack).slice(LIMIT);
      for (const old of dropped) entries.delete(keyOf(old));
      return dropped;
    },
    async note(revision) {
      const entry = entries.get(keyOf(revision));
      if (entry !== undefined) entries.set(keyOf(revision), { ...entry, revision });
    },
    open,
    async remove(stack) {
      const kept = list(stack);
      for (const revision of kept) entries.delete(keyOf(revision));
      return kept;
    },
  });
}
