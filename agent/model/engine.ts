/** What an engine says of itself. */
export interface EngineInfo {
  /** `26.1.5+dfsg1`. */
  readonly version: string;
  /** `linux/amd64`. */
  readonly platform: string;
  /** Names of its runtimes. */
  readonly runtimes: readonly string[];
  /** `1` or `2`. */
  readonly cgroupVersion: string;
  /** Absolute directory of its images and volumes. */
  readonly dataDirectory: string;
  /** Whether the kernel can limit swap: where it cannot, the engine drops such a limit. */
  readonly limitsSwap: boolean;
  /** Registries (`host:port`) and blocks of addresses that it asks without TLS, or with any certificate. */
  readonly insecureRegistries: readonly string[];
}

/** A port of the host that a container publishes now. */
export interface PublishedPort {
  /** `0.0.0.0` or `::` for every address of a family. */
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  /** Name of the container. */
  readonly container: string;
  /** The Compose project that it belongs to, if any. */
  readonly project?: string;
}

/** What is taken on an engine, by names. */
export interface EngineUsage {
  /** Every container that runs, with the Compose project that it belongs to. */
  readonly containers: readonly { readonly id: string; readonly name: string; readonly project?: string }[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly published: readonly PublishedPort[];
}

/** How a container came to run as it does. */
export interface ContainerStart {
  /** Differs for each start. */
  readonly startedAt: string;
  /** How often the engine has started it again by itself since it was created or started by hand. */
  readonly restarts: number;
}

/** A command in a container. */
export interface ExecRequest {
  readonly containerId: string;
  /** Never through a shell. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** How much of the end of its output is kept. */
  readonly outputBytes: number;
}

/** What came of a command in a container. */
export type ExecResult =
  | { readonly ended: true; readonly exitCode: number; readonly output: string }
  /** It still runs: an engine cannot end it. */
  | { readonly ended: false; readonly execId: string; readonly output: string };
