import { type FileHandle, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, entryPath, openInside, openTrusted, splitPath } from "../lib/open-below.ts";
import { holdfastError } from "../model/error.ts";

const PARENT_MODE = 0o755;

/**
 * Makes a directory with a mode, and its missing parents with 0755; returns whether it was missing. One that is there is never
 * changed. Symbolic links are not followed, since a container may have put them there. Throws `place-failed`.
 */
export async function createDirectory(path: string, mode: number): Promise<boolean> {
  const segments = path.startsWith("/") ? splitPath(path.slice(1).replace(/\/+$/, "")) : undefined;
  if (segments === undefined) throw failure(path, `expected an absolute path without .. and //`);
  let directory = await openTrusted("/");
  let made = false;
  let at = "";
  try {
    for (const [index, name] of segments.entries()) {
      at = join(at === "" ? "/" : at, name);
      const isLast = index === segments.length - 1;
      const { handle, isNew } = await enter(directory, name);
      await directory.close();
      directory = handle;
      if (!isNew) continue;
      // mkdir(2) takes away what the umask says; the directory itself is asked for, not whatever its name leads to by now.
      await handle.chmod(isLast ? mode : PARENT_MODE);
      made = isLast;
    }
    return made;
  } catch (cause) {
    throw failure(at, explain(cause), cause);
  } finally {
    await directory.close();
  }
}

/** Opens a directory inside another one, and makes it when it is missing. */
async function enter(parent: FileHandle, name: string): Promise<{ handle: FileHandle; isNew: boolean }> {
  const there = await openInside(parent, name).catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw cause;
  });
  if (there !== undefined) return { handle: there, isNew: false };
  // Nobody else may enter before it has its mode.
  const wasMade = await mkdir(entryPath(parent, name), { mode: 0o700 }).then(
    () => true,
    (cause: unknown) => {
      if (codeOf(cause) === "EEXIST") return false;
      throw cause;
    },
  );
  const handle = await openInside(parent, name);
  const { mode, uid } = await handle.stat();
  // Somebody who may write to the parent can put another directory there meanwhile: only one like that which was made is changed.
  return { handle, isNew: wasMade && uid === process.geteuid?.() && (mode & 0o777) === 0o700 };
}

function explain(cause: unknown): string {
  switch (codeOf(cause)) {
    case "ELOOP":
    case "ENOTDIR":
      return "it is a file or a symbolic link; name the directory itself";
    case "EROFS":
      return "the file system is read-only";
    case "EACCES":
    case "EPERM":
      return "the agent may not write there";
    case "ENOSPC":
      return "there is no space left";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

function failure(path: string, reason: string, cause?: unknown): Error {
  return holdfastError("place-failed", `the directory ${path} cannot be made: ${reason}`, { handling: "transient", cause });
}
