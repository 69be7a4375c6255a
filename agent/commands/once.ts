import type { Log } from "../ports.ts";
import { isSettled, listFailed } from "../reconcile/is-settled.ts";
import type { TickOutcome } from "../reconcile/memory.ts";
import { settle } from "../reconcile/settle.ts";
import type { Configuration } from "./read-configuration.ts";
import { withAgent } from "./with-agent.ts";

/** How a reconciliation is told to whoever started it. */
export const EXIT_CODES: Readonly<Record<TickOutcome, number>> = { converged: 0, waiting: 1, failed: 1, invalid: 3 };

/** One reconciliation, with as many ticks as it takes until what was changed has proved itself; returns the exit code. */
export function once(configuration: Configuration, log: Log, signal: AbortSignal): Promise<number> {
  const { intervalMs } = configuration;
  return withAgent(configuration, log, signal, async ({ ports, alerting, memory, loop }) => {
    const ended = new AbortController();
    const probing = loop.probe(AbortSignal.any([signal, ended.signal]));
    const parts = { loop, memory, clock: ports.clock, isDone: () => isSettled(memory, ports) };
    let result: TickOutcome;
    try {
      result = await settle(await loop.reconcile(signal), parts, signal);
    } finally {
      ended.abort();
      await probing;
    }
    await loop.upgrade(signal);
    await alerting.deliver(intervalMs ?? memory.desired?.intervalMs ?? 0, signal);
    if (memory.desired === undefined && memory.sourceError !== undefined) throw memory.sourceError;
    return result === "converged" && listFailed(memory, ports).length > 0 ? EXIT_CODES.failed : EXIT_CODES[result];
  });
}
