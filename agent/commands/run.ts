import type { Log } from "../ports.ts";
import { openLoop } from "../reconcile/loop.ts";
import type { Configuration } from "./read-configuration.ts";
import { VERSION } from "./version.ts";
import { withAgent } from "./with-agent.ts";

/** The agent: reconciles until the signal is aborted. */
export async function run(configuration: Configuration, log: Log, signal: AbortSignal): Promise<void> {
  const { host, intervalMs, repository, warnings } = configuration;
  await withAgent(configuration, log, async ({ ports, alerting }, memory) => {
    log.info(
      { version: VERSION, host, repository: repository.url, branch: repository.branch, tag: repository.tag },
      "agent started",
    );
    for (const warning of warnings) log.warn({ finding: warning }, "configuration");
    await openLoop(ports, memory, alerting, { host, ...(intervalMs === undefined ? {} : { intervalMs }) }).run(signal);
    log.info({}, "agent stopped");
  });
}
