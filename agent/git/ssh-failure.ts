import { readFile, stat } from "node:fs/promises";
import { oneLine } from "../lib/one-line.ts";
import type { HoldfastError } from "../model/error.ts";
import { refused, serverError, unreachable } from "./http-failure.ts";
import type { SshAddress } from "./parse-ssh-address.ts";
import type { SshEnd } from "./ssh-process.ts";

export interface SshContext {
  readonly shown: string;
  readonly address: SshAddress;
  readonly keyFile: string;
  /** Where a host key is to be added. */
  readonly knownHostsFile: string;
}

/** The exit code of ssh for its own failures; any other one is of the program on the other side. */
const sshFailed = 255;

const noRepository =
  /does not appear to be a git repository|repository .{0,200}not (found|exist)|not find repository|project you were looking for|repository not found/i;

/** Why an `ssh` ended before it had sent what was asked for. */
export async function sshFailure(end: SshEnd, context: SshContext): Promise<HoldfastError> {
  const { shown } = context;
  const { exitCode, stderr, startError, timedOut } = end;
  if (startError !== undefined) {
    return startError === "ENOENT"
      ? refused(`${shown}: ssh is not installed on this host`, "install OpenSSH's client (openssh-client), or use https://")
      : unreachable(`${shown}: ssh cannot be started (${startError})`);
  }
  if (timedOut) return unreachable(`${shown}: no answer came in time`);
  return (
    (exitCode === sshFailed ? await connectionFailure(stderr, context) : undefined) ?? remoteFailure(stderr, exitCode, context)
  );
}

async function connectionFailure(stderr: string, context: SshContext): Promise<HoldfastError> {
  const { shown, address } = context;
  const { host } = address;
  const hostKey = hostKeyFailure(stderr, context);
  if (hostKey !== undefined) return hostKey;
  if (/Permission denied|Too many authentication failures/i.test(stderr)) return keyFailure(stderr, context);
  const cannot = /connect to host .*?: (?<reason>.+)|Could not resolve hostname .*?: (?<name>.+)/.exec(stderr)?.groups;
  if (cannot?.["name"] !== undefined) return unreachable(`${shown}: the name of the host cannot be resolved`);
  const reason = connectReasons.find(([pattern]) => pattern.test(cannot?.["reason"] ?? ""))?.[1];
  if (reason !== undefined) return unreachable(`${shown}: ${reason}`);
  if (/Unable to negotiate/i.test(stderr)) {
    return refused(
      `${shown}: ${host} offers only algorithms that this host's ssh refuses`,
      "update the Git server; its log or ssh -v tells which ones",
    );
  }
  if (/timed out|not responding/i.test(stderr)) return unreachable(`${shown}: connecting took too long`);
  if (/reset by|closed by|Broken pipe|kex_exchange_identification|banner exchange/i.test(stderr) || stderr.trim() === "") {
    return unreachable(`${shown}: the connection was closed`, undefined, "check that the port in repository.url speaks ssh");
  }
  return unreachable(`${shown}: ${lastLine(stderr)}`);
}

const connectReasons: readonly (readonly [RegExp, string])[] = [
  [/refused/i, "the connection was refused"],
  [/timed out/i, "connecting took too long"],
  [/No route to host/i, "the host cannot be reached"],
  [/Network is unreachable/i, "the network cannot be reached"],
];

function hostKeyFailure(stderr: string, { shown, address, knownHostsFile }: SshContext): HoldfastError | undefined {
  const { host, port } = address;
  const scan = `ssh-keyscan${port === 22 ? "" : ` -p ${port}`} ${host}`;
  if (/IDENTIFICATION HAS CHANGED/i.test(stderr)) {
    const [, file = knownHostsFile, line] = /^Offending \S+ key in (.+):(\d+)/m.exec(stderr) ?? [];
    return refused(
      `${shown}: the host key of ${host} is not the one in ${oneLine(file)}`,
      `if the server was set up anew, replace ${line === undefined ? "its line" : `line ${line}`} there by the output of: ${scan}; otherwise somebody stands between`,
    );
  }
  if (/REVOKED HOST KEY/i.test(stderr)) {
    return refused(
      `${shown}: the host key of ${host} is marked as revoked`,
      `give the server a new key, and add it to ${knownHostsFile}`,
    );
  }
  if (!/host key is known for|Host key verification failed|authenticity of host/i.test(stderr)) return undefined;
  return refused(
    `${shown}: the host key of ${host} is not known`,
    `compare the server's fingerprint with that of ${scan}, then add it: ${scan} >> ${knownHostsFile}`,
  );
}

