import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bridge, createNamespace, enterNamespace } from "./network.ts";
import { isAlive, readStartTicks, sendSignal } from "./processes.ts";
import { type EngineRecord, killEngine, removeEngine, removeLeftovers, writeRecord } from "./remove-leftovers.ts";
import { type CommandOptions, type CommandResult, runCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

export interface EngineOptions {
  /** Where the engine keeps its data; a fresh temporary directory by default. Keep it short: it holds Unix sockets. */
  readonly directory?: string;
  /** Addresses of the engine's namespace: "100.64.0.5", or with a prefix length. */
  readonly addresses?: readonly string[];
  /** Connects the namespace to others on the same bridge; a string is the bridge's name. */
  readonly bridge?: string | Bridge;
  /** false: run in the machine's own network namespace (no free ports are promised then). */
  readonly netns?: boolean;
  /** Default: true in an own namespace, false in the machine's, whose firewall is not ours. */
  readonly iptables?: boolean;
  /** Merged over the engine's daemon.json. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Directories that the engine sees elsewhere, by where it sees them: what is there on the machine stays untouched. */
  readonly binds?: Readonly<Record<string, string>>;
}

export interface Engine {
  /** The path of the Unix socket; it works from outside the namespace as well. */
  readonly socket: string;
  /** The name of the network namespace, null for the machine's own. */
  readonly netns: string | null;
  readonly directory: string;
  /** What `docker` and `docker compose` need to talk to this engine and to nothing else. */
  readonly environment: NodeJS.ProcessEnv;
  /** The daemon's process id. */
  pid(): number;
  /** The arguments that start a command inside the engine's network namespace. */
  enter(argv: readonly string[]): string[];
  /** Runs a command inside the engine's network namespace. */
  exec(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs the docker client against this engine. */
  docker(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** The daemon stops answering until `thaw`; containers go on. */
  freeze(): void;
  thaw(): void;
  /** Ends the daemon and waits until it has gone: SIGTERM stops the containers in order, SIGKILL is a crash. */
  endDaemon(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Kills the daemon and all containers at once, as a power cut does; `startDaemon` is the next boot. */
  powerOff(): void;
  startDaemon(): Promise<void>;
  /** Removes everything: containers, daemon, mounts, namespace, directories. Can be repeated. */
  stop(): Promise<void>;
}

/** Unix socket paths end at 107 bytes; containerd's own sockets are the longest below the directory. */
const MAX_DIRECTORY_BYTES = 107 - "/exec/containerd/containerd-debug.sock".length;

const running = new Map<string, EngineRecord>();
let handlersInstalled = false;

function removeRunning(): void {
  for (const record of running.values()) removeEngine(record);
  running.clear();
}

/** A test that fails, is interrupted or forgets `stop` leaves nothing behind. Only SIGKILL does, and `removeLeftovers` finds that. */
function installExitHandlers(): void {
  if (handlersInstalled) return;
  handlersInstalled = true;
  process.on("exit", removeRunning);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      removeRunning();
      process.kill(process.pid, signal);
    });
  }
}

/** Asks the engine whether it answers (`GET /_ping`). */
export function pingEngine(socket: string, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath: socket, path: "/_ping", timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on("timeout", () => ping.destroy());
    ping.on("error", () => resolve(false));
    ping.end();
  });
}

function createRecord(options: EngineOptions): EngineRecord {
  const id = randomBytes(4).toString("hex");
  const ownsDirectory = options.directory === undefined;
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "hf-"));
  if (Buffer.byteLength(directory) > MAX_DIRECTORY_BYTES) {
    throw new Error(`too long for Unix sockets (at most ${MAX_DIRECTORY_BYTES} bytes): ${directory}`);
  }
  const bridge = typeof options.bridge === "string" ? options.bridge : options.bridge?.name;
  return {
    id,
    ownerPid: process.pid,
    ownerStartTicks: readStartTicks(process.pid) ?? "",
    directory,
    ownsDirectory,
    netns: options.netns === false ? null : `hf-${id}`,
    ...(bridge !== undefined && { bridge, veth: `hf${id}` }),
  };
}

function writeConfiguration(record: EngineRecord, options: EngineOptions): void {
  const { directory } = record;
  const configuration = {
    "data-root": join(directory, "data"),
    "exec-root": join(directory, "exec"),
    pidfile: join(directory, "docker.pid"),
    hosts: [`unix://${join(directory, "docker.sock")}`],
    iptables: options.iptables ?? record.netns !== null,
    ip6tables: false,
    // No test machine has a GPU: the name is what Compose files ask for, the runtime behind it is the ordinary one.
    runtimes: { nvidia: { path: "runc" } },
    "shutdown-timeout": 5,
    ...options.configuration,
  };
  mkdirSync(join(directory, "docker-cli"), { recursive: true });
  writeFileSync(join(directory, "daemon.json"), JSON.stringify(configuration, null, 2));
}

