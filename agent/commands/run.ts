import { findServiceManager } from "../lib/service-manager.ts";
import type { Log } from "../ports.ts";
import type { Configuration } from "./read-configuration.ts";
import { tellSystemd } from "./tell-systemd.ts";
import { VERSION } from "./version.ts";
import { withAgent } from "./with-agent.ts";

/** The agent: reconciles, and answers at `listen`, until the signal is aborted. */
export async function run(configuration: Configuration, log: Log, signal: AbortSignal): Promise<void> {
  const { host, repository, warnings } = configuration;
  await withAgent(configuration, log, signal, async (agent) => {
    const { ports, loop, memory, progress, front } = agent;
    log.info(
      { version: VERSION, host, repository: repository.url, branch: repository.branch, tag: repository.tag },
      "agent started",
    );
    ports.journal.note({ event: "agent-started", text: `version ${VERSION}` });
    for (const warning of warnings) log.warn({ finding: warning }, "configuration");
    // Only here: no other command serves anything.
    const [{ serveHttp }, { wireMetrics }] = await Promise.all([import("./serve-http.ts"), import("./wire-metrics.ts")]);
    const metrics = wireMetrics({ ...agent, configuration, status: front.status, nowMs: ports.clock.nowMs });
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const serving = serveHttp({ configuration, loop, memory, front, clock: ports.clock, log, metrics }, until).catch(
      (cause: unknown) => {
        front.warnings.set("listen", String(cause));
      },
    );
    const manager = findServiceManager(process.env, process.pid);
    if (manager !== undefined) await tellSystemd({ manager, progress, memory, log }, signal);
    try {
      await loop.run(signal);
    } finally {
      stop.abort();
      await serving;
    }
    log.info({}, "agent stopped");
  });
}
