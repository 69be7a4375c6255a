import { mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { holdfastError } from "../model/error.ts";
import type { Store } from "../ports.ts";

/**
 * The agent's memory between ticks and restarts: JSON values by key, in one SQLite file of the owner's. A file that is no
 * database is moved aside and started afresh, since everything in it can be found out again.
 */
export function openStore(path: string): Store {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = openDatabase(path);
  const select = database.prepare("SELECT value FROM entries WHERE key = ?");
  const selectRange = database.prepare("SELECT key, value FROM entries WHERE key >= ? AND key < ? ORDER BY key");
  const upsert = database.prepare(
    "INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  const drop = database.prepare("DELETE FROM entries WHERE key = ?");

  // A poll reads a few values of every stack, and nobody else writes them: what was read once is not read again.
  const known = new Map<string, unknown>();

  return {
    read<T>(key: string): T | undefined {
      if (!known.has(key)) {
        const row = guard(path, () => select.get(key));
        known.set(key, row === undefined ? undefined : JSON.parse(String(row["value"])));
      }
      return known.get(key) as T | undefined;
    },
    write(key, value) {
      const text = JSON.stringify(value);
      guard(path, () => upsert.run(key, text));
      known.set(key, JSON.parse(text));
    },
    remove(key) {
      guard(path, () => drop.run(key));
      known.set(key, undefined);
    },
    list<T>(prefix: string): ReadonlyMap<string, T> {
      const rows = guard(path, () => selectRange.all(prefix, `${prefix}\u{10ffff}`));
      return new Map(rows.map((row) => [String(row["key"]), JSON.parse(String(row["value"])) as T]));
    },
    close() {
      database.close();
    },
  };
}

function openDatabase(path: string): DatabaseSync {
  try {
    return prepareDatabase(path);
  } catch (cause) {
    const aside = `${path}.broken`;
    try {
      renameSync(path, aside);
      return prepareDatabase(path);
    } catch {
      throw describeFailure(path, cause);
    }
  }
}

function prepareDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // WAL with synchronous=NORMAL loses the last writes at a power cut, never the file; the next tick makes them again.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
    database.exec("CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function guard<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw describeFailure(path, cause);
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
