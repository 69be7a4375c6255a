import { findServiceManager } from "../lib/service-manager.ts";
import type { Log } from "../ports.ts";
import type { Configuration } from "./read-configuration.ts";
import { tellSystemd } from "./tell-systemd.ts";
import { VERSION } from "./version.ts";
import { withAgent } from "./with-agent.ts";

/** Another version of the agent waits for its next start: the unit says that systemd brings that about. */
const EXIT_UPGRADE = 75;

/** The agent: reconciles, and answers at `listen`, until the signal is aborted, or it makes way for another version; returns the exit code. */
export async function run(configuration: Configuration, log: Log, signal: AbortSignal): Promise<number> {
  const { host, repository, warnings } = configuration;
  const replaced = new AbortController();
  const ended = AbortSignal.any([signal, replaced.signal]);
  await withAgent(
    configuration,
    log,
    ended,
    async (agent) => {
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
      const until = AbortSignal.any([ended, stop.signal]);
      const serving = serveHttp({ configuration, loop, memory, front, clock: ports.clock, log, metrics }, until).catch(
        (cause: unknown) => {
          front.warnings.set("listen", String(cause));
        },
      );
      const manager = findServiceManager(process.env, process.pid);
      if (manager !== undefined) await tellSystemd({ manager, progress, memory, log }, ended);
      try {
        await loop.run(ended);
      } finally {
        stop.abort();
        await serving;
      }
      log.info({}, replaced.signal.aborted ? "agent stopped to be upgraded" : "agent stopped");
    },
    () => replaced.abort(),
  );
  return replaced.signal.aborted && !signal.aborted ? EXIT_UPGRADE : 0;
}
