import { setTimeout as delay } from "node:timers/promises";
import { readStatus } from "../../agent/server/ask-agent.ts";
import { waitUntil } from "../engine/wait-until.ts";
import type { World } from "./open-world.ts";
import { compareSnapshots, type MemoryFigures, readMemory, readProcess, snapshotFiles } from "./read-process.ts";
import type { RunningAgent } from "./start-agent.ts";
import type { Loop } from "./start-loop.ts";

/** One poll that finds nothing; the loop's figures are those of one round. */
export interface PollFigures {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly engineCpuMs: number;
  readonly engineRequests: number;
  readonly gitRequests: number;
  /** Both ways, headers included. */
  readonly gitBytes: number;
  /** Programs that were started; undefined where they could not be counted. */
  readonly programs: number | undefined;
}

export interface AgentPollFigures extends PollFigures {
  /** Children that came and went or live: 0 when there was none, by two counters of the kernel. */
  readonly programs: number;
  readonly filesWritten: readonly string[];
  readonly writtenBytes: number;
  readonly memory: MemoryFigures;
  readonly polls: number;
}

/** Rounds of the loop on a host that is converged, with a pause before each: a machine that did something else is slower. */
export async function measureLoop(world: World, loop: Loop, rounds: number, pauseMs: number): Promise<PollFigures> {
  await loop.run(); // creates the containers, then whatever is warm is warm
  await loop.run();
  const found: PollFigures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await delay(pauseMs);
    resetCounters(world);
    const engineBefore = world.loop.engineCpuMs();
    const { cpuMs, wallMs } = await loop.run();
    found.push({
      cpuMs,
      wallMs,
      ...count(world, world.loop.requests.requests.length, engineBefore, world.loop.engineCpuMs(), 1),
    });
  }
  return { ...leastOf(found), programs: await loop.countPrograms() };
}

export interface PollEffort {
  /** Polls that are waited for first. */
  readonly warmUp: number;
  readonly windows: number;
  /** In each window. */
  readonly polls: number;
}

/** Polls of an agent that has converged. */
export async function measureAgent(
  world: World,
  agent: RunningAgent,
  { warmUp, windows, polls }: PollEffort,
): Promise<AgentPollFigures> {
  resetCounters(world);
  await waitForPolls(world, warmUp);
  const directories = [agent.stateDir, agent.runtimeDir];
  const before = directories.map(snapshotFiles);
  const start = readProcess(agent.pid);
  const found: PollFigures[] = [];
  let counted = 0;
  for (let window = 0; window < windows; window += 1) {
    resetCounters(world);
    const [agentBefore, engineBefore] = [readProcess(agent.pid), world.holdfast.engineCpuMs()];
    const done = await waitForPolls(world, polls);
    const agentAfter = readProcess(agent.pid);
    counted += done;
    found.push({
      cpuMs: (agentAfter.cpuMs + agentAfter.childrenCpuMs - agentBefore.cpuMs - agentBefore.childrenCpuMs) / done,
      wallMs: (await readStatus(`${agent.runtimeDir}/holdfast.sock`)).last?.durationMs ?? Number.NaN,
      ...count(world, world.holdfast.requests.requests.length, engineBefore, world.holdfast.engineCpuMs(), done),
    });
  }
  const end = readProcess(agent.pid);
  const after = directories.map(snapshotFiles);
  return {
    ...leastOf(found),
    programs: end.children + (end.childFaults > start.childFaults ? 1 : 0),
    filesWritten: before.flatMap((files, index) => compareSnapshots(files, after[index] ?? files)),
    writtenBytes: end.writtenBytes - start.writtenBytes,
    memory: readMemory(agent.pid),
    polls: counted,
  };
}

/** Of all windows the one with the least CPU: what others did on the machine meanwhile only adds. Wall time is the median's. */
function leastOf(found: readonly PollFigures[]): PollFigures {
  const least = found.toSorted((a, b) => a.cpuMs - b.cpuMs)[0];
  if (least === undefined) throw new Error("nothing was measured");
  return {
    ...least,
    // The daemons' clock ticks are coarse, so that the least of a few is 0.
    engineCpuMs: found.reduce((sum, one) => sum + one.engineCpuMs, 0) / found.length,
    // All of them count where the promise is about every poll.
    engineRequests: found.reduce((sum, one) => sum + one.engineRequests, 0) / found.length,
    wallMs: median(found.map((one) => one.wallMs)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}

function count(world: World, engineRequests: number, engineBefore: number, engineAfter: number, polls: number) {
  return {
    engineCpuMs: (engineAfter - engineBefore) / polls,
    engineRequests: engineRequests / polls,
    gitRequests: world.gitRequests.requests.length / polls,
    gitBytes: (world.git.bytesReceived + world.git.bytesSent) / polls,
    programs: undefined,
  };
}

function resetCounters(world: World): void {
  world.git.resetCounters();
  world.gitRequests.reset();
  world.holdfast.requests.reset();
  world.loop.requests.reset();
}

/** Each poll is one request to the Git server. Returns how many there were. */
async function waitForPolls(world: World, polls: number): Promise<number> {
  const count = () => world.gitRequests.requests.filter(({ start }) => start.includes("command=ls-refs")).length;
  await waitUntil(`${polls} polls`, () => count() >= polls, { timeoutMs: 60_000 + polls * 20_000, intervalMs: 5 });
  return count();
}
