import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { CHANGED_SERVICE, describeChange, nameStacks, ROUND_LABEL } from "./fleet.ts";
import { median } from "./measure-polls.ts";
import type { World } from "./open-world.ts";
import type { RunningAgent } from "./start-agent.ts";
import type { Loop } from "./start-loop.ts";

export interface PushFigures {
  /** From the start of the poll that sees the push until the changed container runs. */
  readonly agentMs: readonly number[];
  /** From the end of the push; the pause before that poll included. */
  readonly agentFromPushMs: readonly number[];
  /** From the start of `docker compose up -d` until the changed container runs. */
  readonly composeMs: readonly number[];
  /** Until that command has ended. */
  readonly composeEndMs: readonly number[];
  /** What the agent asked of the engine, the requests of the Compose processes that it started included. */
  readonly agentEngineRequests: number;
  readonly composeEngineRequests: number;
}

const LIMIT_MS = 60_000;

/** Pushes changes of one service and makes the same ones by hand, one after the other, taking turns in who begins. */
export async function measurePush(
  world: World,
  agent: RunningAgent,
  loop: Loop,
  stacks: number,
  rounds: number,
): Promise<PushFigures> {
  const names = nameStacks(stacks);
  const agentMs: number[] = [];
  const agentFromPushMs: number[] = [];
  const composeMs: number[] = [];
  const composeEndMs: number[] = [];
  let [agentEngineRequests, composeEngineRequests] = [0, 0];
  for (let round = 1; round <= rounds; round += 1) {
    const stack = names[(round - 1) % names.length] ?? "";
    const push = async (): Promise<void> => {
      const found = await pushChange(world, agent, stack, round);
      agentMs.push(found.sincePollMs);
      agentFromPushMs.push(found.sincePushMs);
      agentEngineRequests = found.engineRequests;
    };
    const bare = async (): Promise<void> => {
      world.loop.requests.reset();
      const found = await changeByHand(world, loop, stack, round);
      composeMs.push(found.runningMs);
      composeEndMs.push(found.endMs);
      composeEngineRequests = world.loop.requests.requests.length;
    };
    for (const turn of round % 2 === 0 ? [push, bare] : [bare, push]) await turn();
  }
  return { agentMs, agentFromPushMs, composeMs, composeEndMs, agentEngineRequests, composeEngineRequests };
}

export function describePush({ agentMs, agentFromPushMs, composeMs, composeEndMs }: PushFigures) {
  return {
    agentMs: median(agentMs),
    agentFromPushMs: median(agentFromPushMs),
    composeMs: median(composeMs),
    composeEndMs: median(composeEndMs),
    // Pairs of the same change, so that what slowed the machine for a while slowed both.
    ratio: median(agentMs.map((ms, index) => ms / (composeMs[index] ?? Number.NaN))),
  };
}

async function pushChange(world: World, agent: RunningAgent, stack: string, round: number) {
  const watch = await watchStart(world.holdfast.engine.socket, stack, round);
  try {
    world.gitRequests.reset();
    world.holdfast.requests.reset();
    const revision = await world.repository.commit(describeChange(stack, round));
    const pushedAtMs = performance.now();
    const runningAtMs = await watch.started;
    const poll = world.gitRequests.requests.find(({ start, atMs }) => atMs >= pushedAtMs && start.includes("command=ls-refs"));
    // A poll that was on its way saw the new tip already: then the push itself is the later of the two.
    const startMs = poll !== undefined && poll.atMs < runningAtMs ? poll.atMs : pushedAtMs;
    await agent.waitHealthy(revision, LIMIT_MS);
    const engineRequests = world.holdfast.requests.requests.filter(({ atMs }) => atMs >= startMs && atMs <= runningAtMs).length;
    return { sincePollMs: runningAtMs - startMs, sincePushMs: runningAtMs - pushedAtMs, engineRequests };
  } finally {
    watch.close();
  }
}

async function changeByHand(world: World, loop: Loop, stack: string, round: number) {
  const watch = await watchStart(world.loop.engine.socket, stack, round);
  try {
    for (const [path, content] of Object.entries(describeChange(stack, round))) writeFileSync(join(loop.checkout, path), content);
    const startMs = performance.now();
    const cwd = join(loop.checkout, "desired-state/stacks", stack);
    await runCommand(["docker", "compose", "up", "-d"], { cwd, environment: loop.environment });
    const endMs = performance.now() - startMs;
    return { runningMs: (await watch.started) - startMs, endMs };
  } finally {
    watch.close();
  }
}

/** Resolves when the engine tells that the container of this round has started. The stream is open when this returns. */
async function watchStart(socketPath: string, stack: string, round: number) {
  const label = (name: string, value: string): string => `${name}=${value}`;
  const filters = {
    type: ["container"],
    event: ["start"],
    label: [
      label("com.docker.compose.project", stack),
      label("com.docker.compose.service", CHANGED_SERVICE),
      label(ROUND_LABEL, String(round)),
    ],
  };
  const path = `/events?filters=${encodeURIComponent(JSON.stringify(filters))}`;
  let close = (): void => undefined;
  let found: number | undefined;
  await new Promise<void>((resolve, reject) => {
    const stream = request({ socketPath, path }, (response) => {
      response.on("data", () => {
        found ??= performance.now();
      });
      response.on("error", () => undefined);
      resolve();
    });
    stream.on("error", reject);
    stream.end();
    close = () => void stream.destroy();
  });
  const started = waitUntil("the changed container runs", () => found, { timeoutMs: LIMIT_MS, intervalMs: 10 });
  started.catch(() => undefined); // it is awaited, or something else has failed before
  return { started, close };
}

/** A Node.js process that does nothing: what the agent's memory is compared with. */
export async function measureBareNode<T>(read: (pid: number) => T): Promise<T> {
  const argv = ["--pdeathsig=KILL", process.execPath, "-e", "setInterval(() => {}, 1e9)"];
  const child = spawn("setpriv", argv, { stdio: "ignore", env: { PATH: process.env["PATH"] } });
  try {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return read(child.pid ?? 0);
  } finally {
    child.kill("SIGKILL");
  }
}
