import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { findPlugin } from "../../agent/compose/find-plugin.ts";
import { loadImages } from "../engine/load-images.ts";
import { type CommandOptions, type CommandResult, runCommand } from "../engine/run-command.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { ensureRelease } from "../release/ensure-release.ts";
import { createBareRepository, type GitRepository } from "../servers/git-repository.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

const CACHE = process.env["HOLDFAST_TEST_CACHE"] ?? "/var/cache/holdfast-test";
const BUILD_SCRIPT = join(import.meta.dirname, "build-root.sh");
const NAME = "machine";
const UNIT = "holdfast.service";
const DROP_IN = `/etc/systemd/system/${UNIT}.d`;
/** Where the release lies on the machine. */
const RELEASE = "/release";

export interface MachineOptions {
  /** Debian 12 has systemd 252, Debian 13 systemd 257. */
  readonly suite: "bookworm" | "trixie";
  /** Debian's name of an architecture; the machine's own by default. */
  readonly architecture?: "amd64" | "arm64";
  /** Images of the test catalog that its engine has. */
  readonly images?: readonly string[];
}

/** A Debian with systemd, in a container that sees the engine which it runs on, and a Git server that it can reach. */
export interface Machine {
  readonly engine: Engine;
  /** Of its container. */
  readonly name: string;
  readonly repository: GitRepository;
  /** Where the repository is served, seen from the machine. */
  readonly repositoryUrl: string;
  /** A directory whose files are served at `filesUrl`. */
  readonly files: string;
  readonly filesUrl: string;
  /** Runs a command on it. */
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs a line of shell on it and returns what it prints. */
  sh(line: string): Promise<string>;
  /** Runs the release's install.sh, whatever comes of it. */
  install(...args: readonly string[]): Promise<CommandResult>;
  /** Lines of the `[Service]` section that the agent's unit has beside its own until the next call. */
  override(...lines: readonly string[]): Promise<void>;
  /** A property of the agent's unit. */
  show(property: string): Promise<string>;
  /** The log of the agent's unit. */
  log(): Promise<string>;
  /** Waits until the agent says that this revision is in force and healthy. */
  waitHealthy(revision: string): Promise<void>;
  reboot(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a machine that Holdfast is not installed on yet. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { suite, architecture = nativeArchitecture(), images = ["busybox:1.35"] } = options;
  const directory = createTemporaryDirectory("hf-sd-");
  const [root, release] = await Promise.all([ensureRoot(suite, architecture), ensureRelease()]);
  const state = join(directory, "state");
  mkdirSync(state, { mode: 0o700 });
  // Containers mount files of stacks by their path on the machine, which the engine has to see at the same place.
  mkdirSync("/var/lib/holdfast", { recursive: true });
  const engine = await startEngine({ binds: { "/var/lib/holdfast": state } });
  const servers: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers) server.kill();
    await engine.stop();
    removeTemporaryDirectory(directory);
  };
  try {
    await loadImages(engine.socket, images);
    const repositories = join(directory, "git");
    mkdirSync(repositories);
    const files = join(directory, "files");
    mkdirSync(files);
    const repositoryUrl = `${await serve(engine, "serve-git.ts", repositories, servers)}/infra.git`;
    const filesUrl = await serve(engine, "serve-files.ts", files, servers);
    const repository = await createBareRepository(repositories, "infra.git", repositoryUrl);
    await importRoot(engine, root, architecture);
    await startContainer(engine, architecture, { [release]: RELEASE, ...(await listMounts(suite, architecture)) });
    const machine = { ...describeMachine(engine), repository, repositoryUrl, files, filesUrl, stop };
    await waitForBoot(machine);
    return machine;
  } catch (error) {
    await stop();
    throw error;
  }
}

function nativeArchitecture(): "amd64" | "arm64" {
  return process.arch === "arm64" ? "arm64" : "amd64";
}

/** The root's tar, built unless the cache has the one of this script. */
async function ensureRoot(suite: string, architecture: string): Promise<string> {
  const key = createHash("sha256").update(readFileSync(BUILD_SCRIPT)).digest("hex").slice(0, 12);
  const path = join(CACHE, `systemd-${suite}-${architecture}-${key}.tar`);
  await runCommand(["bash", BUILD_SCRIPT, path, suite, architecture], { timeoutMs: 900_000 });
  return path;
}

