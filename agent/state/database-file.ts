import { chmodSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { holdfastError, isHoldfastError } from "../model/error.ts";

/** SQLite's primary result codes: the file is damaged, is no database, or has other tables than ours. */
const DAMAGED: readonly number[] = [11, 26, 1];
const BUSY = 5;

/** The file is there and the owner's only, before SQLite gives its companions the same mode. */
export function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Opening a file that is there, and closing it, would end the locks that this process holds on it.
    writeFileSync(path, "", { flag: "wx", mode: 0o600 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    for (const file of companionsOf(path)) {
      const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
      if ((mode & 0o077) !== 0) chmodSync(file, 0o600);
    }
  }
}

/** Keeps a file that is of no use beside the one that takes its place. */
export function moveAside(path: string): void {
  // What a write-ahead log holds of another database must not come back in a new one.
  for (const file of companionsOf(path)) {
    const aside = file.replace(path, `${path}.broken`);
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) renameSync(file, aside);
  }
}

/** Whether what SQLite says is that the file itself is of no use, not that it cannot be had now. */
export function isDamage(cause: unknown): boolean {
  return DAMAGED.includes(readCode(cause) ?? 0);
}

/** Whether another process holds the file. */
export function isBusy(cause: unknown): boolean {
  return readCode(cause) === BUSY;
}

/** Does something with a database; what goes wrong is a `state-failed` that names the file. */
export function guardState<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw isHoldfastError(cause) ? cause : describeFailure(path, cause);
  }
}

function companionsOf(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`];
}

/** SQLite's primary result code; undefined for what is no error of SQLite's. */
function readCode(cause: unknown): number | undefined {
  return cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode & 0xff : undefined;
}

function describeFailure(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return holdfastError("state-failed", `${path}: ${reason}`, {
    handling: "transient",
    hint: "is the disk full, or the file system read-only?",
    cause,
  });
}
