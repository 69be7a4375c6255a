import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../ports.ts";
import { openLoop } from "../reconcile/loop.ts";
import type { TickOutcome } from "../reconcile/memory.ts";
import type { Configuration } from "./read-configuration.ts";
import { withAgent } from "./with-agent.ts";

const LOOK_AGAIN_MS = 250;
const EXIT_CODES: Readonly<Record<TickOutcome, number>> = { converged: 0, waiting: 1, failed: 1, invalid: 3 };

/** One reconciliation, with as many ticks as it takes until nothing is waited for; returns the exit code. */
export function once(configuration: Configuration, log: Log, signal: AbortSignal): Promise<number> {
  const { host, intervalMs } = configuration;
  return withAgent(configuration, log, async ({ ports, alerting }, memory) => {
    const loop = openLoop(ports, memory, alerting, { host });
    let result = await loop.reconcile(signal);
    while (memory.waiting.size > 0 && !signal.aborted) {
      await wait(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      result = await loop.reconcile(signal, { poll: false });
    }
    await alerting.deliver(intervalMs ?? memory.desired?.intervalMs ?? 0, signal);
    if (memory.desired === undefined && memory.sourceError !== undefined) throw memory.sourceError;
    return EXIT_CODES[result];
  });
}
