import type { ParsedDocument } from "../../model/document.ts";
import type { Finding } from "../../model/finding.ts";
import type { Tree } from "../../model/tree.ts";
import type { Documents, DocumentTypes } from "../../ports/documents.ts";
import type { Source } from "../../ports.ts";

/** Larger files are no configuration, and would only fill the memory. */
const MOST_REMEMBERED_BYTES = 256 * 1024;

/** The same source and documents, which read and parse everything once: for commands that look at many hosts of one revision. */
export function rememberReads(source: Source, documents: Documents): { readonly source: Source; readonly documents: Documents } {
  const trees = new Map<string, Promise<Tree | undefined>>();
  const blobs = new Map<string, Uint8Array>();
  const parsed = new Map<string, { readonly document?: ParsedDocument<unknown>; readonly findings: readonly Finding[] }>();

  async function readBlob(oid: string): Promise<Uint8Array> {
    const known = blobs.get(oid);
    if (known !== undefined) return known;
    const content = await source.readBlob(oid);
    if (content.length <= MOST_REMEMBERED_BYTES) blobs.set(oid, content);
    return content;
  }

  return {
    source: {
      ...source,
      readBlob,
      readTree(revision, path) {
        const key = `${revision} ${path}`;
        const tree = trees.get(key) ?? source.readTree(revision, path);
        trees.set(key, tree);
        return tree;
      },
    },
    documents: {
      ...documents,
      parse<K extends keyof DocumentTypes>(kind: K, path: string, content: Uint8Array) {
        const key = `${kind} ${path} ${Buffer.from(content).toString("latin1")}`;
        const known = parsed.get(key) ?? documents.parse(kind, path, content);
        parsed.set(key, known);
        return known as ReturnType<typeof documents.parse<K>>;
      },
    },
  };
}
