import type { Log } from "../ports.ts";

/** What the agent cannot do at the moment and gets along without: it stands in the status, and is no alert. */
export interface Warnings {
  /** Says something about a setting, or with undefined that all is well; the log is told when that is news. */
  set(about: string, problem: string | undefined): void;
  /** One line each, by setting. */
  list(): readonly string[];
}

/** Nothing to warn of yet. */
export function openWarnings(log: Log): Warnings {
  const known = new Map<string, string>();
  return {
    set(about, problem) {
      if (known.get(about) === problem) return;
      if (problem === undefined) {
        known.delete(about);
        log.info({ about }, "warning ended");
      } else {
        known.set(about, problem);
        log.error({ about, problem }, "warning");
      }
    },
    list: () => [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([about, problem]) => `${about}: ${problem}`),
  };
}
