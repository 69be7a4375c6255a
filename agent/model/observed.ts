/** A container's state in the words of the engine. */
export type ContainerState = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

/** A container's own health check, `none` when it has none. */
export type Health = "none" | "starting" | "healthy" | "unhealthy";

/** A container of a Compose project, as one list request tells it. */
export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly service: string;
  /** Compose's number of the replica, 1-based. */
  readonly number: number;
  /** A `docker compose run` container: never counted as a replica. */
  readonly oneOff: boolean;
  readonly state: ContainerState;
  readonly health: Health;
  /** Set when the container has exited. */
  readonly exitCode?: number;
  /** Image reference; `sha256:…` when the reference has since moved to another local image. */
  readonly image: string;
  readonly imageId: string;
  /** Creation time, milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** Label `holdfast.stack`, when it carries it. */
  readonly stack?: string;
  /** Label `holdfast.digest`, when it carries it. */
  readonly digest?: string;
}

/** An image that the engine has. */
export interface ObservedImage {
  readonly id: string;
  /** `name:tag` references. */
  readonly tags: readonly string[];
  /** `name@sha256:…` references. */
  readonly digests: readonly string[];
}

/** A tag that names another image in its registry than on this host. */
export interface MovedImage {
  /** The local image that it was compared with. */
  readonly imageId: string;
  /** What the registry has under the tag, `sha256:…`. */
  readonly digest: string;
}

/** What stands where Holdfast placed a file, when it is not that file. */
export type FileState = "edited" | "missing" | "mode" | "directory" | "symlink" | "other" | "blocked" | "unreadable";

/** A placed file that is not as it was placed. */
export interface EditedFile {
  /** Below the stack's root. */
  readonly path: string;
  readonly state: FileState;
  /** What is found and what should be, a few words each: `1240 bytes`, `mode 600`, `a symbolic link`. */
  readonly found: string;
  readonly expected: string;
  /** Git's object id of the content that is found, where it could be read. */
  readonly oid?: string;
  /** Unified diff from what was placed to what is found, short and with secrets masked. */
  readonly diff?: string;
}

/** What the host runs, at one moment. Plans are made from one observation and never act on an older one. */
export interface Observed {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly containers: readonly ObservedContainer[];
  /** Only asked for when a step may need an image; undefined otherwise. */
  readonly images?: readonly ObservedImage[];
  /** By image reference; what registries said when they were asked last. */
  readonly moved?: ReadonlyMap<string, MovedImage>;
  /** By stack, the placed files that are not as they were placed. */
  readonly files?: ReadonlyMap<string, readonly EditedFile[]>;
}
