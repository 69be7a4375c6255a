import { posix } from "node:path";
import type { Tree } from "../model/tree.ts";
import { suggestName } from "./suggest-name.ts";

/** Says that a file is missing, and which one may have been meant. */
export function describeMissing(path: string, tree: Tree): string {
  const wanted = kindOf(path);
  const alike = tree.files.map((file) => file.path).filter((other) => kindOf(other) === wanted);
  return `${path} does not exist below the stack's root; ${alike.length === 0 ? "commit it" : suggestName(path, alike)}`;
}

// `.env` has no extension for node:path, and either spelling of YAML is one kind.
function kindOf(path: string): string {
  return posix.basename(path).split(".").at(-1)?.replace("yml", "yaml") ?? "";
}
