import type { DesiredStack } from "../model/desired.ts";
import type { Drift } from "../model/drift.ts";
import type { EditedFile } from "../model/observed.ts";
import type { Cause, Step } from "../model/plan.ts";
import { fileKey } from "./desire/file-key.ts";

export interface PlaceRequest {
  readonly stack: DesiredStack;
  /** Drift of this stack that is to be healed. */
  readonly drift: readonly Drift[];
  /** Keys by path of the files that were placed. */
  readonly placed: Readonly<Record<string, string>>;
  /** Placed files that are not as they were placed. */
  readonly files?: readonly EditedFile[];
}

/** The placed files that are put back: all that differ, or none. */
export function findPutBack({ stack, drift, placed, files = [] }: PlaceRequest): EditedFile[] {
  if (!drift.some(isEdited)) return [];
  // What the revision changes as well is written anyway, and was not looked at.
  const standing = new Map(stack.files.map((file) => [file.path, fileKey(file)]));
  return files.filter(({ path }) => standing.get(path) !== undefined && standing.get(path) === placed[path]);
}

/** One step that writes what the revision changed and what was edited on the host, and removes what left the revision. */
export function planPlace(request: PlaceRequest): Step[] {
  const { stack, drift, placed } = request;
  const wanted = new Map(stack.files.map((file) => [file.path, fileKey(file)]));
  const changed = [...wanted].filter(([path, key]) => placed[path] !== key).map(([path]) => path);
  const remove = Object.keys(placed).filter((path) => !wanted.has(path));
  const edited = findPutBack(request).map(({ path }) => path);
  if (changed.length + remove.length + edited.length === 0) return [];
  const text = [
    ...changed.map((path) => `${path} ${placed[path] === undefined ? "added" : "changed"}`),
    ...remove.map((path) => `${path} removed`),
  ];
  const causes: Cause[] = [
    ...(text.length === 0 ? [] : [{ kind: "files-changed" as const, text: text.sort().join(", ") }]),
    ...(edited.length === 0 ? [] : drift.filter(isEdited).map(({ kind, cause }) => ({ kind, text: cause }))),
  ];
  return [
    {
      ...{ action: "place", stack: stack.name, causes, after: [] },
      ...{ write: [...changed, ...edited].sort(), remove: remove.sort() },
      ...(edited.length === 0 ? {} : { edited: edited.sort() }),
    },
  ];
}

function isEdited({ kind }: Drift): boolean {
  return kind === "files-edited";
}
