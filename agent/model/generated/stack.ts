// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * stacks/<stack>/stack.yaml: which hosts run the stack, and how; the directory's name is the stack's and the Compose project's name.
 */
export interface Stack {
  /**
   * Hosts that run the stack: `all`, those with all of some labels, or those with some names.
   */
  hosts:
    | "all"
    | {
        /**
         * Labels that a host must have, all of them.
         */
        labels: {
          /**
           * Value of the label.
           */
          [k: string]: string;
        };
      }
    | {
        /**
         * Names of hosts.
         *
         * @minItems 1
         *
         * Items: Name of a host.
         */
        names: string[];
      };
  /**
   * Directory that is put on the host, relative to this file; may be wider than the stack's own directory, never outside the repository.
   */
  root?: string;
  compose?: Compose;
  vars?: Vars;
  /**
   * SOPS files (env, yaml or json, age keys) whose values become variables and Compose secrets.
   *
   * Items: Path of a SOPS file below `root`.
   */
  secrets?: string[];
  /**
   * Files with variables that stay on the host, below the agent's hostEnvDir: regular files of root's, mode 600 or stricter.
   *
   * Items: Path of a file below hostEnvDir.
   */
  hostEnvFiles?: string[];
  /**
   * Stacks on the same host that must be healthy first.
   *
   * Items: Name of a stack.
   */
  dependsOn?: string[];
  /**
   * Guardrails of fleet.yaml that do not hold for this stack, each with a reason and an end; a host's own policy holds all the same.
   */
  policyExceptions?: PolicyException[];
  requires?: Requires;
  drift?: Drift;
  /**
   * What is done when a mounted file changes; by default the services that mount it are recreated.
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
   * Whether a revision that does not get healthy is rolled back to the last one that verified; `always`: also with preConverge hooks.
   */
  rollback?: true | false | "always";
  /**
   * Whether a project of this name that already runs on the host without Holdfast is taken over.
   */
  adopt?: boolean;
  hooks?: Hooks;
  /**
   * Scheduled one-off runs of services of this stack.
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
 * The Compose files and what they are read with.
 */
export interface Compose {
  /**
   * Compose files below `root`, later ones win; the project's directory is that of the first.
   *
   * @minItems 1
   *
   * Items: Path of a Compose file.
   */
  files?: string[];
  /**
   * Compose profiles that are active.
   *
   * Items: Name of a profile.
   */
  profiles?: string[];
  /**
   * Committed files with variables (NAME=value) below `root`, later ones win.
   *
   * Items: Path of a file with variables.
   */
  envFiles?: string[];
}
/**
 * Variables of this stack; they win over those of fleet.yaml and of the host.
 */
export interface Vars {
  /**
   * Value of the variable, taken as it is written.
   */
  [k: string]: string | number | boolean;
}
/**
 * One exception.
 */
export interface PolicyException {
  /**
   * The guardrail.
   */
  rule:
    | "image-latest-tag"
    | "image-not-pinned"
    | "wildcard-bind"
    | "privileged"
    | "no-healthcheck"
    | "no-limits"
    | "runs-as-root"
    | "secret-in-plain-text"
    | "allowed-registries";
  /**
   * The service that it does not hold for; without it, all of the stack.
   */
  service?: string;
  /**
   * Why, for those who read it later.
   */
  reason: string;
  /**
   * Last day of the exception, in UTC.
   */
  expires: string;
}
/**
 * What must hold on the host before this stack is converged.
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
 * What is done when the host differs from the repository.
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
 * What must work after converging, and as continuous health.
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
 * One-off runs of services of this stack around converging.
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
