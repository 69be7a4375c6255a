/** Where the parts of a stack stand in the repository and below its root. */
export interface StackLayout {
  /** The stack's root in the repository, without a trailing slash; "" is the repository itself. */
  readonly root: string;
  /** Compose files below the root, in order. */
  readonly composeFiles: readonly string[];
  /** Directory of the first Compose file below the root: the project's directory, "" for the root itself. */
  readonly projectDirectory: string;
  /** Committed environment files below the root, in order. */
  readonly envFiles: readonly string[];
}

export interface LayoutRequest {
  /** Directory of the stack in the repository. */
  readonly directory: string;
  readonly root: string;
  readonly composeFiles: readonly string[];
  readonly envFiles: readonly string[];
}

/** Lays out a stack; undefined when its root leaves the repository. Compose and environment files are named from the stack's directory when the root contains it, else from the root. */
export function layOutStack(request: LayoutRequest): StackLayout | undefined {
  const root = joinPath(request.directory, request.root);
  if (root === undefined) return undefined;
  const within = root === "" ? request.directory : pathBelow(request.directory, root);
  const below = (file: string): string => (within === undefined ? file : (joinPath(within, file) ?? `../${file}`));
  const composeFiles = request.composeFiles.map(below);
  return { root, composeFiles, projectDirectory: directoryOf(composeFiles[0] ?? ""), envFiles: request.envFiles.map(below) };
}

/** Joins repository paths and resolves `.` and `..`; undefined when the result leaves the repository. */
export function joinPath(base: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** The path below a directory, "" for the directory itself; undefined when it is not below it. */
export function pathBelow(path: string, directory: string): string | undefined {
  if (directory === "") return path;
  return path === directory ? "" : path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : undefined;
}

function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
