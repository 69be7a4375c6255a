import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { holdfastError } from "../model/error.ts";
import type { Tree, TreeFile } from "../model/tree.ts";
import type { Source } from "../ports.ts";
import { hashBlob, hashTree } from "./hash-tree.ts";

/** The revision that stands for what is in the directory now. */
export const WORKING_TREE = "working-tree";

/** A directory as if it were committed: what `holdfast validate` looks at before anything is pushed. */
export function openDirectory(root: string): Source {
  const paths = new Map<string, string>();

  async function walk(directory: string, below: string): Promise<TreeFile[]> {
    const entries = await readdir(join(root, directory, below), { withFileTypes: true });
    const found: TreeFile[] = [];
    for (const entry of entries) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      const absolute = join(root, directory, path);
      if (entry.name === ".git") continue;
      if (entry.isDirectory()) found.push(...(await walk(directory, path)));
      else if (entry.isSymbolicLink()) found.push({ path, oid: hashBlob(Buffer.from(await readlink(absolute))), mode: "120000" });
      else if (entry.isFile()) found.push(await readEntry(absolute, path));
    }
    return found;
  }

  async function readEntry(absolute: string, path: string): Promise<TreeFile> {
    const oid = hashBlob(await readFile(absolute));
    paths.set(oid, absolute);
    return { path, oid, mode: ((await stat(absolute)).mode & 0o100) === 0 ? "100644" : "100755" };
  }

  return {
    readTip: async () => ({ revision: WORKING_TREE, ref: "HEAD" }),
    fetch: async () => undefined,
    judge: async () => undefined,
    signers: async () => undefined,
    prove: async ({ ref }) => ({ ref, commit: "" }),
    judgeProof: async () => undefined,
    async readTree(_revision, path): Promise<Tree | undefined> {
      const there = await stat(join(root, path)).catch(() => undefined);
      if (!there?.isDirectory()) return undefined;
      const files = (await walk(path, "")).sort((a, b) => (a.path < b.path ? -1 : 1));
      return { oid: hashTree(files), files };
    },
    async readBlob(oid) {
      const path = paths.get(oid);
      if (path === undefined) throw holdfastError("revision-missing", `object ${oid} is not in ${root}`, { handling: "stalled" });
      return readFile(path);
    },
    readInfo: async (revision) => ({ revision, author: "", subject: "uncommitted", committedAtMs: 0 }),
    readMessages: async () => [],
    release: () => paths.clear(),
  };
}
