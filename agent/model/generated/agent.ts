// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * /etc/holdfast/agent.yaml: the configuration of the agent on one host.
 */
export interface Agent {
  /**
   * Name of this host in the repository; by default the machine's host name up to the first dot, in lower case.
   */
  host?: string;
  repository: Repository;
  /**
   * Time between two polls of the repository until a fleet.yaml says otherwise, jittered by 10 %; at least 10s.
   */
  interval?: string;
  /**
   * Address and port of the HTTP server: health, status and webhook; an address that is not loopback needs tokenFile. Port 0 takes any that is free.
   */
  listen?: string;
  /**
   * File with the token that clients of `listen` must send, mode 600.
   */
  tokenFile?: string;
  tls?: Tls;
  /**
   * Further names that requests to `listen` may carry in their Host header: those in the URLs that clients use.
   *
   * Items: Host name or address, without a port.
   */
  allowedHosts?: string[];
  /**
   * File with the secret of the Git server's push webhook, mode 600; without it there is no webhook.
   */
  webhookSecretFile?: string;
  /**
   * File with the age key that decrypts the stacks' secrets.
   */
  ageKeyFile?: string;
  docker?: Docker;
  /**
   * Directory of the stacks' hostEnvFiles.
   */
  hostEnvDir?: string;
  policy?: Policy;
  /**
   * Directory of the agent's state and of the stacks' files.
   */
  stateDir?: string;
  /**
   * Directory on tmpfs for what must not reach a disk.
   */
  runtimeDir?: string;
  /**
   * The agent's log: JSON lines, readable lines on a terminal.
   */
  log?: {
    /**
     * Least severity that is logged.
     */
    level?: "debug" | "info" | "warn" | "error";
  };
}
/**
 * The Git repository that the host follows.
 */
export interface Repository {
  /**
   * Address of the repository: https://, http://, ssh://, git@host:path, file://, or a local path.
   */
  url: string;
  /**
   * Branch that is followed.
   */
  branch?: string;
  /**
   * Pattern of tags, instead of branch; the highest semantic version (v1.2.3) that matches is followed. * stands for any characters, ? for one. Prereleases are followed only when the pattern asks for them (v*-rc*).
   */
  tag?: string;
  /**
   * Directory of the desired state in the repository.
   */
  path?: string;
  /**
   * File with the token or password for http and https.
   */
  tokenFile?: string;
  /**
   * User name that is sent with the token, for forges that want one.
   */
  username?: string;
  /**
   * File with the private key for ssh, without a passphrase; required for ssh.
   */
  sshKeyFile?: string;
  /**
   * File with the only host keys that are accepted for ssh; by default known_hosts beside sshKeyFile and /etc/ssh/ssh_known_hosts. Unknown and changed keys are always refused.
   */
  knownHostsFile?: string;
  /**
   * File with the certificates (PEM) that the Git server's certificate is checked against.
   */
  caFile?: string;
  /**
   * File with the SSH keys (ssh-keygen's allowed signers) that a revision must be signed by; others are not converged. With tag, the tag object must be signed. Beside gpgKeyring, one of the two kinds will do.
   */
  allowedSigners?: string;
  /**
   * File with the OpenPGP public keys (what gpg --export writes, armored or not) that a revision must be signed by; others are not converged. With tag, the tag object must be signed. Beside allowedSigners, one of the two kinds will do.
   */
  gpgKeyring?: string;
  /**
   * Whether a revision that does not descend from the last one is converged; false is the default with allowedSigners or gpgKeyring.
   */
  allowForcePush?: boolean;
}
/**
 * Certificate of `listen`, which then speaks HTTPS only.
 */
export interface Tls {
  /**
   * File with the certificate chain (PEM); a renewed one is taken without a restart.
   */
  certFile: string;
  /**
   * File with the private key (PEM).
   */
  keyFile: string;
}
/**
 * How the Docker engine is reached.
 */
export interface Docker {
  /**
   * Unix socket of the engine.
   */
  socket?: string;
  /**
   * Docker's config.json with the registry credentials, for Compose and for registry checks.
   */
  configFile?: string;
}
/**
 * Guardrails of this host, as in fleet.yaml; a repository can only tighten them.
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
