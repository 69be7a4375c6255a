// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * fleet.yaml: what holds for all hosts of a repository.
 */
export interface Fleet {
  /**
   * Time between two polls of the repository, jittered by 10 %; at least 10s.
   */
  interval?: string;
  vars?: Vars;
  agent?: AgentRelease;
  alerts?: Alerts;
  policy?: Policy;
  /**
   * Protection against removing stacks by mistake.
   */
  prune?: {
    /**
     * Share or number of a host's stacks that one revision may remove; more is held until it is confirmed.
     */
    maxRemovals?: number | string;
  };
  /**
   * How the agents of a fleet talk to each other.
   */
  fleet?: {
    /**
     * File on the host with the token that is sent to other agents, only at an `address` of a host file.
     */
    tokenFile?: string;
  };
  defaults?: Defaults;
}
/**
 * Variables for every stack on every host, for `${NAME}` in Compose files.
 */
export interface Vars {
  /**
   * Value of the variable, taken as it is written.
   */
  [k: string]: string | number | boolean;
}
/**
 * Release of Holdfast that every agent puts in its own place; without it they stay as they were installed.
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
/**
 * Where alerts go, and what they carry.
 */
export interface Alerts {
  /**
   * Labels that are added to every alert.
   */
  labels?: {
    /**
     * Value of the label.
     */
    [k: string]: string;
  };
  /**
   * Least time that an alert fires, so that a drift healed at once is still seen; longer than Alertmanager's `group_wait`.
   */
  minFiring?: string;
  /**
   * Alertmanagers (API v2); each of them gets every alert.
   */
  alertmanager?: Receiver[];
  /**
   * Receivers of Alertmanager's own webhook payload (version 4), for fleets without an Alertmanager.
   */
  webhook?: Webhook[];
  /**
   * Address where people find docs/operations.md; each alert's `runbook_url` leads to its section there.
   */
  runbook?: string;
  /**
   * Whether HoldfastHeartbeat is sent for dead-man switches, only while reconciliations finish.
   */
  heartbeat?: boolean;
}
/**
 * One Alertmanager.
 */
export interface Receiver {
  /**
   * Address of the server.
   */
  url: string;
  /**
   * File on the host with the bearer token that is sent with each request.
   */
  bearerTokenFile?: string;
  /**
   * User name and password that are sent with each request.
   */
  basicAuth?: {
    /**
     * User name.
     */
    username: string;
    /**
     * File on the host with the password.
     */
    passwordFile: string;
  };
  /**
   * File on the host with the certificates (PEM) that the server's certificate is checked against.
   */
  caFile?: string;
}
/**
 * One receiver.
 */
export interface Webhook {
  /**
   * Address of the server.
   */
  url: string;
  /**
   * File on the host with the bearer token that is sent with each request.
   */
  bearerTokenFile?: string;
  /**
   * User name and password that are sent with each request.
   */
  basicAuth?: {
    /**
     * User name.
     */
    username: string;
    /**
     * File on the host with the password.
     */
    passwordFile: string;
  };
  /**
   * File on the host with the certificates (PEM) that the server's certificate is checked against.
   */
  caFile?: string;
}
/**
 * Guardrails, each `off`, `warn` or `enforce` (the stack is not converged); the stricter of this and the host's own agent.yaml wins.
 */
export interface Policy {
  /**
   * Images without a tag, or with the tag `latest`.
   */
  "image-latest-tag"?: "off" | "warn" | "enforce";
  /**
   * Images without a digest.
   */
  "image-not-pinned"?: "off" | "warn" | "enforce";
  /**
   * Ports that are published on every address of the host (0.0.0.0 or [::]).
   */
  "wildcard-bind"?: "off" | "warn" | "enforce";
  /**
   * Privileged services, the host's process, IPC or network namespace, `cap_add: [ALL]`, and the Docker socket mounted.
   */
  privileged?: "off" | "warn" | "enforce";
  /**
   * Services without a health check.
   */
  "no-healthcheck"?: "off" | "warn" | "enforce";
  /**
   * Services without a memory limit.
   */
  "no-limits"?: "off" | "warn" | "enforce";
  /**
   * Services that run as root.
   */
  "runs-as-root"?: "off" | "warn" | "enforce";
  /**
   * Password-like values in committed files that are not encrypted.
   */
  "secret-in-plain-text"?: "off" | "warn" | "enforce";
  /**
   * Registries that images may come from.
   */
  "allowed-registries"?: {
    /**
     * What is done about an image from another registry.
     */
    level: "off" | "warn" | "enforce";
    /**
     * Host names of the allowed registries.
     *
     * @minItems 1
     *
     * Items: Host name of a registry, with its port if it has one.
     */
    registries: string[];
  };
}
/**
 * Defaults for every stack.yaml: any of its fields but `hosts` and `compose`.
 */
