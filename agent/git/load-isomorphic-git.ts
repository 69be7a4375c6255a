import type isomorphicGit from "isomorphic-git";

/**
 * isomorphic-git, loaded at the first call: it costs 18 MB of resident memory, and a poll needs none of it. Its `default` is there
 * however the program is bundled; its single names are lost when esbuild puts it into a file of its own.
 */
export async function loadIsomorphicGit(): Promise<typeof isomorphicGit> {
  return (await import("isomorphic-git")).default;
}
