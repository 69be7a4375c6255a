import type { Requires } from "../../model/generated/stack.ts";
import type { MachineFacts } from "../../model/machine.ts";

/** A directory that is to be made. */
export interface MissingDirectory {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
}

const DEFAULT_MODE = "0755";

/** Directories that `requires.disk` asks to be made (`create: true`) and that are missing; those that exist are never changed. */
export function listMissingDirectories(requires: readonly Requires[], { paths }: MachineFacts): MissingDirectory[] {
  const wanted = requires.flatMap(({ disk = [] }) => disk.filter(({ create }) => create === true));
  const missing = wanted.filter(({ path }) => paths[path]?.kind === "missing");
  const byPath = new Map<string, MissingDirectory>();
  // Outer ones first, so that an inner one does not make its parent with a parent's mode; who is named first decides.
  for (const { path, mode = DEFAULT_MODE } of [...missing].sort((a, b) => a.path.length - b.path.length)) {
    if (!byPath.has(path)) byPath.set(path, { path, mode: Number.parseInt(mode, 8) });
  }
  return [...byPath.values()];
}
