import type { Status } from "../model/generated/status.ts";
import type { Log } from "../ports.ts";
import { type Loop, openLoop } from "../reconcile/loop.ts";
import { createMemory, type Memory } from "../reconcile/memory.ts";
import type { AgentApi } from "../server/agent-api.ts";
import { openAgentApi } from "../server/open-agent-api.ts";
import { serveSocket } from "../server/serve-socket.ts";
import { openWarnings, type Warnings } from "../server/warnings.ts";
import type { Configuration } from "./read-configuration.ts";
import { VERSION } from "./version.ts";
import { type Progress, watchProgress } from "./watch-progress.ts";
import { type Agent, socketOf, wireAgent } from "./wire.ts";

/** An agent that is put together, and what it knows. */
export interface RunningAgent extends Agent {
  readonly memory: Memory;
  readonly loop: Loop;
  readonly front: Front;
  readonly progress: Progress;
}

/** What the agent tells of itself, to whoever asks in which way ever. */
export interface Front {
  status(): Status;
  readonly api: AgentApi;
  readonly warnings: Warnings;
}

/**
 * Puts an agent together for as long as it is used, and answers `holdfast` commands meanwhile. The socket is also what keeps
 * a second process from converging the same host. Throws `configuration-invalid` when one does already.
 */
export async function withAgent<T>(
  configuration: Configuration,
  log: Log,
  signal: AbortSignal,
  use: (agent: RunningAgent) => Promise<T>,
  onUpgrade?: () => void,
): Promise<T> {
  await warnOfFiles(configuration, log);
  const agent = wireAgent(configuration, log);
  try {
    const { host, intervalMs } = configuration;
    const memory = createMemory();
    const progress = watchProgress(agent.ports, memory, () => performance.now());
    const options = { ...(intervalMs === undefined ? {} : { intervalMs }), ...(onUpgrade === undefined ? {} : { onUpgrade }) };
    const loop = openLoop(progress.ports, memory, agent.alerting, { host, ...options });
    const warnings = openWarnings(log);
    const api = openAgentApi({ host, version: VERSION, ...agent, memory, loop, warnings, signal });
    const server = await serveSocket({ path: socketOf(configuration), api });
    try {
      return await use({ ...agent, memory, loop, progress, front: { warnings, api, status: api.status } });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  } finally {
    agent.close();
  }
}

/** Files of the configuration that are not safe from others are used all the same: what worked goes on working. */
async function warnOfFiles(configuration: Configuration, log: Log): Promise<void> {
  // Once, at the start: not to be kept in memory for it.
  const [{ checkFiles }, { listSensitiveFiles }, { openMachine }] = await Promise.all([
    import("./doctor/check-files.ts"),
    import("./doctor/list-sensitive-files.ts"),
    import("../host/open-machine.ts"),
  ]);
  const never = new AbortController().signal;
  const checks = await checkFiles("secrets", listSensitiveFiles(configuration), openMachine(), never).catch(() => []);
  for (const { status, what, fix } of checks) if (status !== "ok") log.warn({ finding: what, fix }, "configuration");
}
