import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStatus } from "../../agent/server/ask-agent.ts";
import { describeFleet, HOST } from "../../test/bench/fleet.ts";
import { type MemoryFigures, readMemory } from "../../test/bench/read-process.ts";
import { loadImages } from "../../test/engine/load-images.ts";
import { type Engine, startEngine } from "../../test/engine/start-engine.ts";
import { waitUntil } from "../../test/engine/wait-until.ts";
import { type GitServer, startGitServer } from "../../test/servers/git-server.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../../test/servers/temporary-directory.ts";

const STACKS = 5;
const STARTS = 7;
/** One every ten seconds, the shortest interval. */
const POLLS = 4;

export interface Idle {
  /** From the start of the process until the Git server is asked, on a host that has converged. */
  readonly firstPollMs: readonly number[];
  /** After some polls that found nothing. */
  readonly memory: MemoryFigures;
  /** Of a Node.js that does nothing. */
  readonly bareMemory: MemoryFigures;
}

/** Lets an executable look after five stacks on a real engine. Rejects where none can be started. */
export async function measureIdle(executable: string): Promise<Idle> {
  const directory = createTemporaryDirectory("hf-release-");
  const engine = await startEngine();
  const git = await startGitServer();
  try {
    await loadImages(engine.socket, ["busybox:1.35"]);
    return await measure(executable, directory, engine, git);
  } finally {
    await Promise.all([engine.stop(), git.stop()]);
    removeTemporaryDirectory(directory);
  }
}

async function measure(executable: string, directory: string, engine: Engine, git: GitServer): Promise<Idle> {
  const repository = await git.createRepository("infra");
  const revision = await repository.commit(describeFleet(STACKS));
  const configuration = {
    ...{ host: HOST, repository: { url: repository.url }, interval: "10s", docker: { socket: engine.socket } },
    ...{ stateDir: join(directory, "state"), runtimeDir: join(directory, "run") },
  };
  const file = join(directory, "agent.yaml");
  writeFileSync(file, JSON.stringify(configuration));
  const socket = join(configuration.runtimeDir, "holdfast.sock");
  const start = (): ChildProcess => startLinked([executable, "run", "--config", file]);
  const isSettled = async (): Promise<boolean> => {
    const status = await readStatus(socket);
    return status.healthy && status.revision === revision;
  };

  forgetPages(executable);
  let agent = start();
  await waitUntil("the host has converged", isSettled, { timeoutMs: 120_000, intervalMs: 250 });
  const firstPollMs: number[] = [];
  for (let count = 0; count < STARTS; count += 1) {
    await stop(agent);
    git.resetCounters();
    const startedAtMs = performance.now();
    agent = start();
    await waitUntil("the first poll", () => git.requests.length > 0, { timeoutMs: 30_000, intervalMs: 1 });
    firstPollMs.push(performance.now() - startedAtMs);
    await waitUntil("the host is as it should be", isSettled, { timeoutMs: 60_000 });
  }
  git.resetCounters();
  await waitUntil("some polls", () => git.requests.length > POLLS, { timeoutMs: 60_000 + POLLS * 20_000 });
  const memory = readMemory(agent.pid ?? 0);
  await stop(agent);
  const bare = startLinked([process.execPath, "-e", "setInterval(() => {}, 60_000)"]);
  const bareMemory = await readSettled(bare.pid ?? 0);
  await stop(bare);
  return { firstPollMs, memory, bareMemory };
}

/** Memory of a Node.js that does not change any more from one look to the next. */
async function readSettled(pid: number): Promise<MemoryFigures> {
  let last = readMemory(pid);
  await waitUntil(
    "memory has settled",
    () => {
      // setpriv becomes it.
      if (readlinkSync(`/proc/${pid}/exe`) !== realpathSync(process.execPath)) return false;
      const before = last;
      last = readMemory(pid);
      return before.residentMb === last.residentMb;
    },
    { intervalMs: 500 },
  );
  return last;
}

/** As systemd/holdfast.service starts it; the kernel ends it with this process, whatever way that one ends. */
function startLinked(argv: readonly string[]): ChildProcess {
  const env = { PATH: process.env["PATH"], MALLOC_ARENA_MAX: "1" };
  return spawn("setpriv", ["--pdeathsig=KILL", ...argv], { stdio: "ignore", env });
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** Pages of a file that was just written are in memory in large pieces, all of which count as resident: up to 33 MB. */
function forgetPages(file: string): void {
  execFileSync("dd", [`of=${file}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"]);
}
