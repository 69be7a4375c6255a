// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * hosts/<host>.yaml: one host of the fleet; the file's name is the host's name.
 */
export interface Host {
  /**
   * Platform of the host; must match the engine's.
   */
  platform?: "linux/amd64" | "linux/arm64";
  /**
   * Labels that stacks select hosts by.
   */
  labels?: {
    /**
     * Value of the label.
     */
    [k: string]: string;
  };
  vars?: Vars;
  /**
   * Where the fleet page and `holdfast status --fleet` reach this host's agent.
   */
  address?: string;
  requires?: Requires;
  agent?: AgentRelease;
  /**
   * Whether the host is only observed and reported, and nothing is changed.
   */
  suspend?: boolean;
}
/**
 * Variables for the stacks of this host; they win over those of fleet.yaml.
 */
export interface Vars {
  /**
   * Value of the variable, taken as it is written.
   */
  [k: string]: string | number | boolean;
}
/**
 * What must hold on this host before anything is converged.
 */
export interface Requires {
  /**
   * Versions of the Docker engine that will do.
   */
  docker?: string;
  /**
   * Versions of Docker Compose that will do.
   */
  compose?: string;
  /**
   * Memory that the host must have.
   */
  memory?: string;
  /**
   * GPUs that the host must have.
   */
  gpu?: {
    /**
     * Vendor of the GPUs.
     */
    vendor?: "nvidia" | "amd" | "intel";
    /**
     * Least number of GPUs.
     */
    count?: number;
    /**
     * Memory that each GPU must have.
     */
    memory?: string;
  };
  /**
   * Directories and the free space that they must have.
   *
   * Items: Directory on the host.
   */
  disk?: {
    /**
     * Absolute path of the directory; may contain variables.
     */
    path: string;
    /**
     * Space that must be free.
     */
    free?: string;
    /**
     * Whether a missing directory is created; an existing one is never changed.
     */
    create?: boolean;
    /**
     * Mode of a directory that is created, as octal digits in quotes.
     */
    mode?: string;
  }[];
  /**
   * IP addresses that the host must have; may contain variables.
   *
   * Items: IP address.
   */
  addresses?: string[];
  /**
   * Commands that must be installed on the host.
   *
   * Items: Name of a command.
   */
  commands?: string[];
}
/**
 * Release of Holdfast for this host instead of that of fleet.yaml, so that one host goes first.
 */
export interface AgentRelease {
  /**
   * Version of the release, as `holdfast --version` prints it.
   */
  version: string;
  /**
   * Where the release lies: `holdfast-linux-x64.gz` and `holdfast-linux-arm64.gz` are fetched from below it.
   */
  url: string;
  /**
   * SHA-256 of each platform's executable, from SHA256SUMS of the release; anything else is not run.
   */
  sha256: {
    /**
     * SHA-256 of `holdfast-linux-x64`.
     */
    "linux-x64"?: string;
    /**
     * SHA-256 of `holdfast-linux-arm64`.
     */
    "linux-arm64"?: string;
  };
}
