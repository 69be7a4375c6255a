import { waitUntil } from "../engine/wait-until.ts";
import { CHANGED_SERVICE, nameStacks } from "./fleet.ts";
import { type AuditFigures, measureAudit, measureInspect } from "./measure-audit.ts";
import { median } from "./measure-polls.ts";
import { openAgent } from "./open-agent.ts";
import { openRecordedWorld } from "./open-recorded-world.ts";
import { openWorld, type World } from "./open-world.ts";
import { createLoop } from "./start-loop.ts";

export interface DriftFigures {
  /** On a real engine. */
  readonly audit: AuditFigures;
  /** The same of a large host. */
  readonly large: AuditFigures;
  /** From `docker rm -f` to the request that creates its successor, and until that one runs; medians of the rounds. */
  readonly healingMs: number;
  readonly healedMs: number;
  /** Creating and starting such a container, by the engine alone. */
  readonly startMs: number;
  /** A round of the loop that finds nothing, and one that finds a container missing, once it is its turn. */
  readonly loopCpuMs: number;
  readonly loopHealedMs: number;
  /** Requests of a round of the loop that finds nothing. */
  readonly loopRequests: number;
}

export interface DriftEffort {
  readonly audits: number;
  readonly heals: number;
}

/** Measures what seeing and mending drift costs; the agent's own loop runs in this process, before a real engine. */
export async function measureDrift(stacks: number, effort: DriftEffort, say: (text: string) => void): Promise<DriftFigures> {
  say(`${stacks} stacks: starting two engines, and the agent in this process`);
  const small = await measureSmall(stacks, effort);
  say("200 stacks of 5: one is recorded from a real engine, and rendering 200 takes a while");
  return { ...small, large: await measureLarge(200, 5, effort) };
}

async function measureSmall(stacks: number, { audits, heals }: DriftEffort): Promise<Omit<DriftFigures, "large">> {
  const world = await openWorld(stacks);
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  try {
    const { directory, repositoryUrl, holdfast } = world;
    const agent = await openAgent({ directory, repositoryUrl, socket: holdfast.socket, directSocket: holdfast.engine.socket });
    running = agent.loop.run(stop.signal).finally(() => agent.close());
    running.catch(() => undefined);
    await waitUntil("every stack is verified", async () => agent.memory.quiet && agent.memory.watch.streaming, {
      timeoutMs: 120_000 + stacks * 10_000,
      intervalMs: 250,
    });
    const audit = await measureAudit(agent, holdfast.requests, audits);
    const inspectCpuMs = await measureInspect(holdfast.engine.socket, 3);
    const names = nameStacks(stacks);
    const times = [];
    for (let round = 0; round < heals; round += 1) times.push(await heal(world, names[round % stacks] ?? ""));
    const beside = await measureLoop(world, names[0] ?? "");
    return {
      audit: { ...audit, inspectCpuMs },
      healingMs: median(times.map(({ healingMs }) => healingMs)),
      healedMs: median(times.map(({ healedMs }) => healedMs)),
      startMs: await measureStart(world, heals),
      ...beside,
    };
  } finally {
    stop.abort();
    await running?.catch(() => undefined);
    await world.close();
  }
}

async function measureLarge(stacks: number, services: number, { audits }: DriftEffort): Promise<AuditFigures> {
  const { agent, socket, proxy, close } = await openRecordedWorld(stacks, services);
  try {
    const audit = await measureAudit(agent, proxy, audits);
    return { ...audit, inspectCpuMs: await measureInspect(socket, 3) };
  } finally {
    await close();
  }
}

/** What a user does instead: a round with nothing to do, and one after a container was removed. */
async function measureLoop(world: World, stack: string) {
  const loop = await createLoop(world.directory, world.repositoryUrl, world.loop.socket);
  await loop.run();
  world.loop.requests.reset();
  const { cpuMs } = await loop.run();
  const loopRequests = world.loop.requests.requests.length;
  await world.loop.engine.docker(["rm", "--force", `${stack}-${CHANGED_SERVICE}-1`]);
  const { wallMs } = await loop.run();
  return { loopCpuMs: cpuMs, loopRequests, loopHealedMs: wallMs };
}

/** `docker run` of a container like those of the stacks: what nobody can be faster than. */
async function measureStart({ loop }: World, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const name = `start-${round}`;
    const beganAtMs = performance.now();
    await loop.engine.docker([
      "run",
      "--detach",
      "--name",
      name,
      "--network",
      "stack-01_default",
      "busybox:1.35",
      "sleep",
      "infinity",
    ]);
    times.push(performance.now() - beganAtMs);
    await loop.engine.docker(["rm", "--force", name]);
  }
  return median(times);
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