export interface Defaults {
  /**
   * Default for `root` of every stack.
   */
  root?: string;
  vars?: Vars1;
  /**
   * Default for `secrets` of every stack.
   *
   * Items: Path of a SOPS file below `root`.
   */
  secrets?: string[];
  /**
   * Default for `hostEnvFiles` of every stack.
   *
   * Items: Path of a file below hostEnvDir.
   */
  hostEnvFiles?: string[];
  /**
   * Default for `dependsOn` of every stack.
   *
   * Items: Name of a stack.
   */
  dependsOn?: string[];
  requires?: Requires;
  drift?: Drift;
  /**
   * Default for `onChange` of every stack.
   *
   * Items: Files, and what is done when one of them changes.
   */
  onChange?: {
    /**
     * Paths of files below `root`; may contain *, ** and {a,b}. Of several entries for a file and a service, the last one holds.
     *
     * @minItems 1
     *
     * Items: Path or pattern.
     */
    files: string[];
    /**
     * Name of a service of this stack.
     */
    service: string;
    /**
     * Whether the service's containers get a signal, are restarted, or are replaced, which is also what happens without an entry.
     */
    action: "recreate" | "restart" | "signal";
    /**
     * Signal that is sent, with the action `signal`.
     */
    signal?: string;
  }[];
  verify?: Verify;
  /**
   * Default for `rollback` of every stack.
   */
  rollback?: true | false | "always";
  /**
   * Default for `adopt` of every stack.
   */
  adopt?: boolean;
  hooks?: Hooks;
  /**
   * Default for `jobs` of every stack.
   *
   * Items: One scheduled run.
   */
  jobs?: {
    /**
     * Name of the job.
     */
    name: string;
    /**
     * Name of a service of this stack.
     */
    service: string;
    /**
     * When it runs, as a cron expression.
     */
    schedule: string;
    /**
     * Time zone of the schedule; by default the host's.
     */
    timezone?: string;
    /**
     * Time that the run may take.
     */
    timeout?: string;
    /**
     * Time within which it must have succeeded once more.
     */
    deadline?: string;
    /**
     * How often a failed run is tried again.
     */
    retries?: number;
  }[];
}
/**
 * Default for `vars` of every stack.
 */
export interface Vars1 {
  /**
   * Value of the variable, taken as it is written.
   */
  [k: string]: string | number | boolean;
}
/**
 * Default for `requires` of every stack.
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
 * Default for `drift` of every stack.
 */
export interface Drift {
  /**
   * What is done about drift at most: heal it, only report it, or ignore it.
   */
  mode?: "heal" | "report" | "ignore";
  rules?: DriftRules;
}
/**
 * What is done about one kind of drift, whatever the mode.
 */
