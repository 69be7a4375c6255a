import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { findToken } from "../../plan/masking/secret-shapes.ts";
import type { PlacePath } from "./rewrite-compose.ts";

const COPY_LIMIT_BYTES = 1024 * 1024;
const COPY_LIMIT_FILES = 100;
const READABLE_BY_ALL = 0o004;

export interface Placement {
  readonly place: PlacePath;
  /** Files to copy into the repository: path below the stack's directory to absolute path. */
  readonly copies: ReadonlyMap<string, string>;
  /** What stays where it is, in words. */
  readonly stays: ReadonlySet<string>;
}

/**
 * Decides what becomes of the paths of a project: what is only read, small and nobody's secret moves into the repository; data
 * and secrets stay, and are named by their absolute paths.
 */
export function createPlacement(directory: string): Placement {
  const copies = new Map<string, string>();
  const stays = new Set<string>();
  const place: PlacePath = (source, use) => {
    if (isAbsolute(source)) return source;
    const path = source.startsWith("~") ? join(homedir(), source.slice(1)) : resolve(directory, source);
    const below = relative(directory, path);
    const inside = below !== "" && !below.startsWith("..") && !isAbsolute(below);
    const files = use === "read" && inside && !path.includes("$") ? listCopied(path) : undefined;
    if (files === undefined) {
      stays.add(`${source} stays at ${path}${use === "secret" ? ": it is a secret" : ""}`);
      return path;
    }
    for (const file of files) copies.set(relative(directory, file), file);
    return `.${sep}${below}`;
  };
  return { place, copies, stays };
}

/** The files of a path, absolute; undefined when it is too much, no plain text, or not for everybody's eyes. */
function listCopied(path: string): string[] | undefined {
  const files: string[] = [];
  let bytes = 0;
  const add = (at: string): boolean => {
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return readdirSync(at).every((name) => add(join(at, name)));
    if (!stat?.isFile() || (stat.mode & READABLE_BY_ALL) === 0 || files.length >= COPY_LIMIT_FILES) return false;
    bytes += stat.size;
    if (bytes > COPY_LIMIT_BYTES) return false;
    const content = readFileSync(at);
    const text = content.toString("utf8");
    files.push(at);
    return !content.includes(0) && findToken(text) === undefined;
  };
  return add(path) && files.length > 0 ? files : undefined;
}
