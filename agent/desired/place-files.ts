import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { holdfastError, isHoldfastError } from "../model/error.ts";
import type { FileContent, Placer } from "../ports.ts";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Writes the files of stacks below `<stateDir>/stacks/<stack>/`. A container may own directories there and plant symbolic
 * links, so every step of a path is opened without following links and used through its descriptor.
 */
export function openPlacer({ stateDir }: { readonly stateDir: string }): Placer {
  const directoryOf = (stack: string): string => join(stateDir, "stacks", stack);

  return {
    directoryOf,

    async place(stack, write, remove) {
      const root = directoryOf(stack);
      const changed: string[] = [];
      await mkdir(root, { recursive: true, mode: 0o755 }).catch((cause: unknown) => {
        throw describeFailure(root, cause);
      });
      for (const file of write) {
        const done = await inDirectory(root, file.path, true, (directory, name) => writeFile(directory, name, file)).catch(
          (cause: unknown) => {
            throw describeFailure(join(root, file.path), cause);
          },
        );
        if (done) changed.push(file.path);
      }
      for (const path of remove) {
        const done = await removeFile(root, path).catch((cause: unknown) => {
          throw describeFailure(join(root, path), cause);
        });
        if (done) changed.push(path);
      }
      return changed;
    },
  };
}

/** Opens the directory that holds a path, step by step, and hands on a path to it that no link can divert. */
async function inDirectory<T>(
  root: string,
  path: string,
  create: boolean,
  use: (directory: string, name: string) => Promise<T>,
): Promise<T> {
  const parts = path.split("/");
  const name = parts.pop();
  if (
    name === undefined ||
    [...parts, name].some((part) => part === "" || part === "." || part === ".." || part.includes("\0"))
  ) {
    throw holdfastError("place-failed", `${path} is no path below the stack's directory`, { handling: "stalled" });
  }
  const handles: FileHandle[] = [];
  try {
    let current = await open(root, DIRECTORY);
    handles.push(current);
    for (const part of parts) {
      const next = through(current, part);
      // 0755 whatever the umask of the unit is: the user of a container has to reach the file.
      if (create) await makeDirectory(next);
      current = await open(next, DIRECTORY);
      handles.push(current);
    }
    return await use(`/proc/self/fd/${current.fd}`, name);
  } finally {
    for (const handle of handles.reverse()) await handle.close();
  }
}

function through(directory: FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o755 });
    const handle = await open(path, DIRECTORY);
    await handle.chmod(0o755).finally(() => handle.close());
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw cause;
  }
}

async function writeFile(directory: string, name: string, file: FileContent): Promise<boolean> {
  const mode = file.executable ? 0o755 : 0o644;
  const target = `${directory}/${name}`;
  if (await isEqual(target, file.content, mode)) return false;
  // Beside its target, so that the rename stays in one file system and a reader sees the old file or the new one.
  const temporary = `${directory}/.holdfast-${name.slice(0, 100)}.new`;
  await unlink(temporary).catch(ignoreMissing);
  const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
  try {
    await handle.writeFile(file.content);
    await handle.chmod(mode);
    await handle.sync();
  } catch (cause) {
    await unlink(temporary).catch(ignoreMissing);
    throw cause;
  } finally {
    await handle.close();
  }
  await rename(temporary, target).catch(async (cause: unknown) => {
    await unlink(temporary).catch(ignoreMissing);
    throw cause;
  });
  return true;
}

/** Whether a regular file with this content and mode stands there; what is something else is never overwritten. */
async function isEqual(path: string, content: Uint8Array, mode: number): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(path, FILE);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return false;
    throw cause;
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) {
      const what = found.isDirectory() ? "a directory" : "no regular file";
      throw holdfastError("place-failed", `there is ${what} where the file should be`, {
        handling: "stalled",
        hint: "move it away; Holdfast deletes nothing that it did not place",
      });
    }
    return (
      (found.mode & 0o777) === mode && found.size === content.length && Buffer.compare(await handle.readFile(), content) === 0
    );
  } finally {
    await handle.close();
  }
}

/** Removes a file, and the directories that are empty without it. */
async function removeFile(root: string, path: string): Promise<boolean> {
  const removed = await inDirectory(root, path, false, (directory, name) =>
    unlink(`${directory}/${name}`).then(() => true, ignoreMissing),
  ).catch(ignoreMissing);
  for (let parent = parentOf(path); parent !== ""; parent = parentOf(parent)) {
    const left = await inDirectory(root, parent, false, (directory, name) =>
      rmdir(`${directory}/${name}`).then(() => true),
    ).catch(() => false);
    if (!left) break;
  }
  return removed ?? false;
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function ignoreMissing(cause: unknown): undefined {
  if (codeOf(cause) !== "ENOENT") throw cause;
  return undefined;
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

const REMEDIES: Readonly<Record<string, readonly [string, "transient" | "stalled"]>> = {
  ENOSPC: ["the disk is full", "transient"],
  EDQUOT: ["the disk quota is used up", "transient"],
  EROFS: ["the file system is read-only", "transient"],
  ELOOP: ["a symbolic link stands in the way; remove it, Holdfast follows none below a stack's directory", "stalled"],
  ENOTDIR: ["a file or link stands where a directory should be; move it away", "stalled"],
  EISDIR: ["a directory stands where the file should be; move it away", "stalled"],
};

function describeFailure(path: string, cause: unknown): Error {
  if (isHoldfastError(cause)) {
    const hint = cause.hint === undefined ? {} : { hint: cause.hint };
    return holdfastError("place-failed", `${path}: ${cause.message}`, { handling: cause.handling, ...hint, cause });
  }
  const [reason, handling] = REMEDIES[codeOf(cause) ?? ""] ?? [
    cause instanceof Error ? cause.message : String(cause),
    "transient",
  ];
  return holdfastError("place-failed", `${path} cannot be written: ${reason}`, { handling, cause });
}
