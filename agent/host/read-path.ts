import type { Stats, StatsFs } from "node:fs";
import { opendir, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { withDeadline } from "../lib/with-deadline.ts";
import type { DiskFacts, PathFacts } from "../model/machine.ts";

/** A network file system whose server is gone answers nothing. */
const TIMEOUT_MS = 5_000;
/** From linux/magic.h. */
const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;

/** What stands at a path, and the file system below it; never throws. */
export async function readPath(path: string, signal: AbortSignal): Promise<PathFacts> {
  const [found, disk] = await Promise.all([lookAt(path, signal), readDisk(path, signal)]);
  const below = disk === undefined ? {} : { disk };
  if (typeof found === "string") return { kind: found, ...below };
  const empty = found.isDirectory() && (await isEmpty(path, signal)) ? { empty: true as const } : {};
  return { kind: kindOf(found), ...empty, mode: found.mode & 0o7777, uid: found.uid, gid: found.gid, ...below };
}

async function lookAt(path: string, signal: AbortSignal): Promise<Stats | "missing" | "unreadable"> {
  return inTime(stat(path), signal).catch((cause: unknown) => (isMissing(cause) ? "missing" : "unreadable"));
}

/** Reads one entry at most: a directory may have a million. */
async function isEmpty(path: string, signal: AbortSignal): Promise<boolean> {
  const read = async (): Promise<boolean> => {
    const directory = await opendir(path);
    const first = await directory.read();
    await directory.close();
    return first === null;
  };
  return inTime(read(), signal).catch(() => false);
}

async function readDisk(path: string, signal: AbortSignal): Promise<DiskFacts | undefined> {
  for (let directory = path; ; directory = dirname(directory)) {
    const found = await inTime<StatsFs>(statfs(directory), signal).catch((cause: unknown) =>
      isMissing(cause) ? "missing" : "unreadable",
    );
    if (typeof found !== "string") {
      const { bavail, bsize, blocks, files, ffree, type } = found;
      return {
        directory,
        freeBytes: bavail * bsize,
        totalBytes: blocks * bsize,
        ...(files === 0 ? {} : { freeInodes: ffree }),
        inMemory: type === TMPFS || type === RAMFS,
      };
    }
    if (found === "unreadable" || dirname(directory) === directory) return undefined;
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
}

/** Rejects when the work takes too long; a system call cannot be taken back. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return withDeadline(
    TIMEOUT_MS,
    signal,
    (limited) =>
      new Promise<T>((resolve, reject) => {
        const stop = (): void => reject(limited.reason);
        if (limited.aborted) stop();
        limited.addEventListener("abort", stop, { once: true });
        work.then(resolve, reject);
      }),
  );
}

function kindOf(found: Stats): PathFacts["kind"] {
  if (found.isDirectory()) return "directory";
  if (found.isFile()) return "file";
  return found.isSocket() ? "socket" : "other";
}
