/** Git's modes for entries that are not directories: file, executable, symbolic link, submodule. */
export type FileMode = "100644" | "100755" | "120000" | "160000";

/** One entry of a directory of a revision. */
export interface TreeFile {
  /** Path below the tree's root, with `/`. */
  readonly path: string;
  /** Git's object id of the content (SHA-1 hex). */
  readonly oid: string;
  readonly mode: FileMode;
}

/** A directory of a revision, flattened: every file below it, sorted by path. */
export interface Tree {
  /** Git's object id of the directory: equal ids mean equal content. */
  readonly oid: string;
  readonly files: readonly TreeFile[];
}
