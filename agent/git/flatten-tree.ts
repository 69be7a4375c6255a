import { type HoldfastError, holdfastError } from "../model/error.ts";
import type { Tree, TreeFile } from "../model/tree.ts";
import { parseTree, type TreeEntry } from "./parse-tree.ts";
import type { SourceLimits } from "./source-options.ts";

/** The bytes of a tree object. */
export type ReadTreeObject = (oid: string) => Promise<Uint8Array>;

/**
 * The directory at `path` ("" for the root) below the tree `rootOid`, with every file in it; undefined when there is none.
 * Throws a stalled `source-refused` for a name that must not reach a disk, and `source-too-large` beyond `limits`.
 */
export async function flattenTree(
  rootOid: string,
  path: string,
  readTreeObject: ReadTreeObject,
  limits: SourceLimits,
): Promise<Tree | undefined> {
  const segments = path.split("/").filter((segment) => segment !== "");
  const files: TreeFile[] = [];
  let count = 0;

  async function readEntries(oid: string, at: readonly string[]): Promise<readonly TreeEntry[]> {
    const entries = parseTree(await readTreeObject(oid));
    if (entries === undefined) throw refused(`${shown(at)} is not a directory that can be read (${oid})`);
    return entries;
  }

  async function visit(oid: string, parents: readonly string[]): Promise<void> {
    const at = [...segments, ...parents];
    if (parents.length > limits.depth) throw tooLarge(`${shown(at)} is more than ${limits.depth} directories deep`);
    const entries = await readEntries(oid, at);
    // Directories count too: one that holds another many times, and so on, is small in Git and endless here.
    count += entries.length;
    if (count > limits.files) throw tooLarge(`${shown(segments)} has more than ${limits.files} files`);
    for (const entry of entries) {
      const below = [...parents, entry.name];
      if (entry.problem !== undefined) throw refused(`${shown([...segments, ...below])} ${entry.problem}`);
      const relative = below.join("/");
      if (Buffer.byteLength(relative) > limits.pathLength) {
        throw tooLarge(`${shown(below)} is a path of more than ${limits.pathLength} bytes`);
      }
      if (entry.mode === "directory") await visit(entry.oid, below);
      else if (entry.mode !== "unknown") files.push({ path: relative, oid: entry.oid, mode: entry.mode });
    }
  }

  let oid = rootOid;
  for (const [index, segment] of segments.entries()) {
    // What stands beside the directories on the way is not read, and so not judged.
    const entries = await readEntries(oid, segments.slice(0, index));
    const next = entries.find(({ name, mode }) => name === segment && mode === "directory");
    if (next === undefined) return undefined;
    oid = next.oid;
  }
  await visit(oid, []);
  files.sort((left, right) => (left.path < right.path ? -1 : 1));
  return { oid, files };
}

function shown(segments: readonly string[]): string {
  if (segments.length === 0) return "the root of the repository";
  const path = JSON.stringify(segments.join("/"));
  return path.length > 200 ? `${path.slice(0, 200)}…"` : path;
}

function refused(message: string): HoldfastError {
  return holdfastError("source-refused", message, { handling: "stalled", hint: "rename or remove it in the repository" });
}

function tooLarge(message: string): HoldfastError {
  return holdfastError("source-too-large", message, {
    handling: "stalled",
    hint: "move what is no desired state to another directory than repository.path, or to another repository",
  });
}
