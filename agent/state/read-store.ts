import { holdfastError } from "../model/error.ts";
import type { Store } from "../ports.ts";
import { readDatabase } from "./read-only-database.ts";

/**
 * What the agent's store holds at this moment, for those who only look: nothing is written, also when the agent runs. Empty when there
 * is no store yet, or the agent would start afresh with it. Throws `state-failed`; and a bug, when somebody writes.
 */
export function readStore(path: string): Store {
  const rows = readDatabase(path, (database) => database.prepare("SELECT key, value FROM entries ORDER BY key").all()) ?? [];
  const values = new Map(rows.map((row) => [String(row["key"]), JSON.parse(String(row["value"])) as unknown]));
  return {
    read: <T>(key: string) => values.get(key) as T | undefined,
    write: refuse,
    remove: refuse,
    list: <T>(prefix: string) => new Map([...values].filter(([key]) => key.startsWith(prefix))) as ReadonlyMap<string, T>,
    close: () => undefined,
  };
}

function refuse(): never {
  throw holdfastError("bug", "what only looks at the store has written to it", { handling: "bug" });
}
