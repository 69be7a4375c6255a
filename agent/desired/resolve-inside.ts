import { posix } from "node:path";

/** Where a path of a Compose file leads. */
export type ResolvedPath =
  | { readonly kind: "inside" /** Below the root; "" for the root itself. */; readonly path: string }
  | { readonly kind: "outside" }
  /** On the host, or in a home directory. */
  | { readonly kind: "absolute" }
  /** Depends on a variable. */
  | { readonly kind: "variable" };

/** Resolves a path against a directory below the root, without looking at any file. */
export function resolveInside(directory: string, path: string): ResolvedPath {
  if (path.startsWith("/") || path.startsWith("~")) return { kind: "absolute" };
  // What stands before a variable can already lead out.
  const known = path.includes("$") ? path.slice(0, path.indexOf("$")) : path;
  const joined = posix.normalize(posix.join("/root", directory || ".", "x", "..", known));
  if (joined !== "/root" && joined !== "/root/" && !joined.startsWith("/root/")) return { kind: "outside" };
  if (known !== path) return { kind: "variable" };
  return { kind: "inside", path: joined.slice("/root/".length).replace(/\/$/, "") };
}