// What ssh says depends on whether the public half stands beside the key, and on the server; the file tells more.
async function keyFailure(stderr: string, { shown, address, keyFile }: SshContext): Promise<HoldfastError> {
  const state = await inspectKey(keyFile);
  if (state === "shared" || /UNPROTECTED PRIVATE KEY FILE|bad permissions/i.test(stderr)) {
    return refused(`${shown}: ssh does not use ${keyFile}, since others may read it`, `chmod 600 ${keyFile}`);
  }
  if (state === "encrypted") {
    return refused(
      `${shown}: ${keyFile} has a passphrase, which nobody can type for the agent`,
      `remove it with ssh-keygen -p -N '' -f ${keyFile}, or make a key of its own for this host`,
    );
  }
  if (state !== "fine") {
    return refused(
      `${shown}: ${keyFile} ${state}`,
      "check repository.sshKeyFile: it is the private key, which the agent's user must be able to read",
    );
  }
  return refused(
    `${shown} refused the key of repository.sshKeyFile for the user ${address.user}`,
    `add the line that ssh-keygen -y -f ${keyFile} prints to the repository as a deploy key (read only is enough)`,
  );
}

type KeyState = "fine" | "encrypted" | "shared" | "is not a private key" | `cannot be read (${string})`;

async function inspectKey(path: string): Promise<KeyState> {
  let text: string;
  try {
    const { mode, uid } = await stat(path);
    text = await readFile(path, "utf8");
    // ssh minds only for files of its own user.
    if ((mode & 0o077) !== 0 && uid === process.getuid?.()) return "shared";
  } catch (error) {
    return `cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`;
  }
  const body = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)/.exec(text);
  if (body === null) return "is not a private key";
  if (text.includes("ENCRYPTED")) return "encrypted";
  // OpenSSH's own form: a magic of 15 bytes, then the length and the name of the cipher.
  const cipher = Buffer.from(body[2] ?? "", "base64")
    .subarray(19, 23)
    .toString("latin1");
  return body[1] === "OPENSSH " && cipher !== "none" ? "encrypted" : "fine";
}

/** What the program on the other side said. */
function remoteFailure(stderr: string, exitCode: number | undefined, { shown, address }: SshContext): HoldfastError {
  if (noRepository.test(stderr)) return repositoryMissing(shown);
  if (/dubious ownership/i.test(stderr)) {
    return refused(
      `${shown}: Git on the server does not trust the repository, since it belongs to another user`,
      `on the server, let it belong to ${address.user}, or add it to safe.directory in ${address.user}'s Git configuration`,
    );
  }
  if (exitCode === 127 || /command not found|unrecognized command/i.test(stderr)) {
    return refused(
      `${shown}: git-upload-pack cannot be run there`,
      "install Git on the server, and let the key run git-upload-pack",
    );
  }
  const said = lastLine(stderr);
  if (said === "") return unreachable(`${shown}: the connection was closed`);
  return serverError(shown, said);
}

/** An answer that says in Git's own way that the repository is not there. */
export function explainRefusal(shown: string, text: string): HoldfastError {
  return noRepository.test(text) ? repositoryMissing(shown) : serverError(shown, text);
}

function repositoryMissing(shown: string): HoldfastError {
  return refused(
    `there is no repository at ${shown}, or the key may not read it`,
    "check the path in repository.url, and that the key in repository.sshKeyFile is a deploy key of this repository",
  );
}

/** The last line that says something; forges frame theirs with empty lines and rules. */
function lastLine(stderr: string): string {
  const plain = stderr.replace(/\u001b\[[0-9;]*m/g, "");
  const lines = plain.split(/[\r\n]+/).map((line) => line.replace(/^(remote|fatal|error|ERROR):\s*/, "").trim());
  return oneLine(lines.findLast((line) => /\p{L}/u.test(line)) ?? "");
}
