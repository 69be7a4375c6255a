import type { DesiredFile, DesiredStack } from "../../model/desired.ts";
import { fileKey } from "../desire/file-key.ts";
import { decideDriftMode } from "./drift-policy.ts";

/**
 * The placed files of a stack that must be as they were placed. A file that a container may write is left as the container makes
 * it, unless the stack itself says that edited files are healed; and what is not placed yet, or to be changed, is not looked at.
 */
export function chooseInspected(stack: DesiredStack, placed: Readonly<Record<string, string>>): DesiredFile[] {
  if (decideDriftMode("files-edited", stack.drift) === "ignore") return [];
  const all = stack.drift.rules["files-edited"] === "heal";
  return stack.files.filter((file) => placed[file.path] === fileKey(file) && (all || !file.writable));
}
