import type { Environment } from "../lib/select-proxy.ts";

/** What of a repository is too much; exceeding one is a stalled `source-too-large`. */
export interface SourceLimits {
  /** Bytes of one answer to a fetch, and of one pack of a local repository. */
  readonly packBytes: number;
  /** Files and directories below the path that is read. */
  readonly files: number;
  readonly blobBytes: number;
  /** Bytes of one path below the path that is read. */
  readonly pathLength: number;
  /** Directories inside each other. */
  readonly depth: number;
}

export interface SourceTimeouts {
  readonly connectMs: number;
  /** From a request to the first byte of its answer. */
  readonly headersMs: number;
  /** Between two pieces of an answer. */
  readonly idleMs: number;
  /** For a whole poll. */
  readonly pollMs: number;
  /** For a whole fetch. */
  readonly fetchMs: number;
}

/** Which revisions may be converged. */
export interface SourceTrust {
  /** ssh-keygen's file of allowed signers, absolute: only what one of them signed, or a key of `gpgKeyring`. */
  readonly allowedSigners?: string;
  /** A file of exported OpenPGP public keys, absolute: only what one of them signed, or one of `allowedSigners`. */
  readonly gpgKeyring?: string;
  /** Whether the history may be rewritten; by default only when nobody has to sign. */
  readonly allowForcePush?: boolean;
}

export interface SourceOptions extends SourceTrust {
  /** http(s):// without credentials, ssh://user@host/path, user@host:path, file://, or an absolute path. */
  readonly url: string;
  /** Short name of the branch; `main` when there is no `tag` either. */
  readonly branch?: string;
  /** Pattern of tags, `v*`: the highest version that matches is followed. */
  readonly tag?: string;
  /** Absolute path of the agent's own bare repository; made with mode 0700, unused for a local repository. */
  readonly gitDirectory: string;
  /** Asked before every operation, so that a token can be replaced while the agent runs. */
  readonly token?: () => Promise<string | undefined>;
  /** For forges that want one beside the token. */
  readonly username?: string;
  /** PEM file of the authorities that are trusted instead of the public ones. */
  readonly caFile?: string;
  /** Private key for ssh, absolute; without a passphrase. */
  readonly sshKeyFile?: string;
  /** Host keys that are trusted for ssh, instead of the `known_hosts` beside the key and the machine's. */
  readonly knownHostsFile?: string;
  /** Where HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are looked up; the process's own by default. */
  readonly environment?: Environment;
  readonly limits?: Partial<SourceLimits>;
  readonly timeouts?: Partial<SourceTimeouts>;
  /** Told how many bytes of content came from the server. */
  readonly onReceived?: (bytes: number) => void;
  /** Milliseconds since the epoch, for servers that ask to wait. */
  readonly nowMs?: () => number;
}

// A fetch holds the answer four to five times while it indexes it, and reading holds a pack twice: these limits are memory.
export const defaultLimits: SourceLimits = {
  packBytes: 64 * 1024 * 1024,
  files: 10_000,
  blobBytes: 16 * 1024 * 1024,
  pathLength: 1024,
  depth: 32,
};

export const defaultTimeouts: SourceTimeouts = {
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 30_000,
  pollMs: 30_000,
  fetchMs: 300_000,
};
