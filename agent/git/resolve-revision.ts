import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import { fileSystem, loadIsomorphicGit } from "./load-isomorphic-git.ts";
import { findGitDirectory, openLocalRepository, readLocalRef } from "./local-repository.ts";
import { objectReader } from "./object-reader.ts";
import { defaultLimits } from "./source-options.ts";

const COMMIT = /^[0-9a-f]{40}$/;
/** What no name of a ref may hold; above all it must not lead out of the directory of refs. */
const NO_NAME = /^[/.-]|\.\.|\/\/|\/\.|@\{|[\u0000- \u007f~^:?*[\\]|\.lock(\/|$)|[/.]$/;

/**
 * The commit that a name means in the repository at `path`, as Git reads it: `HEAD`, a branch, a tag, `origin/main`, a commit id or
 * the beginning of one, each with `~2` or `^` behind it. Throws `revision-missing` and `source-*`.
 */
export async function resolveRevision(path: string, name: string): Promise<string> {
  const [, start = "", steps = ""] = /^(.*?)((?:~\d*|\^)*)$/s.exec(name) ?? [];
  const { directory, objectDirectories } = await openLocalRepository(path);
  const reader = objectReader({ directories: async () => objectDirectories, limits: defaultLimits, shown: path });
  const found = await findCommit(path, directory, objectDirectories, start === "@" || start === "" ? "HEAD" : start);
  if (found === undefined) throw missing(path, name);
  let commit = await reader.peel(found);
  for (const step of steps.match(/~\d*|\^/g) ?? []) {
    for (let left = step === "^" || step === "~" ? 1 : Number(step.slice(1)); left > 0; left -= 1) {
      const [parent] = (await reader.readParents(commit)) ?? [];
      if (parent === undefined) throw missing(path, name);
      commit = parent;
    }
  }
  if ((await reader.readParents(commit)) === undefined) throw missing(path, name);
  return commit;
}

async function findCommit(
  path: string,
  directory: string,
  objects: readonly string[],
  name: string,
): Promise<string | undefined> {
  if (NO_NAME.test(name)) return undefined;
  if (name === "HEAD") return readHead((await findGitDirectory(path)) ?? directory, directory);
  for (const ref of [
    `refs/tags/${name}`,
    `refs/heads/${name}`,
    `refs/remotes/${name}`,
    ...(name.startsWith("refs/") ? [name] : []),
  ]) {
    const oid = await readLocalRef(directory, ref);
    if (oid !== undefined) return oid;
  }
  if (COMMIT.test(name)) return name;
  return /^[0-9a-f]{4,39}$/.test(name) ? expand(objects, name) : undefined;
}

/** A worktree has a HEAD of its own, and the branches of the repository that it belongs to. */
async function readHead(own: string, directory: string): Promise<string | undefined> {
  const text = (await readFile(join(own, "HEAD"), "utf8").catch(() => "")).trim();
  if (COMMIT.test(text)) return text;
  const ref = /^ref: (refs\/heads\/.+)$/.exec(text)?.[1];
  return ref === undefined || NO_NAME.test(ref) ? undefined : readLocalRef(directory, ref);
}

async function expand(objects: readonly string[], prefix: string): Promise<string | undefined> {
  const { expandOid } = await loadIsomorphicGit();
  for (const gitdir of objects) {
    const oid = await expandOid({ fs: fileSystem, gitdir, oid: prefix }).catch(() => undefined);
    if (oid !== undefined) return oid;
  }
  return undefined;
}

function missing(path: string, name: string): HoldfastError {
  return holdfastError("revision-missing", `${path} has no commit ${JSON.stringify(name)}`, {
    handling: "stalled",
    hint: "check the name; a shallow clone lacks older commits and other branches: `git fetch --unshallow`, or fetch-depth: 0 in a workflow",
  });
}
