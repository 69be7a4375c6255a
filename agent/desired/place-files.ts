import { type FileHandle, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, openTrusted, splitPath } from "../lib/open-below.ts";
import { holdfastError, isHoldfastError } from "../model/error.ts";
import type { FileContent } from "../model/file-content.ts";
import type { Placer } from "../ports.ts";
import { openInspector } from "./open-inspector.ts";
import {
  type Conflict,
  canGiveWay,
  giveWay,
  inspectFile,
  removeEmptyDirectories,
  removeFile,
  withDirectory,
  writeFile,
} from "./stack-directory.ts";

/** How many files an error names. */
const NAMED_LIMIT = 3;

/** Places files below `<stateDir>/stacks/<stack>/`, where containers may have put anything in the meantime. */
export function openPlacer({ stateDir }: { readonly stateDir: string }): Placer {
  const directoryOf = (stack: string): string => join(stateDir, "stacks", stack);

  const place = async (stack: string, write: readonly FileContent[], remove: readonly string[]): Promise<readonly string[]> => {
    for (const path of [stack, ...write.map((file) => file.path), ...remove]) checkPath(path);
    if (stack.includes("/")) throw refusePath(stack);
    const goes = write.length === 0;
    try {
      await mkdir(stateDir, { recursive: true });
      const trusted = await openTrusted(stateDir);
      try {
        const changed = await withDirectory(trusted, ["stacks", stack], !goes, async (root) =>
          root ? await placeBelow(root, directoryOf(stack), write, remove) : [],
        );
        if (goes) await removeEmptyDirectories(trusted, `stacks/${stack}/.`, 1);
        return changed;
      } finally {
        await trusted.close();
      }
    } catch (error) {
      throw explain(error, directoryOf(stack));
    }
  };
  return { directoryOf, place, ...openInspector(stateDir) };
}

async function placeBelow(
  root: FileHandle,
  directory: string,
  write: readonly FileContent[],
  remove: readonly string[],
): Promise<readonly string[]> {
  const changed: string[] = [];
  const removeAll = async (paths: readonly string[], withDirectories: boolean): Promise<void> => {
    for (const path of paths) if (await removeFile(root, path)) changed.push(path);
    if (withDirectories) for (const path of paths) await removeEmptyDirectories(root, path);
  };
  // A file that became a directory, or the other way round, must leave before the other can come.
  const isInTheWay = (path: string): boolean =>
    write.some((file) => file.path.startsWith(`${path}/`) || path.startsWith(`${file.path}/`));
  await removeAll(remove.filter(isInTheWay), true);

  const different: FileContent[] = [];
  const conflicts: Conflict[] = [];
  const inTheWay: Conflict[] = [];
  for (const file of write) {
    const found = await inspectFile(root, file);
    if (found === "equal" || (found === "different" && file.keep)) continue;
    if (found === "different" || found === "missing") different.push(file);
    else if (file.putBack && found.path === file.path && (await canGiveWay(root, found))) {
      inTheWay.push(found);
      different.push(file);
    } else conflicts.push(found);
  }
  // All or nothing, as far as it can be known before.
  if (conflicts.length > 0) throw refuseConflicts(conflicts, directory);
  for (const conflict of inTheWay) await giveWay(root, conflict);
  for (const file of different) {
    await writeFile(root, file).catch((error: unknown) => {
      throw explain(error, join(directory, file.path));
    });
    changed.push(file.path);
  }
  // A container may still have an empty directory mounted, and what it writes there later would be lost with it:
  // directories go with the stack only.
  const rest = remove.filter((path) => !isInTheWay(path));
  await removeAll(rest, write.length === 0);
  return changed;
}

function checkPath(path: string): void {
  if (!splitPath(path)) throw refusePath(path);
}

function refusePath(path: string): Error {
  const message = `${JSON.stringify(path)} is not a path below a stack's directory`;
  return holdfastError("place-failed", message, { handling: "stalled", hint: "Use relative paths without . and .. parts." });
}

function refuseConflicts(conflicts: readonly Conflict[], directory: string): Error {
  const named = conflicts.slice(0, NAMED_LIMIT).map(({ path, found }) => `${join(directory, path)} is ${found}`);
  const more = conflicts.length > NAMED_LIMIT ? `, and ${conflicts.length - NAMED_LIMIT} more` : "";
  return holdfastError("place-failed", `${named.join(", ")}${more}: a file or directory of the repository belongs there`, {
    handling: "transient",
    hint: "Move it away; Holdfast neither follows nor deletes what it did not place.",
  });
}

function explain(error: unknown, path: string): unknown {
  if (isHoldfastError(error) || codeOf(error) === "") return error;
  const code = codeOf(error);
  const reason = READABLE[code] ?? (error instanceof Error ? error.message : String(error));
  const [what, hint] = typeof reason === "string" ? [reason, undefined] : reason;
  const details = hint === undefined ? {} : { hint };
  return holdfastError("place-failed", `cannot place ${path}: ${what}`, {
    handling: "transient",
    cause: error,
    ...details,
  });
}

const READABLE: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ["no space is left on the device", "Free some space; it is tried again."],
  EDQUOT: ["the disk quota is used up", "Free some space or raise the quota; it is tried again."],
  EROFS: ["the file system is read-only", "Check the disk, and remount it writable."],
  EACCES: ["permission denied", "Run the agent as root, or give its user this directory."],
  EPERM: ["operation not permitted", "Run the agent as root; a file may also be immutable (lsattr)."],
  EIO: ["the disk reports an error", "Check the disk."],
  ENOTDIR: ["a symbolic link or a file stands where one of its directories belongs", "Move it away; Holdfast never follows it."],
  ELOOP: ["a symbolic link stands where one of its directories belongs", "Move it away; Holdfast never follows it."],
};
