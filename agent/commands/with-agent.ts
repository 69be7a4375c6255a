import { join } from "node:path";
import type { Status } from "../model/generated/status.ts";
import type { Attempt } from "../plan/backoff.ts";
import type { Log } from "../ports.ts";
import { createMemory, type Memory } from "../reconcile/memory.ts";
import { keys } from "../reconcile/store-keys.ts";
import { describeStatus } from "../server/describe-status.ts";
import { serveSocket } from "../server/serve-socket.ts";
import { openWarnings, type Warnings } from "../server/warnings.ts";
import type { Configuration } from "./read-configuration.ts";
import { VERSION } from "./version.ts";
import { type Agent, wireAgent } from "./wire.ts";

/** What the agent tells of itself, to whoever asks in which way ever. */
export interface Front {
  status(): Status;
  readonly warnings: Warnings;
}

/**
 * Puts an agent together for as long as it is used, and answers `holdfast status` meanwhile. The socket is also what keeps
 * a second process from converging the same host. Throws `configuration-invalid` when one does already.
 */
export async function withAgent<T>(
  configuration: Configuration,
  log: Log,
  use: (agent: Agent, memory: Memory, front: Front) => Promise<T>,
): Promise<T> {
  await warnOfFiles(configuration, log);
  const agent = wireAgent(configuration, log);
  try {
    const memory = createMemory();
    const path = join(configuration.runtimeDir, "holdfast.sock");
    const warnings = openWarnings(log);
    const front = { warnings, status: () => describeAgent(configuration, agent, memory, warnings) };
    const server = await serveSocket({ path, status: front.status });
    try {
      return await use(agent, memory, front);
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

function describeAgent({ host }: Configuration, { ports, alerting }: Agent, memory: Memory, warnings: Warnings): Status {
  const failures = (memory.desired?.stacks ?? []).flatMap(({ name }): [string, string][] => {
    const [attempt] = ports.store.read<Attempt[]>(keys.attempts(name)) ?? [];
    return attempt === undefined ? [] : [[name, attempt.error]];
  });
  return describeStatus({
    ...{ host, version: VERSION, memory },
    firing: alerting.firing(),
    failures: new Map(failures),
    warnings: warnings.list(),
  });
}