export interface DriftRules {
  /**
   * Fewer containers of a service than desired.
   */
  "service-missing"?: "heal" | "report" | "ignore";
  /**
   * More or fewer containers of a service than its replicas.
   */
  replicas?: "heal" | "report" | "ignore";
  /**
   * A container that should run does not.
   */
  stopped?: "heal" | "report" | "ignore";
  /**
   * A container is paused.
   */
  paused?: "heal" | "report" | "ignore";
  /**
   * A container crash-loops.
   */
  restarting?: "heal" | "report" | "ignore";
  /**
   * The Compose definition, environment or project differs from the container's.
   */
  definition?: "heal" | "report" | "ignore";
  /**
   * A mounted, config or secret file differs from the one that the container was started with.
   */
  files?: "heal" | "report" | "ignore";
  /**
   * Someone edited a file that Holdfast placed; an explicit `heal` also holds for files that a container may write.
   */
  "files-edited"?: "heal" | "report" | "ignore";
  /**
   * The tag now names another local image than the container's.
   */
  "image-local"?: "heal" | "report" | "ignore";
  /**
   * The tag names another digest in the registry.
   */
  "image-moved"?: "heal" | "report" | "ignore";
  /**
   * `docker update` changed CPU, memory or the restart policy.
   */
  limits?: "heal" | "report" | "ignore";
  /**
   * A network was connected or disconnected by hand.
   */
  network?: "heal" | "report" | "ignore";
  /**
   * A container was renamed by hand.
   */
  renamed?: "heal" | "report" | "ignore";
  /**
   * A container with Holdfast's label that no service declares, or one of an inactive profile.
   */
  orphan?: "heal" | "report" | "ignore";
  /**
   * A container in an adopted project that does not carry Holdfast's label.
   */
  foreign?: "heal" | "report" | "ignore";
  /**
   * A new Compose or Holdfast would do something differently.
   */
  "tool-changed"?: "heal" | "report" | "ignore";
  /**
   * A stack that Holdfast converged and that is no longer in the repository.
   */
  "unmanaged-stack"?: "heal" | "report" | "ignore";
  /**
   * The definition of a named volume differs.
   */
  volume?: "heal" | "report" | "ignore";
  /**
   * The definition of a network differs.
   */
  "network-definition"?: "heal" | "report" | "ignore";
  /**
   * A health check or a probe fails.
   */
  unhealthy?: "heal" | "report" | "ignore";
}
/**
 * Default for `verify` of every stack.
 */
export interface Verify {
  /**
   * Time until containers are healthy and every probe has passed.
   */
  timeout?: string;
  /**
   * Time between two continuous checks.
   */
  interval?: string;
  /**
   * Probes, all of which must pass.
   *
   * Items: One probe, of exactly one kind.
   */
  probes?: {
    /**
     * An HTTP request; redirects are not followed, and certificates are checked.
     */
    http?: {
      /**
       * URL that is requested; may contain variables.
       */
      url?: string;
      /**
       * Service whose container is asked at its own address, instead of `url`.
       */
      service?: string;
      /**
       * Port of the container.
       */
      port?: number;
      /**
       * Path that is requested of the container.
       */
      path?: string;
      /**
       * Status that is expected; any 2xx by default.
       */
      status?: number;
      /**
       * Text that the answer must contain.
       */
      contains?: string;
      /**
       * Time until the answer must be there.
       */
      timeout?: string;
    };
    /**
     * A TCP connection.
     */
    tcp?: {
      /**
       * Host and port; may contain variables.
       */
      address: string;
      /**
       * Time until the answer must be there.
       */
      timeout?: string;
    };
    /**
     * A DNS query.
     */
    dns?: {
      /**
       * Address of the DNS server, with its port if that is not 53; may contain variables.
       */
      server: string;
      /**
       * Name that is asked for; may contain variables.
       */
      name: string;
      /**
       * Type of the record.
       */
      type?: "A" | "AAAA" | "CNAME" | "MX" | "NS" | "PTR" | "SRV" | "TXT";
      /**
       * Time until the answer must be there.
       */
      timeout?: string;
    };
    /**
     * A command in a service's container, which must exit 0.
     */
    exec?: {
      /**
       * Name of a service of this stack.
       */
      service: string;
      /**
       * Command and its arguments.
       *
       * @minItems 1
       *
       * Items: Command or argument.
       */
      command: string[];
      /**
       * Time until the answer must be there.
       */
      timeout?: string;
    };
  }[];
}
/**
 * Default for `hooks` of every stack.
 */
export interface Hooks {
  /**
   * Runs before converging; a failing one stops the step.
   *
   * Items: One-off run of a service.
   */
  preConverge?: {
    /**
     * Name of a service of this stack.
     */
    service: string;
    /**
     * Command and its arguments.
     *
     * @minItems 1
     *
     * Items: Command or argument.
     */
    command: string[];
    /**
     * Time that the run may take.
     */
    timeout?: string;
  }[];
  /**
   * Runs after converging.
   *
   * Items: One-off run of a service.
   */
  postConverge?: {
    /**
     * Name of a service of this stack.
     */
    service: string;
    /**
     * Command and its arguments.
     *
     * @minItems 1
     *
     * Items: Command or argument.
     */
    command: string[];
    /**
     * Time that the run may take.
     */
    timeout?: string;
  }[];
}
