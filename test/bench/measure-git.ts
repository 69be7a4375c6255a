import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { type GitRepository, gitEnvironment } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import type { FollowAnswer, FollowRequest } from "./follow-git.ts";
import { median } from "./measure-polls.ts";

/** What one poll, or one push, costs. */
export interface GitCost {
  readonly cpuMs: number;
  /** Both ways on the wire, headers included. */
  readonly bytes: number;
  readonly requests: number;
}

export interface GitPolls {
  /** With so many refs on the server, after so many pushes. */
  readonly refs: number;
  readonly pushes: number;
  readonly agent: GitCost;
  /** `git ls-remote` of the branch, and `git fetch` where there is nothing to fetch. */
  readonly list: GitCost;
  readonly fetch: GitCost;
}

export interface GitFigures {
  readonly files: number;
  readonly polls: readonly GitPolls[];
  /** One-line changes, each seen and fetched before the next. */
  readonly pushes: number;
  readonly agent: readonly GitCost[];
  /** `git fetch --depth 1`, and `git pull` in a clone of all history. */
  readonly shallow: readonly GitCost[];
  readonly pull: readonly GitCost[];
  /** Of the agent's copy: after the first fetch, and after the pushes. */
  readonly firstStoreBytes: number;
  readonly storeBytes: number;
  /** The same of a clone of depth 1. */
  readonly firstShallowBytes: number;
  readonly shallowBytes: number;
}

export interface GitEffort {
  readonly pushes: number;
  readonly windows: number;
  /** Polls in each window, and commands of Git as often. */
  readonly polls: number;
  readonly pauseMs: number;
}

const FILES = 5000;
const REFS = [1, 1000, 10_000];

/** Measures polls and pushes of a repository of 5,000 files on the real `git http-backend`. */
export async function measureGit(effort: GitEffort, say: (text: string) => void): Promise<GitFigures> {
  const directory = createTemporaryDirectory("hf-bench-git-");
  const server = await startGitServer();
  const world = { directory, server, repository: await server.createRepository("infra.git") };
  await world.repository.commit(describeFiles());
  const agent = startAgent(world.repository.url, join(directory, "store"));
  try {
    await agent.ask({ polls: 0, pauseMs: 0 });
    const firstStoreBytes = measureDirectory(join(directory, "store"));
    const polls: GitPolls[] = [];
    const measure = async (refs: number, pushes: number) => {
      say(`polls with ${refs} refs after ${pushes} pushes`);
      polls.push({ refs, pushes, ...(await measurePolls(world, agent, effort)) });
    };
    for (const refs of REFS) {
      await makeRefs(world.repository, refs);
      await measure(refs, 0);
    }
    await makeRefs(world.repository, 1);
    say(`${effort.pushes} pushes`);
    const pushed = await measurePushes(world, agent, effort.pushes);
    await measure(1, effort.pushes);
    const [storeBytes, shallowBytes] = ["store", "shallow/.git"].map((name) => measureDirectory(join(directory, name)));
    return {
      ...{ files: FILES, polls, pushes: effort.pushes, ...pushed, firstStoreBytes },
      ...{ storeBytes: storeBytes ?? 0, shallowBytes: shallowBytes ?? 0 },
    };
  } finally {
    await agent.stop();
    await server.stop();
    removeTemporaryDirectory(directory);
  }
}

interface GitWorld {
  readonly directory: string;
  readonly server: GitServer;
  readonly repository: GitRepository;
}

type FollowingAgent = ReturnType<typeof startAgent>;

