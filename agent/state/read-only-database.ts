import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { guardState, isDamage } from "./database-file.ts";

/**
 * Reads from a database that another process may be writing, and leaves no file behind. Undefined when there is none, or it is of no
 * use to whoever may only read. Throws `state-failed`.
 */
export function readDatabase<T>(path: string, use: (database: DatabaseSync) => T): T | undefined {
  if (!existsSync(path)) return undefined;
  return guardState(path, () => {
    try {
      const database = open(path);
      try {
        return use(database);
      } finally {
        database.close();
      }
    } catch (cause) {
      if (isDamage(cause)) return undefined;
      throw cause;
    }
  });
}

// A write-ahead log is there while somebody has the database open, or was killed with it; SQLite makes one for a reader as well, and
// only a reader who says that nobody writes leaves none behind.
function open(path: string): DatabaseSync {
  if (existsSync(`${path}-wal`)) return new DatabaseSync(path, { readOnly: true });
  const location = pathToFileURL(path);
  location.searchParams.set("immutable", "1");
  return new DatabaseSync(location, { readOnly: true });
}
