import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePort } from "../servers/free-port.ts";

const SSHD = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path));

export interface SshServer {
  readonly port: number;
  /** Who may log in. */
  readonly user: string;
  readonly directory: string;
  /** The private key that is let in, and a file with the server's key; both as the agent is given them. */
  readonly keyFile: string;
  readonly knownHostsFile: string;
  url(repository: string): string;
  /** How many logins there were. */
  logins(): number;
}

export interface SshServerOptions {
  /** What runs whatever the client asks for; git-shell by default, as a careful administrator sets it up. */
  readonly command?: string;
  /** Whether Git's protocol version 2 gets through. */
  readonly version2?: boolean;
}

/** A test that needs OpenSSH's server, which `test/engine/install.sh` installs. */
export function sshTest(name: string, body: (t: TestContext) => Promise<void>): void {
  test(name, { skip: SSHD === undefined ? "sshd is not installed" : false }, body);
}

/** Makes a key pair and returns the path of its private half. */
export function makeKey(path: string, passphrase = ""): string {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", path]);
  return path;
}

/** Serves repositories with the real sshd on the loopback address until the test ends. */
export async function startSshServer(t: TestContext, directory: string, options: SshServerOptions = {}): Promise<SshServer> {
  const port = await findFreePort();
  const at = (name: string): string => join(directory, name);
  const keyFile = makeKey(at("id_ed25519"));
  const hostKey = makeKey(at("host-key"));
  const command = options.command ?? 'git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"';
  writeFileSync(at("authorized_keys"), `restrict,command="${command}" ${readFileSync(`${keyFile}.pub`, "utf8")}`);
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, "utf8")}`);
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${hostKey}`,
    `PidFile ${at("sshd.pid")}`,
    `AuthorizedKeysFile ${at("authorized_keys")}`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    ...(options.version2 === false ? [] : ["AcceptEnv *"]),
  ];
  writeFileSync(at("sshd_config"), `${lines.join("\n")}\n`);
  // sshd insists on it when it is root.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  let log = "";
  const child = spawn(SSHD ?? "", ["-D", "-e", "-f", at("sshd_config")], { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  t.after(() => stop(child));
  await listening(port, () => log);
  const { username } = userInfo();
  return {
    port,
    user: username,
    directory,
    keyFile,
    knownHostsFile: at("known_hosts"),
    url: (repository) => `ssh://${username}@127.0.0.1:${port}${repository}`,
    logins: () => log.split("Accepted publickey").length - 1,
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

async function listening(port: number, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const open = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(
      () => false,
    );
    socket.destroy();
    if (open) return;
    await delay(25);
  }
  throw new Error(`sshd did not start: ${log()}`);
}
