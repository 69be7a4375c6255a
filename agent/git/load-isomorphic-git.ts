import { promises } from "node:fs";
import type isomorphicGit from "isomorphic-git";
import type { PromiseFsClient } from "isomorphic-git";

let loaded: Promise<typeof isomorphicGit> | undefined;

/**
 * isomorphic-git, loaded at the first call: it costs 18 MB of resident memory, and a poll needs none of it. Its `default` is there
 * however the program is bundled; its single names are lost when esbuild puts it into a file of its own. Kept, because in the
 * bundle each `import()` copies all of its names anew.
 */
export function loadIsomorphicGit(): Promise<typeof isomorphicGit> {
  loaded ??= import("isomorphic-git").then((module) => module.default);
  return loaded;
}

/**
 * The file system for isomorphic-git. At the start of each operation it calls `readFile()` to see whether promises come back;
 * Node's own answers with an error whose making costs more than reading a small object.
 */
export const fileSystem: PromiseFsClient = {
  promises: {
    ...promises,
    readFile: (...args: Parameters<typeof promises.readFile> | []) =>
      args.length === 0 ? Promise.resolve() : promises.readFile(...args),
  },
};
