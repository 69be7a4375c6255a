import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, opendir, rename, rmdir, unlink } from "node:fs/promises";
import { codeOf, entryPath, openEntry, openInside } from "../lib/open-below.ts";
import type { FileContent } from "../model/file-content.ts";
import { overwriteFile } from "./overwrite-file.ts";

const DIRECTORY_MODE = 0o755;

/** Something that stands where a file of the repository belongs. */
export interface Conflict {
  readonly path: string;
  readonly found: FileKind;
}

/** What stands at a path, in words. */
export type FileKind = "a file" | "a directory" | "a symbolic link" | "a device, socket or pipe";

/** Walks down without following links and hands over the directory; undefined when it is missing and not to be created. */
export async function withDirectory<T>(
  root: FileHandle,
  segments: readonly string[],
  create: boolean,
  use: (directory: FileHandle | undefined) => Promise<T>,
): Promise<T> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return await use(root);
  if (create) await createDirectory(root, segment);
  let next: FileHandle;
  try {
    next = await openInside(root, segment);
  } catch (error) {
    if (codeOf(error) === "ENOENT" && !create) return await use(undefined);
    throw error;
  }
  try {
    return await withDirectory(next, rest, create, use);
  } finally {
    await next.close();
  }
}

/** Compares what stands at a path with what belongs there. */
export async function inspectFile(root: FileHandle, file: FileContent): Promise<"equal" | "different" | "missing" | Conflict> {
  const segments = file.path.split("/");
  for (const depth of segments.slice(1).keys()) {
    const path = segments.slice(0, depth + 1);
    const kind = await readKind(root, path);
    if (kind === undefined) return "missing";
    if (kind !== "a directory") return { path: path.join("/"), found: kind };
  }
  const kind = await readKind(root, segments);
  if (kind === undefined) return "missing";
  if (kind !== "a file") return { path: file.path, found: kind };
  return await inDirectoryOf(root, file.path, false, async (directory, name) => {
    if (!directory) return "different";
    const handle = await openEntry(directory, name);
    try {
      const stat = await handle.stat();
      if (!stat.isFile() || stat.size !== file.content.length || (stat.mode & 0o7777) !== modeOf(file)) return "different";
      return file.content.length === 0 || Buffer.compare(await handle.readFile(), file.content) === 0 ? "equal" : "different";
    } finally {
      await handle.close();
    }
  });
}

/**
 * Whether what stands in a placed file's way can go without a loss: a link, which leads to what it leads to also without it, and
 * an empty directory, which the engine makes where the source of a mount is missing.
 */
export async function canGiveWay(root: FileHandle, { path, found }: Conflict): Promise<boolean> {
  if (found !== "a directory") return found === "a symbolic link";
  return await withDirectory(root, path.split("/"), false, async (directory) => {
    if (!directory) return true;
    const entries = await opendir(entryPath(directory, "."));
    try {
      return (await entries.read()) === null;
    } finally {
      await entries.close();
    }
  });
}

/** Removes a link or an empty directory, never what either leads to or holds. */
export async function giveWay(root: FileHandle, { path, found }: Conflict): Promise<void> {
  await inDirectoryOf(root, path, false, async (directory, name) => {
    if (directory) await (found === "a directory" ? rmdir : unlink)(entryPath(directory, name)).catch(ignoreMissing);
  });
}

/**
 * Writes a file under a name of its own beside its place and moves it there: readers see the old one or the new one, whole. With
 * `inPlace` the file that stands there gets the new content.
 */
export async function writeFile(root: FileHandle, file: FileContent): Promise<void> {
  await inDirectoryOf(root, file.path, true, async (directory, name) => {
    if (!directory) return;
    if (file.inPlace && (await overwriteFile(directory, name, file.content, modeOf(file)))) return;
    // The same name each time, so that what a crash left behind is overwritten and not collected.
    const temporary = entryPath(directory, `.holdfast-${createHash("sha256").update(name).digest("hex").slice(0, 16)}`);
    await unlink(temporary).catch(ignoreMissing);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const handle = await open(temporary, flags, 0o600);
    try {
      await handle.writeFile(file.content);
      await handle.chmod(modeOf(file));
      await handle.sync();
      await rename(temporary, entryPath(directory, name));
      await directory.sync();
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  });
}

/** Removes a file; false when there is none, or something else has taken its place or that of its directory, which is not ours to remove. */
export async function removeFile(root: FileHandle, path: string): Promise<boolean> {
  return await inDirectoryOf(root, path, false, async (directory, name) => {
    if (!directory) return false;
    const stat = await lstat(entryPath(directory, name)).catch(ignoreMissing);
    if (!stat?.isFile()) return false;
    await unlink(entryPath(directory, name));
    await directory.sync();
    return true;
  }).catch(ignoreReplaced);
}

/** Removes the directories above a path that are empty, innermost first, but not the outermost `keep`. */
export async function removeEmptyDirectories(root: FileHandle, path: string, keep = 0): Promise<void> {
  const segments = path.split("/").slice(0, -1);
  while (segments.length > keep) {
    const removed = await inDirectoryOf(root, segments.join("/"), false, async (directory, name) => {
      if (!directory) return true;
      // rmdir(2) refuses what is not empty and what is not a directory.
      return await rmdir(entryPath(directory, name)).then(
        () => true,
        (error: unknown) => codeOf(error) === "ENOENT",
      );
    }).catch(ignoreReplaced);
    if (!removed) return;
    segments.pop();
  }
}

async function inDirectoryOf<T>(
  root: FileHandle,
  path: string,
  create: boolean,
  use: (directory: FileHandle | undefined, name: string) => Promise<T>,
): Promise<T> {
  const segments = path.split("/");
  const name = segments.pop() ?? "";
  return await withDirectory(root, segments, create, (directory) => use(directory, name));
}

/** What stands at a path; undefined when nothing does. Throws where one of its directories is none. */
export async function readKind(root: FileHandle, segments: readonly string[]): Promise<FileKind | undefined> {
  return await inDirectoryOf(root, segments.join("/"), false, async (directory, name) => {
    const stat = directory && (await lstat(entryPath(directory, name)).catch(ignoreMissing));
    if (!stat) return undefined;
    if (stat.isSymbolicLink()) return "a symbolic link";
    if (stat.isDirectory()) return "a directory";
    return stat.isFile() ? "a file" : "a device, socket or pipe";
  });
}

async function createDirectory(parent: FileHandle, name: string): Promise<void> {
  try {
    await mkdir(entryPath(parent, name), { mode: DIRECTORY_MODE });
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    throw error;
  }
  // Whatever the process's umask: containers with a user of their own read below it.
  const handle = await openInside(parent, name);
  try {
    await handle.chmod(DIRECTORY_MODE);
  } finally {
    await handle.close();
  }
  await parent.sync();
}

/** The mode that a placed file has. */
export function modeOf(file: { readonly executable: boolean }): number {
  return file.executable ? 0o755 : 0o644;
}

// A link or a file where a directory was: nothing of ours is below it any more.
function ignoreReplaced(error: unknown): false {
  if (codeOf(error) === "ELOOP" || codeOf(error) === "ENOTDIR") return false;
  throw error;
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) === "ENOENT") return undefined;
  throw error;
}
