import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type FileHandle, lstat } from "node:fs/promises";
import { posix } from "node:path";
import { codeOf, entryPath, openEntry } from "../lib/open-below.ts";
import type { DesiredFile } from "../model/desired.ts";
import type { EditedFile } from "../model/observed.ts";
import { modeOf, readKind, withDirectory } from "./stack-directory.ts";

/** What a file's `stat` was when its content was last read, and what that was. */
interface Seen {
  readonly stat: string;
  readonly oid: string;
}

/** By path: what is known of the files of one stack. */
export type SeenFiles = Map<string, Seen>;

/** The largest file that is read; no file of a repository is larger. */
const READ_LIMIT_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** How many files of a stack are remembered although nobody asks for them. */
const KEPT = 10_000;
/** Within a tick of the file system's clock two changes carry the same time: what is this young is read again the next time. */
const SETTLED_MS = 2_000;

/**
 * Those of the files below `root` that are not as they should be. Nothing is listed, no link is followed, and only what has
 * another `stat` than in `seen` is read. `root` is undefined where there is no such directory.
 */
export async function inspectPlaced(
  root: FileHandle | undefined,
  files: readonly DesiredFile[],
  seen: SeenFiles,
): Promise<EditedFile[]> {
  const edited: EditedFile[] = [];
  // Paths come and go with revisions: what is forgotten is only read once more.
  if (seen.size > 2 * files.length + KEPT) seen.clear();
  for (const [directory, own] of Map.groupBy(files, ({ path }) => posix.dirname(path))) {
    edited.push(...(await inspectDirectory(root, directory, own, seen)));
  }
  return edited.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function inspectDirectory(
  root: FileHandle | undefined,
  directory: string,
  files: readonly DesiredFile[],
  seen: SeenFiles,
): Promise<EditedFile[]> {
  const all = (state: EditedFile["state"], found: string): EditedFile[] =>
    files.map(({ path }) => ({ path, state, found, expected: "a file" }));
  if (root === undefined) return all("missing", "nothing");
  const segments = directory === "." ? [] : directory.split("/");
  try {
    return await withDirectory(root, segments, false, async (open) => {
      if (open === undefined) return all("missing", "nothing");
      const edited: EditedFile[] = [];
      for (const file of files) {
        const found = await inspectOne(open, file, seen);
        if (found !== undefined) edited.push(found);
      }
      return edited;
    });
  } catch (error) {
    const code = codeOf(error);
    if (code === "") throw error;
    if (code === "ELOOP" || code === "ENOTDIR") return all("blocked", await explainBlocked(root, segments));
    return all("unreadable", code);
  }
}

async function explainBlocked(root: FileHandle, segments: readonly string[]): Promise<string> {
  for (const depth of segments.keys()) {
    const path = segments.slice(0, depth + 1);
    const kind = await readKind(root, path).catch(() => undefined);
    if (kind !== undefined && kind !== "a directory") return `${path.join("/")} was replaced by ${kind}`;
  }
  return "its directory has just been replaced";
}

async function inspectOne(directory: FileHandle, file: DesiredFile, seen: SeenFiles): Promise<EditedFile | undefined> {
  const { path } = file;
  const differs = (state: EditedFile["state"], found: string, more: Partial<EditedFile> = {}): EditedFile => {
    return { path, state, found, expected: "a file", ...more };
  };
  const name = posix.basename(path);
  try {
    const stat = await lstat(entryPath(directory, name), { bigint: true });
    if (stat.isSymbolicLink()) return differs("symlink", "a symbolic link");
    if (stat.isDirectory()) return differs("directory", "a directory");
    if (!stat.isFile()) return differs("other", "a device, socket or pipe");
    const oid = await readOid(directory, file, stat, seen);
    if (oid !== file.oid) {
      const found = `${stat.size} bytes of other content`;
      return differs("edited", found, { expected: `content ${file.oid.slice(0, 12)}`, ...(oid === undefined ? {} : { oid }) });
    }
    const mode = Number(stat.mode) & 0o7777;
    if (mode !== modeOf(file)) return differs("mode", spellMode(mode), { expected: spellMode(modeOf(file)), oid });
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === "") throw error;
    return code === "ENOENT" ? differs("missing", "nothing") : differs("unreadable", code);
  }
}

/** Git's object id of what the file holds; undefined for one that is too large to be of a repository. */
async function readOid(
  directory: FileHandle,
  { path }: DesiredFile,
  stat: BigIntStats,
  seen: SeenFiles,
): Promise<string | undefined> {
  const known = seen.get(path);
  if (known?.stat === describeStat(stat)) return known.oid;
  seen.delete(path);
  if (stat.size > READ_LIMIT_BYTES) return undefined;
  const handle = await openEntry(directory, posix.basename(path));
  try {
    // Of the file that is open: another may stand there by now.
    const before = await handle.stat({ bigint: true });
    const oid = await hashBlob(handle, Number(before.size));
    const after = await handle.stat({ bigint: true });
    const settled = Date.now() - Number(after.ctimeMs) > SETTLED_MS;
    if (settled && describeStat(before) === describeStat(after)) seen.set(path, { stat: describeStat(after), oid });
    return oid;
  } finally {
    await handle.close();
  }
}

async function hashBlob(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash("sha1").update(`blob ${size}\0`);
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size + 1));
  let position = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    position += bytesRead;
    // One that grows meanwhile has another hash in any case.
    if (bytesRead === 0 || position > size) break;
    hash.update(buffer.subarray(0, bytesRead));
  }
  return hash.digest("hex");
}

/** What tells a file's content from another. The time of the inode's last change cannot be set by hand, that of the content can. */
export function describeStat({ dev, ino, size, mode, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mode, mtimeNs, ctimeNs].join(" ");
}

function spellMode(mode: number): string {
  return `mode ${mode.toString(8).padStart(3, "0")}`;
}
