import { DatabaseSync } from "node:sqlite";
import type { HistoryEntry } from "../model/history.ts";
import type { History } from "../ports.ts";
import { guardState, isDamage, makePrivate } from "./database-file.ts";
import { readDatabase } from "./read-only-database.ts";

export interface HistoryOptions {
  /** How many entries are kept at most; 10,000 by default. */
  readonly entries?: number;
  /** How long an entry is kept at most, milliseconds; 90 days by default. */
  readonly ageMs?: number;
}

const ENTRIES = 10_000;
const AGE_MS = 90 * 86_400_000;
/** Somebody who writes does it within milliseconds, and history is not worth waiting longer for. */
const BUSY_TIMEOUT_MS = 1_000;

/**
 * The history, in a table beside the store's. It is opened for each entry, a tenth of a millisecond: entries are rare, an agent that
 * has nothing to tell keeps nothing open, and a database that the store has put aside is not written any more.
 */
export function openHistory(path: string, { entries = ENTRIES, ageMs = AGE_MS }: HistoryOptions = {}): History {
  function insert(database: DatabaseSync, { atMs, stack, ...entry }: HistoryEntry): void {
    database
      .prepare("INSERT INTO history (at_ms, stack, entry) VALUES (?, ?, ?)")
      .run(atMs, stack ?? null, JSON.stringify(entry));
    // Both look at the oldest rows only, which are the first ones.
    database.prepare("DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ?").run(entries);
    database
      .prepare("DELETE FROM history WHERE id < (SELECT id FROM history WHERE at_ms >= ? ORDER BY id LIMIT 1)")
      .run(atMs - ageMs);
  }

  return {
    append(entry) {
      guardState(path, () => {
        makePrivate(path);
        const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
        try {
          prepare(database);
          try {
            insert(database, entry);
          } catch (cause) {
            if (!isDamage(cause)) throw cause;
            // Another version's table, or one whose pages are damaged: what happened before is lost, what the store holds is not.
            database.exec("DROP TABLE history");
            prepare(database);
            insert(database, entry);
          }
        } finally {
          database.close();
        }
      });
    },

    list({ stack, limit }) {
      const where = stack === undefined ? "" : "WHERE stack = ?";
      const rows = readDatabase(path, (database) =>
        hasTable(database)
          ? database
              .prepare(`SELECT at_ms, stack, entry FROM history ${where} ORDER BY id DESC LIMIT ?`)
              .all(...(stack === undefined ? [] : [stack]), limit)
          : [],
      );
      return (rows ?? []).reverse().map(readRow);
    },

    stacks() {
      const rows = readDatabase(path, (database) =>
        hasTable(database)
          ? database.prepare("SELECT DISTINCT stack FROM history WHERE stack IS NOT NULL ORDER BY stack").all()
          : [],
      );
      return (rows ?? []).map((row) => String(row["stack"]));
    },
  };
}

function prepare(database: DatabaseSync): void {
  // As the store does; in WAL mode nothing is synced at a commit, and a power cut costs the last entries at most.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec(
    "CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, stack TEXT, entry TEXT NOT NULL) STRICT",
  );
}

function hasTable(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'history'").get() !== undefined;
}

function readRow(row: Record<string, unknown>): HistoryEntry {
  const entry = JSON.parse(String(row["entry"])) as Omit<HistoryEntry, "atMs" | "stack">;
  const stack = row["stack"] === null ? {} : { stack: String(row["stack"]) };
  return { atMs: Number(row["at_ms"]), ...stack, ...entry };
}
