import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { findPlainSecrets } from "../../plan/policy/find-plain-secrets.ts";
import type { PlacePath } from "./rewrite-compose.ts";

const COPY_LIMIT_BYTES = 1024 * 1024;
const COPY_LIMIT_FILES = 100;
const READABLE_BY_ALL = 0o004;
const OPEN_TO_ALL = 0o001;
/** Files whose every value is one of the host's, short passwords included. */
const ENVIRONMENT_FILE = /^\.env(\..+)?$|\.env$/;
/** What only looks as if it gave a value to a name. */
const PROSE_OR_PROGRAM = /\.(html?|css|[cm]?js|svg|md)$/i;

export interface Placement {
  readonly place: PlacePath;
  /** Files to copy into the repository: path below the stack's directory to absolute path. */
  readonly copies: ReadonlyMap<string, string>;
  /** What stays where it is, in words. */
  readonly stays: ReadonlySet<string>;
}

/**
 * Decides what becomes of the paths of a project: what is only read, small and nobody's secret moves into the repository; data
 * and secrets stay, and are named by their absolute paths. So do the project's Compose files, since a copy would take the place of
 * what is written without their passwords.
 */
export function createPlacement(workingDirectory: string, composeFiles: readonly string[]): Placement {
  const directory = resolve(workingDirectory);
  const names = ["stack.yaml", "compose.yaml", ...composeFiles.map((path) => basename(path))];
  const taken = new Set([...composeFiles, ...names.map((name) => join(directory, name))]);
  const copies = new Map<string, string>();
  const stays = new Set<string>();
  const place: PlacePath = (source, use) => {
    if (isAbsolute(source)) return source;
    const path = source.startsWith("~") ? join(homedir(), source.slice(1)) : resolve(directory, source);
    const below = relative(directory, path);
    const inside = below !== "" && !below.startsWith("..") && !isAbsolute(below);
    const files =
      use === "read" && inside && !path.includes("$") && isOpen(directory, path) ? listCopied(path, taken) : undefined;
    if (files === undefined) {
      stays.add(`${source} stays at ${path}${use === "secret" ? ": it is a secret" : ""}`);
      return path;
    }
    for (const file of files) copies.set(relative(directory, file), file);
    return `.${sep}${below}`;
  };
  return { place, copies, stays };
}

/** Whether everybody may go to a path below the directory, which is no other place by a link on the way. */
function isOpen(directory: string, path: string): boolean {
  const parent = dirname(path);
  if (parent === directory) return true;
  const stat = lstatSync(parent, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && (stat.mode & OPEN_TO_ALL) !== 0 && isOpen(directory, parent);
}

/** The files of a path, absolute; undefined when it is too much, no plain text, or not for everybody's eyes. */
function listCopied(path: string, taken: ReadonlySet<string>): string[] | undefined {
  const files: string[] = [];
  let bytes = 0;
  const add = (at: string): boolean => {
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat?.isDirectory())
      return (
        (stat.mode & READABLE_BY_ALL) !== 0 &&
        (stat.mode & OPEN_TO_ALL) !== 0 &&
        readdirSync(at).every((name) => add(join(at, name)))
      );
    if (taken.has(at) || ENVIRONMENT_FILE.test(basename(at))) return false;
    if (!stat?.isFile() || (stat.mode & READABLE_BY_ALL) === 0 || files.length >= COPY_LIMIT_FILES) return false;
    bytes += stat.size;
    if (bytes > COPY_LIMIT_BYTES) return false;
    const content = readFileSync(at);
    const text = content.toString("utf8");
    files.push(at);
    return !content.includes(0) && findPlainSecrets(text, !PROSE_OR_PROGRAM.test(at)).length === 0;
  };
  return add(path) && files.length > 0 ? files : undefined;
}
