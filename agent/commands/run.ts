import { join } from "node:path";
import type { Attempt } from "../plan/backoff.ts";
import type { Log } from "../ports.ts";
import { openLoop } from "../reconcile/loop.ts";
import { createMemory } from "../reconcile/memory.ts";
import { keys } from "../reconcile/store-keys.ts";
import { describeStatus } from "../server/describe-status.ts";
import { serveSocket } from "../server/serve-socket.ts";
import type { Configuration } from "./read-configuration.ts";
import { VERSION } from "./version.ts";
import { wireAgent } from "./wire.ts";

/** The agent: reconciles until the signal is aborted. */
export async function run(configuration: Configuration, log: Log, signal: AbortSignal): Promise<void> {
  const { host, runtimeDir, intervalMs, repository } = configuration;
  const agent = wireAgent(configuration, log);
  const { ports, alerting } = agent;
  const memory = createMemory();
  const status = () =>
    describeStatus({
      host,
      version: VERSION,
      memory,
      firing: alerting.firing(),
      failures: findFailures(memory.desired?.stacks ?? []),
    });
  const findFailures = (stacks: readonly { name: string }[]): ReadonlyMap<string, string> =>
    new Map(
      stacks.flatMap(({ name }): [string, string][] => {
        const [attempt] = ports.store.read<Attempt[]>(keys.attempts(name)) ?? [];
        return attempt === undefined ? [] : [[name, attempt.error]];
      }),
    );
  const server = await serveSocket({ path: join(runtimeDir, "holdfast.sock"), status });
  try {
    log.info({ version: VERSION, host, repository: repository.url, branch: repository.branch }, "agent started");
    for (const warning of configuration.warnings) log.warn({ finding: warning }, "configuration");
    await openLoop(ports, memory, alerting, { host, ...(intervalMs === undefined ? {} : { intervalMs }) }).run(signal);
    log.info({}, "agent stopped");
  } finally {
    server.close();
    server.closeAllConnections();
    agent.close();
  }
}
