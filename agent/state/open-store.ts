import { chmodSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { holdfastError, isHoldfastError } from "../model/error.ts";
import type { Store } from "../ports.ts";

export interface StoreOptions {
  /** How long another process that writes is waited for; 5 s by default. */
  readonly busyTimeoutMs?: number;
}

type Handle = ReturnType<typeof openHandle>;

const IN_MEMORY = ":memory:";
const BUSY_TIMEOUT_MS = 5_000;
const BUSY_PAUSE_MS = 10;
/** SQLite's primary result codes: the file is damaged, is no database, or has other tables than ours. */
const DAMAGED: readonly number[] = [11, 26, 1];
const BUSY = 5;

/**
 * The agent's memory between ticks and restarts: JSON values by key, in one SQLite file of the owner's. A file that is
 * damaged or no database is moved aside and started afresh, since everything in it can be found out again; one that cannot
 * be had now (a full disk, another process) never is.
 */
export function openStore(path: string, { busyTimeoutMs = BUSY_TIMEOUT_MS }: StoreOptions = {}): Store {
  let handle = guard(path, () => openSound(path, busyTimeoutMs));

  function ask<T>(use: (handle: Handle) => T): T {
    return guard(path, () => {
      try {
        return use(handle);
      } catch (cause) {
        // Damage shows only where it is read.
        if (path === IN_MEMORY || !isDamage(cause)) throw cause;
        handle.database.close();
        moveAside(path);
        handle = openSound(path, busyTimeoutMs);
        return use(handle);
      }
    });
  }

  // A poll reads a few values of every stack, and nobody else writes them: what was read once is not read again.
  const known = new Map<string, unknown>();

  return {
    read<T>(key: string): T | undefined {
      if (!known.has(key)) {
        const row = ask(({ select }) => select.get(key));
        known.set(key, row === undefined ? undefined : JSON.parse(String(row["value"])));
      }
      return known.get(key) as T | undefined;
    },
    write(key, value) {
      const text = JSON.stringify(value);
      ask(({ upsert }) => upsert.run(key, text));
      known.set(key, JSON.parse(text));
    },
    remove(key) {
      ask(({ drop }) => drop.run(key));
      known.set(key, undefined);
    },
    list<T>(prefix: string): ReadonlyMap<string, T> {
      const rows = ask(({ selectRange }) => selectRange.all(prefix, `${prefix}\u{10ffff}`));
      return new Map(rows.map((row) => [String(row["key"]), JSON.parse(String(row["value"])) as T]));
    },
    close() {
      handle.database.close();
    },
  };
}

function openSound(path: string, busyTimeoutMs: number): Handle {
  if (path !== IN_MEMORY) makePrivate(path);
  try {
    return openPatiently(path, busyTimeoutMs);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    moveAside(path);
    makePrivate(path);
    return openPatiently(path, busyTimeoutMs);
  }
}

/** The file is there and the owner's only, before SQLite gives its companions the same mode. */
function makePrivate(path: string): void {
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

function moveAside(path: string): void {
  // What a write-ahead log holds of another database must not come back in a new one.
  for (const file of companionsOf(path)) {
    const aside = file.replace(path, `${path}.broken`);
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) renameSync(file, aside);
  }
}

function companionsOf(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`];
}

/** Two processes that open a new file at once refuse each other at once, whatever the timeout says. */
function openPatiently(path: string, busyTimeoutMs: number): Handle {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return openHandle(path, busyTimeoutMs);
    } catch (cause) {
      if (readCode(cause) !== BUSY || performance.now() >= deadline) throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
  }
}

function openHandle(path: string, busyTimeoutMs: number) {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // WAL with synchronous=NORMAL loses the last writes at a power cut, never the file; the next tick makes them again.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    database.exec("CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID");
    return {
      database,
      select: database.prepare("SELECT value FROM entries WHERE key = ?"),
      selectRange: database.prepare("SELECT key, value FROM entries WHERE key >= ? AND key < ? ORDER BY key"),
      upsert: database.prepare(
        "INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      ),
      drop: database.prepare("DELETE FROM entries WHERE key = ?"),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite's primary result code; undefined for what is no error of SQLite's. */
function readCode(cause: unknown): number | undefined {
  return cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode & 0xff : undefined;
}

function isDamage(cause: unknown): boolean {
  return DAMAGED.includes(readCode(cause) ?? 0);
}

function guard<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw isHoldfastError(cause) ? cause : describeFailure(path, cause);
  }
}

function describeFailure(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return holdfastError("state-failed", `${path}: ${reason}`, {
    handling: "transient",
    hint: "is the disk full, or the file system read-only?",
    cause,
  });
}
