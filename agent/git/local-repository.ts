import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type HoldfastError, holdfastError } from "../model/error.ts";

/** A repository on this machine, as it is on disk. */
export interface LocalRepository {
  /** Where refs and objects are: a bare repository, a `.git` directory, or what a worktree shares. */
  readonly directory: string;
  /** The directory itself, then the repositories that it borrows objects from. */
  readonly objectDirectories: readonly string[];
}

/** Alternates may have alternates; Git itself stops at five. */
const maxBorrowing = 5;

/** Finds the repository at `path`: bare, with a `.git` directory, or with a `.git` file that points elsewhere. Throws `source-*`. */
export async function openLocalRepository(path: string): Promise<LocalRepository> {
  const kind = await kindOf(path);
  if (kind === "nothing") {
    throw holdfastError("source-unreachable", `${path} does not exist`, {
      handling: "transient",
      hint: "check repository.url, and that what it is on is mounted",
    });
  }
  const gitDirectory = kind === "directory" ? await findGitDirectory(path) : undefined;
  if (gitDirectory === undefined) throw refused(`${path} is not a Git repository`, "check repository.url");
  const common = await readText(join(gitDirectory, "commondir"));
  const directory = common === undefined ? gitDirectory : resolve(gitDirectory, common.trim());
  await checkFormat(directory, path);
  return { directory, objectDirectories: await withAlternates(directory, 0) };
}

/** The directory of a checkout's own HEAD: a worktree has one beside what it shares. Undefined when `path` is no repository. */
export async function findGitDirectory(path: string): Promise<string | undefined> {
  const inside = join(path, ".git");
  const kind = await kindOf(inside);
  if (kind === "directory") return inside;
  if (kind === "file") {
    const target = /^gitdir: (.+)$/m.exec((await readText(inside)) ?? "")?.[1]?.trim();
    return target === undefined ? undefined : resolve(path, target);
  }
  const parts = await Promise.all([kindOf(join(path, "HEAD")), kindOf(join(path, "objects")), kindOf(join(path, "refs"))]);
  return parts.join() === "file,directory,directory" ? path : undefined;
}

async function checkFormat(directory: string, path: string): Promise<void> {
  const config = (await readText(join(directory, "config"))) ?? "";
  for (const [key, supported] of [
    ["objectformat", "sha1"],
    ["refstorage", "files"],
  ] as const) {
    const value = new RegExp(`^\\s*${key}\\s*=\\s*"?(\\w+)`, "im").exec(config)?.[1]?.toLowerCase();
    if (value !== undefined && value !== supported) {
      throw refused(
        `${path} keeps its ${key === "refstorage" ? "refs" : "objects"} as ${value}`,
        `only ${supported} can be read`,
      );
    }
  }
}

async function withAlternates(directory: string, depth: number): Promise<readonly string[]> {
  const text = (await readText(join(directory, "objects", "info", "alternates"))) ?? "";
  const borrowed: string[] = [];
  for (const line of text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))) {
    const objects = isAbsolute(line) ? line : resolve(directory, "objects", line);
    if (basename(objects) !== "objects" || depth >= maxBorrowing) {
      throw refused(`${directory} borrows objects from ${objects}, which cannot be read`, "run git repack -a -d in it");
    }
    borrowed.push(...(await withAlternates(dirname(objects), depth + 1)));
  }
  return [directory, ...borrowed];
}

/** The commit that a ref (full name) names, or undefined. */
export async function readLocalRef(directory: string, ref: string): Promise<string | undefined> {
  let name = ref;
  for (let hop = 0; hop < 5; hop += 1) {
    const loose = (await readText(join(directory, name)))?.trim();
    const target = loose?.startsWith("ref: refs/heads/") ? loose.slice("ref: ".length) : undefined;
    if (target === undefined || target.split("/").includes("..")) {
      const oid = loose ?? (await readPackedRefs(directory)).get(name);
      return oid !== undefined && /^[0-9a-f]{40}$/.test(oid) ? oid : undefined;
    }
    name = target;
  }
  return undefined;
}

/** The full names of all refs below `folder`, `refs/heads`. */
export async function listLocalRefs(directory: string, folder: string): Promise<readonly string[]> {
  const options = { recursive: true, withFileTypes: true } as const;
  const entries = await readdir(join(directory, folder), options).catch(() => []);
  const loose = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const packed = [...(await readPackedRefs(directory)).keys()].filter((name) => name.startsWith(`${folder}/`));
  return [...new Set([...loose.map((path) => path.slice(directory.length + 1)), ...packed])].sort();
}

async function readPackedRefs(directory: string): Promise<ReadonlyMap<string, string>> {
  const text = (await readText(join(directory, "packed-refs"))) ?? "";
  const lines = text.matchAll(/^([0-9a-f]{40}) (\S+)$/gm);
  return new Map([...lines].map(([, oid = "", name = ""]) => [name, oid]));
}

async function kindOf(path: string): Promise<"file" | "directory" | "nothing"> {
  try {
    return (await stat(path)).isDirectory() ? "directory" : "file";
  } catch (error) {
    if (isMissing(error)) return "nothing";
    throw unreadable(path, error);
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR", "EISDIR"].includes(String(error.code));
}

function unreadable(path: string, error: unknown): HoldfastError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "EACCES" || code === "EPERM") return refused(`${path} may not be read (${code})`, "let the agent's user read it");
  return holdfastError("source-unreachable", `${path} cannot be read (${code})`, { handling: "transient", cause: error });
}

function refused(message: string, hint: string): HoldfastError {
  return holdfastError("source-refused", message, { handling: "stalled", hint });
}