/** Starts a server where the machine reaches it; returns its address. */
async function serve(engine: Engine, script: string, root: string, servers: ChildProcess[]): Promise<string> {
  const command = [process.execPath, join(import.meta.dirname, script), root];
  const [file = "", ...args] = engine.enter(["setpriv", "--pdeathsig=KILL", ...command]);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  servers.push(child);
  let url = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    url += text;
  });
  await waitUntil(`${script} listens`, () => url.endsWith("\n"), { timeoutMs: 30_000 });
  return url.trim();
}

async function importRoot(engine: Engine, tar: string, architecture: string): Promise<void> {
  const changes = ["--change", "ENV container=docker", "--change", "STOPSIGNAL SIGRTMIN+3"];
  await engine.docker(["import", "--platform", `linux/${architecture}`, ...changes, tar, NAME], { timeoutMs: 300_000 });
}

/**
 * What is mounted besides the release: Debian 12 has no Compose that is new enough, and takes that of this machine; where the machine
 * is of another architecture, with the libraries that it needs.
 */
async function listMounts(suite: MachineOptions["suite"], architecture: string): Promise<Record<string, string>> {
  if (suite !== "bookworm") return {};
  const plugin = await findPlugin();
  const mounts = { [plugin]: "/usr/local/lib/docker/cli-plugins/docker-compose" };
  if (architecture === nativeArchitecture()) return mounts;
  const { stdout } = await runCommand(["ldd", plugin]);
  const libraries = [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(/gm)].map(([, path = ""]) => path);
  return { ...mounts, ...Object.fromEntries(libraries.map((path) => [realpathSync(path), path])) };
}

async function startContainer(engine: Engine, architecture: string, mounts: Readonly<Record<string, string>>): Promise<void> {
  const volumes = Object.entries(mounts).flatMap(([from, to]) => ["--volume", `${from}:${to}:ro`]);
  await engine.docker([
    ...["run", "--detach", "--name", NAME, "--hostname", "box.lan", "--platform", `linux/${architecture}`],
    ...["--privileged", "--cgroupns=private", "--network=host", "--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp"],
    ...["--volume", `${engine.socket}:/run/docker.sock`, "--volume", "/var/lib/holdfast:/var/lib/holdfast", ...volumes],
    // Without it, units that have a file system of their own would not see what is mounted later.
    ...[NAME, "sh", "-c", "mount --make-rshared / && exec /sbin/init"],
  ]);
}

function describeMachine(engine: Engine): Omit<Machine, "repository" | "repositoryUrl" | "files" | "filesUrl" | "stop"> {
  const run: Machine["run"] = (argv, options) => engine.docker(["exec", "--interactive", NAME, ...argv], options);
  const sh = async (line: string): Promise<string> => (await run(["sh", "-euc", line])).stdout.trim();
  const show = (property: string): Promise<string> => sh(`systemctl show --property=${property} --value ${UNIT}`);
  const log = (): Promise<string> => sh(`journalctl --unit=${UNIT} --no-pager --output=cat`);
  return {
    ...{ engine, name: NAME, run, sh, show, log },
    install: (...args) => run(["sh", `${RELEASE}/install.sh`, ...args], { allowFailure: true, timeoutMs: 300_000 }),
    async override(...lines) {
      await sh(`rm -rf ${DROP_IN}`);
      if (lines.length > 0) {
        await sh(`mkdir ${DROP_IN}`);
        await run(["tee", `${DROP_IN}/test.conf`], { input: ["[Service]", ...lines, ""].join("\n") });
      }
      await sh("systemctl daemon-reload");
    },
    async waitHealthy(revision) {
      const isHealthy = async (): Promise<boolean> => {
        const { stdout } = await run(["holdfast", "status", "--output", "json"], { allowFailure: true });
        const status = JSON.parse(stdout || "{}") as { healthy?: boolean; revision?: string };
        return status.healthy === true && status.revision === revision;
      };
      await waitUntil(`${revision} is in force`, isHealthy, { timeoutMs: 180_000, intervalMs: 250 }).catch(async (cause) => {
        throw new Error(`${String(cause)}\n${await log()}`, { cause });
      });
    },
    async reboot() {
      await engine.docker(["restart", "--time", "60", NAME]);
      await waitForBoot({ run });
    },
  };
}

async function waitForBoot({ run }: Pick<Machine, "run">): Promise<void> {
  await waitUntil(
    "the machine has booted",
    async () => {
      const { stdout } = await run(["systemctl", "is-system-running"], { allowFailure: true });
      return ["running", "degraded"].includes(stdout.trim());
    },
    { timeoutMs: 120_000, intervalMs: 250 },
  );
}
