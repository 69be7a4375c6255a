/** What is to be found out of a machine; only what is asked for is looked at. */
export interface FactsRequest {
  /** Absolute. */
  readonly paths: readonly string[];
  /** Names, or absolute paths. */
  readonly commands: readonly string[];
  /** Ports of which it matters who listens there. */
  readonly ports: readonly number[];
  readonly gpus: boolean;
}

/** A machine as it is at one moment. */
export interface MachineFacts {
  /** `6.1.0-18-amd64`. */
  readonly kernel: string;
  /** `linux/amd64`. */
  readonly platform: string;
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  /** IP addresses of its interfaces. */
  readonly addresses: readonly string[];
  /** Whether programs may bind addresses that no interface has. */
  readonly bindsAnyAddress: boolean;
  readonly paths: Readonly<Record<string, PathFacts>>;
  /** Where each command was found. */
  readonly commands: Readonly<Record<string, string | undefined>>;
  readonly listeners: readonly Listener[];
  readonly gpus: readonly Gpu[];
  /** Why GPUs of NVIDIA could not be asked for, in one line; also set when there is no `nvidia-smi`. */
  readonly gpuProblem?: string;
}

export interface PathFacts {
  /** What the path leads to, symbolic links followed; `unreadable` when that could not be found out. */
  readonly kind: "directory" | "file" | "socket" | "other" | "missing" | "unreadable";
  /** Permission bits. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Set for a directory with nothing in it. */
  readonly empty?: true;
  /** The file system below it, or below its nearest existing parent. */
  readonly disk?: DiskFacts;
}

export interface DiskFacts {
  /** The existing directory that was looked at. */
  readonly directory: string;
  /** What an ordinary user may still write, bytes. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Absent where the file system makes inodes as it needs them. */
  readonly freeInodes?: number;
  /** In memory: gone after a boot, and never on a disk. */
  readonly inMemory: boolean;
}

/** A socket that waits for connections or datagrams. */
export interface Listener {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
  /** `nginx (pid 123)`, where that could be found out. */
  readonly process?: string;
  /** Id of the container that the process belongs to. */
  readonly containerId?: string;
}

export interface Gpu {
  readonly vendor: "nvidia" | "amd" | "intel";
  readonly name: string;
  readonly memoryBytes?: number;
  readonly driver?: string;
}
