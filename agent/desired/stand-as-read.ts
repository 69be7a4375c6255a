import { lstatSync } from "node:fs";
import { join, posix } from "node:path";
import { codeOf } from "../lib/open-below.ts";
import type { DesiredFile } from "../model/desired.ts";
import { describeStat, type SeenFiles } from "./inspect-placed.ts";
import { modeOf } from "./stack-directory.ts";

/**
 * Whether every file below `root`, the absolute directory of a stack, is certainly as it should be, by `stat` alone: nothing is opened or read. What is in any doubt has
 * to be looked at properly.
 */
export function standAsRead(root: string, files: readonly DesiredFile[], seen: SeenFiles): boolean {
  try {
    // A link is none of these, wherever it leads: each directory on the way is looked at by itself.
    const directories = new Set(["..", ".", ...files.flatMap(({ path }) => listAbove(path))]);
    for (const path of directories)
      if (lstatSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() !== true) return false;
    return files.every((file) => {
      const known = seen.get(file.path);
      if (known?.oid !== file.oid) return false;
      // One call in place of a promise: a thread is woken for those, which costs ten times as much.
      const stat = lstatSync(join(root, file.path), { bigint: true, throwIfNoEntry: false });
      return stat?.isFile() === true && describeStat(stat) === known.stat && (Number(stat.mode) & 0o7777) === modeOf(file);
    });
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return false;
  }
}

/** `a/b/c` is below `a/b` and `a`. */
function listAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) above.push(at);
  return above;
}
