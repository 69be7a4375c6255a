import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What of a directory is watched: by name, the roots that it belongs to. */
export interface DirectoryWatch {
  /** Which directory it is: another one of that name has to be watched anew. */
  readonly identity: string;
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of directories on the way to a file: when one of them changes, other directories have to be watched. */
  readonly passages: ReadonlySet<string>;
}

/** Files that are watched: by absolute directory, the paths below it. */
export type WatchedFiles = ReadonlyMap<string, readonly string[]>;

/**
 * The directories whose own entries have to be watched to see files and the directories on the way to them change. None is a
 * link's target: what is not there, or is not what it should be, is watched where its name stands.
 */
export async function planWatches(files: WatchedFiles): Promise<Map<string, DirectoryWatch>> {
  const wanted = new Map<string, { names: Map<string, Set<string>>; passages: Set<string> }>();
  const add = (directory: string, name: string, root: string, isPassage: boolean): void => {
    const entry = wanted.get(directory) ?? { names: new Map(), passages: new Set() };
    wanted.set(directory, entry);
    entry.names.set(name, (entry.names.get(name) ?? new Set()).add(root));
    if (isPassage) entry.passages.add(name);
  };
  for (const [root, paths] of files) {
    if (paths.length === 0) continue;
    const above = await findExisting(root);
    if (above !== root) add(above, root.slice(above.length).split("/").find(Boolean) ?? "", root, true);
    for (const path of paths) {
      let directory = root;
      for (const [index, name] of path.split("/").entries()) {
        add(directory, name, root, index < path.split("/").length - 1);
        directory = join(directory, name);
      }
    }
  }
  const watches = await Promise.all(
    [...wanted].map(async ([directory, entry]): Promise<[string, DirectoryWatch][]> => {
      const identity = await identify(directory);
      return identity === undefined ? [] : [[directory, { identity, ...entry }]];
    }),
  );
  return new Map(watches.flat());
}

/** The nearest directory that exists, from a path upwards. */
async function findExisting(path: string): Promise<string> {
  for (let directory = path; ; directory = dirname(directory)) {
    if (directory === dirname(directory) || (await identify(directory)) !== undefined) return directory;
  }
}

/** Tells a directory from another of the same name; undefined when there is none. */
async function identify(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() ? `${found.dev} ${found.ino}` : undefined;
}
