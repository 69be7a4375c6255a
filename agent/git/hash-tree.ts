import { createHash } from "node:crypto";
import type { TreeFile } from "../model/tree.ts";

/** Git's own id of a file's content. */
export function hashBlob(content: Uint8Array): string {
  return hashObject("blob", content);
}

/** Git's own id of a directory with these files, whose paths are below it. */
export function hashTree(files: readonly TreeFile[]): string {
  const entries = new Map<string, { readonly mode: string; readonly oid: string }>();
  const below = new Map<string, TreeFile[]>();
  for (const file of files) {
    const slash = file.path.indexOf("/");
    if (slash < 0) entries.set(file.path, file);
    else {
      const name = file.path.slice(0, slash);
      below.set(name, [...(below.get(name) ?? []), { ...file, path: file.path.slice(slash + 1) }]);
    }
  }
  for (const [name, inside] of below) entries.set(name, { mode: "40000", oid: hashTree(inside) });
  // Git sorts by bytes, a directory as if its name ended in a slash.
  const key = ([name, { mode }]: readonly [string, { mode: string }]): Buffer =>
    Buffer.from(mode === "40000" ? `${name}/` : name);
  const sorted = [...entries].sort((a, b) => Buffer.compare(key(a), key(b)));
  const lines = sorted.map(([name, { mode, oid }]) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")]));
  return hashObject("tree", Buffer.concat(lines));
}

/** Git's own id of any object. */
export function hashObject(type: string, content: Uint8Array): string {
  return createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");
}
