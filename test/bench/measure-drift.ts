import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readConfiguration } from "../../agent/commands/read-configuration.ts";
import { wireAgent } from "../../agent/commands/wire.ts";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import type { Log } from "../../agent/ports.ts";
import { openLoop } from "../../agent/reconcile/loop.ts";
import { createMemory } from "../../agent/reconcile/memory.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { CHANGED_SERVICE, HOST, nameStacks } from "./fleet.ts";
import { median } from "./measure-polls.ts";
import { openWorld, type World } from "./open-world.ts";
import { createLoop } from "./start-loop.ts";

export interface DriftFigures {
  readonly stacks: number;
  readonly containers: number;
  /** Requests to the engine of one idle poll, and of one look at everything. */
  readonly pollRequests: number;
  readonly auditRequests: number;
  /** The agent's CPU for a look at everything, milliseconds. */
  readonly auditCpuMs: number;
  /** From `docker rm -f` to the request that creates its successor, and until that one runs; medians of the rounds. */
  readonly healingMs: number;
  readonly healedMs: number;
  /** A round of the loop that finds nothing, and one that finds a container missing, once it is its turn. */
  readonly loopCpuMs: number;
  readonly loopHealedMs: number;
}

export interface DriftEffort {
  readonly audits: number;
  readonly heals: number;
}

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const LONG_MS = 3_600_000;

/** Measures what seeing and mending drift costs; the agent's own loop runs in this process, before a real engine. */
export async function measureDrift(stacks: number, { audits, heals }: DriftEffort): Promise<DriftFigures> {
  const world = await openWorld(stacks);
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  try {
    const agent = await start(world);
    running = agent.loop.run(stop.signal);
    running.catch(() => undefined);
    await waitUntil("every stack is verified", async () => agent.memory.quiet && agent.memory.watch.streaming, {
      timeoutMs: 120_000 + stacks * 10_000,
      intervalMs: 250,
    });
    const containers = agent.memory.observed?.containers.length ?? 0;
    const pollRequests = await countRequests(world, () => agent.tick({ poll: true, observe: false }));
    const costs = [];
    for (let round = 0; round < audits; round += 1) {
      delete agent.memory.watch.auditedAtMs;
      const before = process.cpuUsage();
      const requests = await countRequests(world, () => agent.tick({ poll: false, observe: true }));
      const { user, system } = process.cpuUsage(before);
      costs.push({ requests, cpuMs: (user + system) / 1000 });
      await delay(200);
    }
    const names = nameStacks(stacks);
    const times = [];
    for (let round = 0; round < heals; round += 1) times.push(await heal(world, names[round % stacks] ?? ""));
    const beside = await measureLoop(world, names[0] ?? "");
    return {
      ...{ stacks, containers, pollRequests },
      auditRequests: median(costs.map(({ requests }) => requests)),
      auditCpuMs: Math.min(...costs.map(({ cpuMs }) => cpuMs)),
      healingMs: median(times.map(({ healingMs }) => healingMs)),
      healedMs: median(times.map(({ healedMs }) => healedMs)),
      ...beside,
    };
  } finally {
    stop.abort();
    await running?.catch(() => undefined);
    await world.close();
  }
}

async function start(world: World) {
  const configuration = await readConfiguration({
    documents: openDocuments(),
    environment: {},
    flags: {
      host: HOST,
      "repository-url": world.repositoryUrl,
      "docker-socket": world.holdfast.socket,
      "state-dir": join(world.directory, "drift-state"),
      "runtime-dir": join(world.directory, "drift-run"),
      "host-env-dir": join(world.directory, "env"),
    },
  });
  const agent = wireAgent(configuration, SILENT);
  const memory = createMemory();
  const loop = openLoop(agent.ports, memory, agent.alerting, { host: HOST, intervalMs: LONG_MS });
  const never = new AbortController().signal;
  return { memory, loop, tick: (options: Parameters<typeof loop.reconcile>[1]) => loop.reconcile(never, options) };
}

/** What a user does instead: a round with nothing to do, and one after a container was removed. */
async function measureLoop(world: World, stack: string) {
  const loop = await createLoop(world.directory, world.repositoryUrl, world.loop.socket);
  await loop.run();
  const { cpuMs } = await loop.run();
  await world.loop.engine.docker(["rm", "--force", `${stack}-${CHANGED_SERVICE}-1`]);
  const { wallMs } = await loop.run();
  return { loopCpuMs: cpuMs, loopHealedMs: wallMs };
}

async function countRequests(world: World, work: () => Promise<unknown>): Promise<number> {
  world.holdfast.requests.reset();
  await work();
  return world.holdfast.requests.requests.length;
}

/** Removes a container by hand and watches it come back; the same stack is not taken twice, or it would be a fight. */
async function heal({ holdfast }: World, stack: string) {
  const name = `${stack}-${CHANGED_SERVICE}-1`;
  const find = async (): Promise<string> =>
    (await holdfast.engine.docker(["ps", "--quiet", "--no-trunc", "--filter", `name=^${name}$`])).stdout.trim();
  const before = await find();
  holdfast.requests.reset();
  await holdfast.engine.docker(["rm", "--force", name]);
  const removedAtMs = performance.now();
  await waitUntil(`${name} is back`, async () => !["", before].includes(await find()), { intervalMs: 5, timeoutMs: 30_000 });
  const healedMs = performance.now() - removedAtMs;
  const created = holdfast.requests.requests.find(({ line }) => line.startsWith("POST") && line.includes("/containers/create"));
  return { healingMs: Math.max(0, (created?.atMs ?? Number.NaN) - removedAtMs), healedMs };
}
