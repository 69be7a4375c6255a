import { dirname, join } from "node:path";
import type { SshAddress } from "./parse-ssh-address.ts";

interface SshArgumentsOptions {
  readonly address: SshAddress;
  /** Absolute paths, in which nothing is left for ssh to expand. */
  readonly keyFile: string;
  readonly knownHostsFiles: KnownHostsFiles;
  readonly connectMs: number;
}

export interface KnownHostsFiles {
  /** Where a new key is to be added. */
  readonly own: string;
  /** The machine's, or `none`. */
  readonly common: string;
}

/** The files with the host keys that are trusted: exactly the one that was named, or what stands beside the key and the machine's. */
export function knownHostsFiles(keyFile: string, named: string | undefined): KnownHostsFiles {
  if (named !== undefined) return { own: named, common: "none" };
  return { own: join(dirname(keyFile), "known_hosts"), common: "/etc/ssh/ssh_known_hosts" };
}

/** What `ssh` is called with to run `git-upload-pack` for the repository. It reads no configuration, asks nobody, and writes nothing. */
export function sshArguments(options: SshArgumentsOptions): readonly string[] {
  const { address, keyFile, connectMs } = options;
  const settings = {
    BatchMode: "yes",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: literal(options.knownHostsFiles.own),
    GlobalKnownHostsFile: literal(options.knownHostsFiles.common),
    UpdateHostKeys: "no",
    IdentityFile: literal(keyFile),
    // Without these, the keys of an agent or of a home directory would be tried first, and a server stops after a few.
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    PreferredAuthentications: "publickey",
    ConnectTimeout: String(Math.max(1, Math.ceil(connectMs / 1000))),
    ServerAliveInterval: "15",
    ServerAliveCountMax: "2",
    SendEnv: "GIT_PROTOCOL",
    // No banner of the server among what it says is wrong.
    LogLevel: "ERROR",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const { user, host, port, path } = address;
  return ["-F", "none", "-T", "-a", "-x", ...flags, "-p", String(port), "-l", user, "--", host, `git-upload-pack ${quote(path)}`];
}

/** A path as ssh takes it in a setting: one word, nothing expanded. */
function literal(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}

/** Whether a path can be given to ssh, which has no way to write these. */
export function isPlainPath(path: string): boolean {
  return !/["\\\u0000-\u001f\u007f]|\$\{/.test(path);
}

/** A word for the shell on the other side, and for git-shell, which undoes the same quoting; `!` is for csh. */
function quote(path: string): string {
  return `'${path.replace(/['!]/g, (character) => `'\\${character}'`)}'`;
}
