/** A container's state in the words of the engine. */
export type ContainerState = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

/** A container's own health check, `none` when it has none. */
export type Health = "none" | "starting" | "healthy" | "unhealthy";

/** How a container is attached to a network, as one list request tells it. */
export interface Attachment {
  /** Id of the network; empty until the container is started for the first time since it was connected. */
  readonly networkId: string;
  /** Another one whenever the container is connected or started anew; empty while it does not run. */
  readonly endpointId: string;
}

/** A container, as one list request tells it. */
export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  /** Compose's names for it; both empty for one that Compose did not make. */
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
  /** By network name; empty for one that lives in the network of another. Absent when nobody told. */
  readonly networks?: Readonly<Record<string, Attachment>>;
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

/** What a container may use, and whether it is started again: everything that `docker update` can change. 0 and "" are no limit. */
export interface Limits {
  /** Bytes, like the two that follow. */
  readonly memory: number;
  readonly memoryReservation: number;
  /** Memory and swap together; -1 is no limit. */
  readonly memorySwap: number;
  /** Billionths of a CPU. */
  readonly nanoCpus: number;
  readonly cpuShares: number;
  /** Microseconds, like the period; -1 is no limit. */
  readonly cpuQuota: number;
  readonly cpuPeriod: number;
  /** `0-2,4`; CPUs, and nodes of memory. */
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  /** Microseconds. */
  readonly cpuRealtimePeriod: number;
  readonly cpuRealtimeRuntime: number;
  /** Absent when it was never set, or the kernel cannot limit them. */
  readonly pidsLimit?: number;
  readonly blkioWeight: number;
  /** `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:3`. */
  readonly restart: string;
}

/** What only looking into one container tells. */
export interface ContainerDetails {
  readonly limits: Limits;
  /** How often the engine has started it again by itself. */
  readonly restartCount: number;
  /** It was killed for want of memory, before it was started again if it was. */
  readonly oomKilled: boolean;
  /** When it was started last, milliseconds since the epoch; 0 before. */
  readonly startedAtMs: number;
  /** By network name. */
  readonly endpoints: Readonly<Record<string, EndpointDetails>>;
}

export interface EndpointDetails {
  readonly endpointId: string;
  /** Names by which others on the network find the container, its own name aside. */
  readonly aliases: readonly string[];
  /** Addresses that were asked for; absent where the engine chose them. */
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
}

/** A network that the engine has. */
export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv6: boolean;
  readonly ipam: { readonly driver: string; readonly config: readonly Subnet[] };
}

export interface Subnet {
  readonly subnet: string;
  readonly gateway?: string;
  readonly ipRange?: string;
  readonly auxAddresses?: Readonly<Record<string, string>>;
}

/** A volume that the engine has. */
export interface ObservedVolume {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
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
  /** By container id, of desired stacks only; undefined, like the three that follow, when nobody asked. */
  readonly details?: ReadonlyMap<string, ContainerDetails>;
  readonly networks?: readonly ObservedNetwork[];
  readonly volumes?: readonly ObservedVolume[];
  /** Whether the kernel can limit swap: where it cannot, the engine drops such a limit. */
  readonly limitsSwap?: boolean;
}
