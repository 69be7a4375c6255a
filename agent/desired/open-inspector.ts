import type { FileHandle } from "node:fs/promises";
import { join, posix } from "node:path";
import { codeOf, openEntry, openTrusted, splitPath } from "../lib/open-below.ts";
import type { EditedFile } from "../model/observed.ts";
import type { Placer } from "../ports.ts";
import { describeEdit, describeSizes, isSmall } from "./describe-edit.ts";
import { inspectPlaced, type SeenFiles } from "./inspect-placed.ts";
import { withDirectory } from "./stack-directory.ts";
import { standAsRead } from "./stand-as-read.ts";

/** Looks at placed files without writing anything; remembers their `stat`, so that a second look reads only what has changed. */
export function openInspector(stateDir: string): Pick<Placer, "inspect" | "describeEdit"> {
  const seen = new Map<string, SeenFiles>();

  async function below<T>(stack: string, use: (root: FileHandle | undefined) => Promise<T>): Promise<T> {
    const trusted = await openTrusted(stateDir).catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    });
    if (trusted === undefined) return await use(undefined);
    try {
      return await withDirectory(trusted, ["stacks", stack], false, use);
    } finally {
      await trusted.close();
    }
  }

  return {
    async inspect(stack, files) {
      const known = seen.get(stack) ?? new Map();
      seen.set(stack, known);
      if (standAsRead(join(stateDir, "stacks", stack), files, known)) return [];
      try {
        return await below(stack, (root) => inspectPlaced(root, files, known));
      } catch (error) {
        const code = codeOf(error);
        if (code === "") throw error;
        const replaced = code === "ELOOP" || code === "ENOTDIR";
        const state: EditedFile["state"] = replaced ? "blocked" : "unreadable";
        const found = replaced ? "the stack's directory was replaced" : code;
        return files.map(({ path }) => ({ path, state, found, expected: "a file" }));
      }
    },

    async describeEdit(stack, placed, mask) {
      const segments = splitPath(placed.path);
      if (segments === undefined) return undefined;
      return await below(stack, async (root) => {
        if (root === undefined) return undefined;
        return await withDirectory(root, segments.slice(0, -1), false, (directory) => readEdit(directory, placed, mask));
      }).catch((error: unknown) => {
        // It is gone again, or cannot be read: that is told as such.
        if (codeOf(error) === "") throw error;
        return undefined;
      });
    },
  };
}

async function readEdit(
  directory: FileHandle | undefined,
  { path, content }: { readonly path: string; readonly content: Uint8Array },
  mask: (text: string) => string,
): Promise<string | undefined> {
  if (directory === undefined) return undefined;
  const handle = await openEntry(directory, posix.basename(path));
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return undefined;
    return isSmall(stat.size)
      ? await describeEdit(path, content, await handle.readFile(), mask)
      : describeSizes(content, stat.size);
  } finally {
    await handle.close();
  }
}
