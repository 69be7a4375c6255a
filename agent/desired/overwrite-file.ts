import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { codeOf, entryPath } from "../lib/open-below.ts";

/**
 * Puts new content into the file that stands in a directory, so that whoever has it open or mounted sees it. False when there is
 * no such file, or it has another name elsewhere, which would change with it.
 */
export async function overwriteFile(directory: FileHandle, name: string, content: Uint8Array, mode: number): Promise<boolean> {
  const handle = await openForWriting(entryPath(directory, name));
  if (handle === undefined) return false;
  try {
    const stat = await handle.stat();
    const { size, nlink } = stat;
    if (!stat.isFile() || nlink !== 1) return false;
    // What is longer than before first: when the disk is full, what stands there is still whole.
    await append(handle, content.subarray(size), size);
    await writeAt(handle, content.subarray(0, size), 0);
    await handle.truncate(content.length);
    await handle.chmod(mode);
    await handle.sync();
    return true;
  } finally {
    await handle.close();
  }
}

async function openForWriting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // Not there, not a file, a link, a pipe that nobody reads, or a program that runs.
    if (["ENOENT", "EISDIR", "ELOOP", "ENXIO", "ETXTBSY"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function append(handle: FileHandle, content: Uint8Array, size: number): Promise<void> {
  try {
    await writeAt(handle, content, size);
  } catch (error) {
    await handle.truncate(size).catch(() => undefined);
    throw error;
  }
}

async function writeAt(handle: FileHandle, content: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < content.length) {
    const { bytesWritten } = await handle.write(content, written, content.length - written, position + written);
    written += bytesWritten;
  }
}
