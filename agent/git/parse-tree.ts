import type { FileMode } from "../model/tree.ts";

/** One entry of a tree object, as it is there. */
export interface TreeEntry {
  readonly name: string;
  readonly oid: string;
  readonly mode: FileMode | "directory" | "unknown";
  /** Why this must not reach a disk, or cannot be told in a string: "is not UTF-8". */
  readonly problem?: string;
}

const space = 0x20;
const nul = 0x00;
const oidBytes = 20;

// What Git has written for the same thing over the years; a group-writable file is a file.
const modes: Readonly<Record<string, TreeEntry["mode"]>> = {
  "40000": "directory",
  "040000": "directory",
  "100644": "100644",
  "100664": "100644",
  "100755": "100755",
  "120000": "120000",
  "160000": "160000",
};

/**
 * Reads the bytes of a tree object; undefined when they are none. isomorphic-git's own reading makes one name of two that are
 * not UTF-8, and refuses the whole directory for a backslash, which is an ordinary character here.
 */
export function parseTree(bytes: Uint8Array): readonly TreeEntry[] | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: TreeEntry[] = [];
  const names = new Set<string>();
  let position = 0;
  while (position < buffer.length) {
    const modeEnd = buffer.indexOf(space, position);
    const nameEnd = modeEnd < 0 ? -1 : buffer.indexOf(nul, modeEnd);
    const end = nameEnd + 1 + oidBytes;
    if (nameEnd < 0 || end > buffer.length) return undefined;
    const rawName = buffer.subarray(modeEnd + 1, nameEnd);
    const name = rawName.toString("utf8");
    const mode = modes[buffer.toString("latin1", position, modeEnd)] ?? "unknown";
    const problem = names.has(name) ? "is there twice" : findProblem(name, rawName, mode);
    const entry = { name, oid: buffer.toString("hex", nameEnd + 1, end), mode };
    entries.push(problem === undefined ? entry : { ...entry, problem });
    names.add(name);
    position = end;
  }
  return entries;
}

function findProblem(name: string, rawName: Buffer, mode: TreeEntry["mode"]): string | undefined {
  if (!Buffer.from(name, "utf8").equals(rawName)) return "is not UTF-8";
  if (name === "") return "is empty";
  if (name === "." || name === "..") return "leads to another directory";
  if (name.toLowerCase() === ".git") return "would be a Git directory";
  if (name.includes("/")) return "contains a slash";
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return "contains a control character";
  return mode === "unknown" ? "has a mode that Git does not write" : undefined;
}
