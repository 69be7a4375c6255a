import { basename, dirname } from "node:path";
import type { FSWatcher } from "chokidar";
import { codeOf } from "../lib/open-below.ts";
import type { FileWatcher } from "../ports/file-watcher.ts";
import { type DirectoryWatch, planWatches, type WatchedFiles } from "./plan-watches.ts";

/** A directory that is watched. */
interface Watched {
  /** What of it matters now; changes without the watcher noticing. */
  wanted: DirectoryWatch;
  readonly watcher: FSWatcher;
  /** Why it cannot be watched. */
  problem?: string;
}

/**
 * Watches the directories of files with chokidar, each by itself and never what is below it: beside a placed file there may be a
 * container's data, millions of files deep. What is told is a hint, and may be told twice. chokidar is loaded at the first call.
 */
export function openWatcher(): FileWatcher {
  const directories = new Map<string, Watched>();
  let files: WatchedFiles = new Map();
  let tell: (root: string) => void = () => undefined;
  let working: Promise<void> = Promise.resolve();
  let again = false;

  function tellAll(names: DirectoryWatch["names"]): void {
    for (const root of new Set([...names.values()].flatMap((roots) => [...roots]))) tell(root);
  }

  async function begin(directory: string, wanted: DirectoryWatch): Promise<void> {
    const { watch } = await import("chokidar");
    const isWanted = (path: string): boolean => dirname(path) === directory && watched.wanted.names.has(basename(path));
    const watched: Watched = {
      wanted,
      watcher: watch(directory, {
        depth: 0,
        ignored: (path, stats) => path !== directory && (!isWanted(path) || stats?.isDirectory() === true),
        ...{ ignoreInitial: true, followSymlinks: false, atomic: false, persistent: false },
      }),
    };
    const note = (name: string): void => {
      for (const root of watched.wanted.names.get(name) ?? []) tell(root);
      if (watched.wanted.passages.has(name)) adapt();
    };
    directories.set(directory, watched);
    watched.watcher
      .on("all", (_event, path) => {
        if (isWanted(path)) return note(basename(path));
        // The directory itself has gone, or is another one.
        tellAll(watched.wanted.names);
        adapt();
      })
      // What the file system says, before it is weighed: that a file became a directory is none of the events above.
      .on("raw", (_event, name) => note(name ?? ""))
      .on("error", (error) => {
        watched.problem = describeProblem(directory, error);
      });
    await new Promise<void>((resolve) => {
      watched.watcher.on("ready", resolve).on("error", () => resolve());
    });
    // What happened just before was not told.
    tellAll(wanted.names);
  }

  async function end(directory: string): Promise<void> {
    const watched = directories.get(directory);
    directories.delete(directory);
    await watched?.watcher.close();
  }

  async function arrange(): Promise<void> {
    again = false;
    const wanted = await planWatches(files);
    for (const [directory, { wanted: known, problem }] of [...directories]) {
      if (problem !== undefined || wanted.get(directory)?.identity !== known.identity) await end(directory);
    }
    for (const [directory, names] of wanted) {
      const known = directories.get(directory);
      if (known === undefined) await begin(directory, names);
      else known.wanted = names;
    }
  }

  /** Watches what is there now; asked for several times at once, it is done once. */
  function adapt(): void {
    if (again) return;
    again = true;
    // A problem is told by `watch`, which is called again and again.
    working = working.then(arrange).catch(() => undefined);
  }

  return {
    async watch(next, onChange) {
      files = next;
      tell = onChange;
      await working;
      const done = working.then(arrange);
      working = done.catch(() => undefined);
      await done;
      return [...directories.values()].find(({ problem }) => problem !== undefined)?.problem;
    },

    async close() {
      files = new Map();
      tell = () => undefined;
      await working;
      await arrange();
    },
  };
}

function describeProblem(directory: string, error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOSPC") return `${directory}: the limit of inotify watches is reached (fs.inotify.max_user_watches)`;
  if (code === "EMFILE") return `${directory}: the limit of inotify instances is reached (fs.inotify.max_user_instances)`;
  return `${directory}: ${error instanceof Error ? error.message : String(error)}`;
}
