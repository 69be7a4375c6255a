import { setTimeout as delay } from "node:timers/promises";
import { runCommand } from "../engine/run-command.ts";
import type { CountingProxy } from "./counting-proxy.ts";
import { median } from "./measure-polls.ts";
import type { BenchedAgent } from "./open-agent.ts";

export interface AuditFigures {
  readonly stacks: number;
  readonly containers: number;
  /** Requests to the engine of one idle poll, and of one look at everything. */
  readonly pollRequests: number;
  readonly requests: number;
  /** The agent's CPU for a look at everything, milliseconds. */
  readonly cpuMs: number;
  /** Both at the start, and after events were missed: every container is looked into. */
  readonly missedRequests: number;
  readonly missedCpuMs: number;
  /** CPU of `docker ps` and `docker inspect` of every container. */
  readonly inspectCpuMs: number;
}

/** Measures looks at everything of an agent whose host is as desired. */
export async function measureAudit(agent: BenchedAgent, proxy: CountingProxy, rounds: number): Promise<AuditFigures> {
  const { memory } = agent;
  async function count(work: () => Promise<unknown>): Promise<number> {
    proxy.reset();
    await work();
    return proxy.requests.length;
  }
  const audit = async (what: "requests" | "cpu", missed: boolean): Promise<number> => {
    delete memory.watch.auditedAtMs;
    memory.watch.missed = missed;
    const before = process.cpuUsage();
    await agent.tick(what, { poll: false, observe: true });
    const { user, system } = process.cpuUsage(before);
    if (memory.plan?.drift.length !== 0) throw new Error(`the host has drifted: ${memory.plan?.drift[0]?.cause}`);
    return (user + system) / 1000;
  };
  const pollRequests = await count(() => agent.tick("requests", { poll: true, observe: false }));
  const [requests, missedRequests] = [[], []] as [number[], number[]];
  const [cpu, missedCpu] = [[], []] as [number[], number[]];
  for (let round = 0; round < rounds; round += 1) {
    requests.push(await count(() => audit("requests", false)));
    missedRequests.push(await count(() => audit("requests", true)));
    missedCpu.push(await audit("cpu", true));
    await delay(200);
    cpu.push(await audit("cpu", false));
    await delay(200);
  }
  return {
    stacks: memory.desired?.stacks.length ?? 0,
    containers: memory.observed?.containers.length ?? 0,
    pollRequests,
    requests: median(requests),
    cpuMs: Math.min(...cpu),
    missedRequests: median(missedRequests),
    missedCpuMs: Math.min(...missedCpu),
    inspectCpuMs: Number.NaN,
  };
}

/** What a script would do to see the same: CPU of `docker ps` and `docker inspect` of everything that it lists, milliseconds. */
export async function measureInspect(socket: string, rounds: number): Promise<number> {
  const script = "docker ps --all --quiet --no-trunc | xargs docker inspect >/dev/null";
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const environment = { PATH: process.env["PATH"], HOME: "/nonexistent", DOCKER_HOST: `unix://${socket}` };
    const { stderr } = await runCommand(["bash", "-c", `TIMEFORMAT="%U %S"; time bash -c '${script}'`], { environment });
    const [user = Number.NaN, system = Number.NaN] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
    times.push((user + system) * 1000);
  }
  return Math.min(...times);
}
