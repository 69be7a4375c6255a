import { DatabaseSync } from "node:sqlite";
import type { Store } from "../ports.ts";
import { guardState, isBusy, isDamage, makePrivate, moveAside } from "./database-file.ts";

export interface StoreOptions {
  /** How long another process that writes is waited for; 5 s by default. */
  readonly busyTimeoutMs?: number;
}

type Handle = ReturnType<typeof openHandle>;

const IN_MEMORY = ":memory:";
const BUSY_TIMEOUT_MS = 5_000;
const BUSY_PAUSE_MS = 10;

/**
 * The agent's memory between ticks and restarts: JSON values by key, in one SQLite file of the owner's. A file that is
 * damaged or no database is moved aside and started afresh, since everything in it can be found out again; one that cannot
 * be had now (a full disk, another process) never is.
 */
export function openStore(path: string, { busyTimeoutMs = BUSY_TIMEOUT_MS }: StoreOptions = {}): Store {
  let handle = guardState(path, () => openSound(path, busyTimeoutMs));

  function ask<T>(use: (handle: Handle) => T): T {
    return guardState(path, () => {
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

/** Two processes that open a new file at once refuse each other at once, whatever the timeout says. */
function openPatiently(path: string, busyTimeoutMs: number): Handle {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return openHandle(path, busyTimeoutMs);
    } catch (cause) {
      if (!isBusy(cause) || performance.now() >= deadline) throw cause;
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
