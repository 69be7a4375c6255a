import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * The path of an entry of an open directory. It reaches the directory that was opened, wherever its name leads by now,
 * which is what openat(2) would do; node:fs has no openat.
 */
export function entryPath(directory: FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

/** Opens a directory whose own path is trusted. */
export async function openTrusted(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** Opens a directory directly inside another one; a symbolic link is never followed (ELOOP or ENOTDIR). */
export async function openInside(parent: FileHandle, name: string): Promise<FileHandle> {
  return await open(entryPath(parent, name), DIRECTORY);
}

/** Opens an entry for reading; a symbolic link is not followed (ELOOP), and a FIFO does not block. */
export async function openEntry(parent: FileHandle, name: string): Promise<FileHandle> {
  return await open(entryPath(parent, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** The system's code of an error: `ENOENT`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The components of a relative path; undefined when one of them could lead elsewhere. */
export function splitPath(path: string): string[] | undefined {
  const segments = path.split("/");
  return path.includes("\0") || segments.some((segment) => segment === "" || segment === "." || segment === "..")
    ? undefined
    : segments;
}