function startAgent(url: string, gitDirectory: string) {
  const child = fork(join(import.meta.dirname, "follow-git.ts"), [url, gitDirectory], { stdio: "inherit", execArgv: [] });
  const ended = once(child, "exit");
  return {
    async ask(request: FollowRequest): Promise<FollowAnswer> {
      child.send(request);
      const [answer] = await Promise.race([once(child, "message"), ended.then(() => [undefined])]);
      if (answer === undefined) throw new Error("the agent's process ended");
      return answer as FollowAnswer;
    },
    async stop(): Promise<void> {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** Text of the size of a Compose file, in 250 directories, that compresses as such files do. */
function describeFiles(): Record<string, string> {
  const describe = (index: number) =>
    Array.from({ length: 24 }, (_, line) => `  SETTING_${line}: "${(index * 7919 + line * 104_729).toString(36)}"\n`).join("");
  const path = (index: number) => `desired-state/stacks/stack-${index % 250}/conf/file-${index}.yaml`;
  return Object.fromEntries(Array.from({ length: FILES }, (_, index) => [path(index), `environment:\n${describe(index)}`]));
}

/** Branches beside `main`, packed as on a server. */
async function makeRefs(repository: GitRepository, refs: number): Promise<void> {
  const oid = (await repository.resolve("main")) ?? "";
  const existing = await repository.git(["for-each-ref", "--format=%(refname)", "refs/heads/topic-*"]);
  const remove = existing === "" ? [] : existing.split("\n").map((name) => `delete ${name}\n`);
  const create = Array.from({ length: refs - 1 }, (_, index) => `create refs/heads/topic-${index} ${oid}\n`);
  for (const lines of [remove, create]) await runGit(["--git-dir", repository.path, "update-ref", "--stdin"], lines.join(""));
  await repository.git(["pack-refs", "--all"]);
}

/** Of several windows the one with the least CPU: what others did on the machine meanwhile only adds. */
async function measurePolls(world: GitWorld, agent: FollowingAgent, { windows, polls, pauseMs }: GitEffort) {
  const { directory, server, repository } = world;
  const clone = join(directory, "polled");
  removeTemporaryDirectory(clone);
  await runGit(["clone", "--quiet", "--depth", "1", repository.url, clone]);
  await agent.ask({ polls: 2, pauseMs });
  const found: { agent: GitCost[]; list: GitCost[]; fetch: GitCost[] } = { agent: [], list: [], fetch: [] };
  const list = ["git", "ls-remote", "--quiet", repository.url, "refs/heads/main"];
  const fetch = ["git", "-C", clone, "fetch", "--quiet", "origin", "main"];
  for (let window = 0; window < windows; window += 1) {
    found.agent.push(await count(server, polls, async () => (await agent.ask({ polls, pauseMs })).cpuMs));
    found.list.push(await count(server, polls, () => timeGit(list, polls)));
    found.fetch.push(await count(server, polls, () => timeGit(fetch, polls)));
  }
  const least = (costs: readonly GitCost[]): GitCost => costs.toSorted((a, b) => a.cpuMs - b.cpuMs)[0] ?? noCost;
  return { agent: least(found.agent), list: least(found.list), fetch: least(found.fetch) };
}

const noCost: GitCost = { cpuMs: Number.NaN, bytes: Number.NaN, requests: Number.NaN };

async function measurePushes({ directory, server, repository }: GitWorld, agent: FollowingAgent, pushes: number) {
  const [shallow, full] = [join(directory, "shallow"), join(directory, "full")];
  await runGit(["clone", "--quiet", "--depth", "1", repository.url, shallow]);
  await runGit(["clone", "--quiet", repository.url, full]);
  const firstShallowBytes = measureDirectory(join(shallow, ".git"));
  const found: { agent: GitCost[]; shallow: GitCost[]; pull: GitCost[] } = { agent: [], shallow: [], pull: [] };
  for (let push = 0; push < pushes; push += 1) {
    const path = `desired-state/stacks/stack-${push % 250}/conf/file-${push % 250}.yaml`;
    await repository.commit({ [path]: `environment:\n  CHANGE: "${push}"\n` });
    const fetch = ["git", "-C", shallow, "fetch", "--quiet", "--depth", "1", "origin", "main"];
    found.agent.push(await count(server, 1, async () => (await agent.ask({ polls: 0, pauseMs: 0 })).cpuMs));
    found.shallow.push(await count(server, 1, () => timeGit(fetch, 1)));
    found.pull.push(await count(server, 1, () => timeGit(["git", "-C", full, "pull", "--quiet", "--ff-only"], 1)));
  }
  return { ...found, firstShallowBytes };
}

function runGit(args: readonly string[], input = ""): Promise<unknown> {
  return runCommand(["git", ...args], { environment: gitEnvironment, input });
}

/** What `task`, which tells its CPU, costs the wire; divided by `times`. */
async function count(server: GitServer, times: number, task: () => Promise<number>): Promise<GitCost> {
  server.resetCounters();
  const cpuMs = await task();
  const bytes = server.bytesReceived + server.bytesSent;
  return { cpuMs: cpuMs / times, bytes: bytes / times, requests: server.requests.length / times };
}

/** CPU of a command and of everything that it starts, run so many times. */
async function timeGit(argv: readonly string[], times: number): Promise<number> {
  const script = 'TIMEFORMAT="%3U %3S"; count=$1; shift; time for ((i = 0; i < count; i++)); do "$@" >/dev/null; done';
  const { stderr } = await runCommand(["bash", "--norc", "-c", script, "bash", String(times), ...argv], {
    environment: gitEnvironment,
  });
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(" ").map(Number);
  if (Number.isNaN(user + system)) throw new Error(`no times in: ${stderr}`);
  return (user + system) * 1000;
}

function measureDirectory(path: string): number {
  const paths = readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => statSync(join(path, name)));
  return paths.reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}

/** The middle of what the pushes cost. */
export function middleOf(costs: readonly GitCost[]): GitCost {
  const middle = (read: (cost: GitCost) => number): number => median(costs.map(read));
  return { cpuMs: middle((cost) => cost.cpuMs), bytes: middle((cost) => cost.bytes), requests: middle((cost) => cost.requests) };
}