/**
 * A daemon that was killed leaves its pid file, and dockerd waits 10 s for a containerd that its pid file names. Where
 * process 1 does not reap, that number stays taken by a zombie.
 */
function removeStalePidFiles(directory: string): void {
  for (const path of [join(directory, "docker.pid"), join(directory, "exec/containerd/containerd.pid")]) {
    if (existsSync(path) && !isAlive(Number(readFileSync(path, "utf8")))) rmSync(path);
  }
}

function readLogTail(directory: string): string {
  const lines = readFileSync(join(directory, "dockerd.log"), "utf8").trim().split("\n");
  return lines.slice(-5).join("\n");
}

/** Mounts what the engine sees elsewhere in a mount namespace that ends with it. */
function withBinds(binds: Readonly<Record<string, string>>, argv: readonly string[]): string[] {
  const pairs = Object.entries(binds).flat();
  if (pairs.length === 0) return [...argv];
  const script = 'while [ "$1" != -- ]; do mount --bind "$2" "$1" || exit 1; shift 2; done; shift; exec "$@"';
  return ["unshare", "--mount", "--propagation", "slave", "--", "sh", "-c", script, "sh", ...pairs, "--", ...argv];
}

function isStopped(pid: number): boolean {
  const states = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8"));
  return states.every((stat) => /\) [Tt] /.test(stat));
}

function createEngine(record: EngineRecord, binds: Readonly<Record<string, string>>): Engine {
  const { directory, netns } = record;
  const socket = join(directory, "docker.sock");
  const environment = { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: join(directory, "docker-cli") };
  let daemon: ChildProcess | undefined;

  const pid = (): number => {
    if (daemon?.pid === undefined || !isAlive(daemon.pid)) throw new Error("the engine's daemon does not run");
    return daemon.pid;
  };
  const enter = (argv: readonly string[]) => enterNamespace(netns, argv);

  async function startDaemon(): Promise<void> {
    removeStalePidFiles(directory);
    const log = openSync(join(directory, "dockerd.log"), "a");
    const [file = "", ...args] = enter(withBinds(binds, ["dockerd", "--config-file", join(directory, "daemon.json")]));
    // Detached: an interrupt from the terminal reaches the test process, which then takes the engine down in order.
    const child = spawn(file, args, { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    daemon = child;
    child.unref();
    let spawnError: Error | undefined;
    child.once("error", (error) => {
      spawnError = error;
    });
    await waitUntil(
      "the engine answers or ends",
      async () => spawnError !== undefined || child.exitCode !== null || child.signalCode !== null || pingEngine(socket),
      { timeoutMs: 30_000 },
    );
    if (spawnError !== undefined) throw spawnError;
    if (child.exitCode !== null) throw new Error(`dockerd ended with exit code ${child.exitCode}:\n${readLogTail(directory)}`);
  }

  async function endDaemon(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const ending = pid();
    sendSignal(ending, "SIGCONT"); // a frozen daemon cannot end in order
    sendSignal(ending, signal);
    await waitUntil("the daemon has ended", () => !isAlive(ending), { timeoutMs: 30_000 });
  }

  return {
    socket,
    netns,
    directory,
    environment,
    pid,
    enter,
    exec: (argv, options) => runCommand(enter(argv), options),
    docker: (argv, options) => runCommand(["docker", ...argv], { environment, ...options }),
    freeze: () => {
      const frozen = pid();
      sendSignal(frozen, "SIGSTOP");
      // Its threads stop one after the other, and one that still runs may answer.
      while (!isStopped(frozen)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    },
    thaw: () => sendSignal(pid(), "SIGCONT"),
    endDaemon,
    powerOff: () => {
      killEngine(directory);
      rmSync(join(directory, "exec"), { recursive: true, force: true }); // it is in /run elsewhere, which a boot empties
    },
    startDaemon,
    stop: async () => {
      removeEngine(record);
      running.delete(record.id);
    },
  };
}

/** Starts a private Docker engine. Rejects with the end of its log, and leaves nothing behind, when it does not come up. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  removeLeftovers();
  const record = createRecord(options);
  installExitHandlers();
  writeRecord(record);
  running.set(record.id, record);
  const engine = createEngine(record, options.binds ?? {});
  try {
    if (record.netns !== null) {
      const bridge = typeof options.bridge === "string" ? { name: options.bridge } : options.bridge;
      const { netns, veth = "" } = record;
      createNamespace({ netns, veth, addresses: options.addresses ?? [], ...(bridge && { bridge }) });
    }
    writeConfiguration(record, options);
    await engine.startDaemon();
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}
