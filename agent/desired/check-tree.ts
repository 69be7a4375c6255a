import { posix } from "node:path";
import type { Finding } from "../model/finding.ts";
import type { Tree } from "../model/tree.ts";

/** Refuses what cannot be put on a host: symbolic links, which could lead anywhere, and submodules, whose content is elsewhere. */
export function checkTree(tree: Tree, rootPath: string): Finding[] {
  return tree.files.flatMap(({ path, mode }): Finding[] => {
    const at = { path: posix.join(rootPath, path), line: 1, column: 1, severity: "error" as const };
    if (mode === "120000")
      return [{ ...at, message: "symbolic links are not placed; commit the file itself in its place", rule: "symbolic-link" }];
    if (mode === "160000")
      return [
        {
          ...at,
          message: "submodules are not fetched; commit the files themselves, or narrow root in stack.yaml",
          rule: "submodule",
        },
      ];
    return [];
  });
}
