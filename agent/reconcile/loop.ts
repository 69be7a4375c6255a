import { toHoldfastError } from "../model/error.ts";
import type { Alerting } from "./alerting.ts";
import { collectFacts } from "./collect-facts.ts";
import type { Memory, TickOutcome } from "./memory.ts";
import { type TickPorts, tick } from "./tick.ts";

export interface LoopOptions {
  readonly host: string;
  /** Set when agent.yaml says it; otherwise the fleet's, otherwise a minute. */
  readonly intervalMs?: number;
}

/** How soon to look again while something is on its way: a list from the engine costs 3 ms. */
const WAITING_MS = 500;
const DEFAULT_INTERVAL_MS = 60_000;
const JITTER = 0.1;

export interface Loop {
  /** Ticks until the signal is aborted; a tick that runs is interrupted at its next step. Throws only bugs. */
  run(signal: AbortSignal): Promise<void>;
  /** One tick with its report; several at once share one run. */
  reconcile(signal: AbortSignal): Promise<TickOutcome>;
  /** Ends the pause between two ticks: this one, or the next when a tick is under way. */
  wake(): void;
}

/** The timer around the tick: interval with jitter, wake-ups, and alerts that are refreshed beside it. */
export function openLoop(ports: TickPorts, memory: Memory, alerting: Alerting, options: LoopOptions): Loop {
  const { clock, log } = ports;
  let alarm = new AbortController();
  let running: Promise<TickOutcome> | undefined;

  const intervalMs = (): number => options.intervalMs ?? memory.desired?.intervalMs ?? DEFAULT_INTERVAL_MS;

  async function runTick(signal: AbortSignal): Promise<TickOutcome> {
    const before = JSON.stringify(alerting.firing());
    const result = await tick(ports, memory, signal);
    alerting.update(collectFacts(options.host, memory, ports.store, clock.nowMs()), memory.desired?.alerts);
    log.debug({ result, durationMs: memory.last?.durationMs, revision: memory.desired?.revision }, "tick");
    // News is told at once, but nobody waits for the receiver.
    if (JSON.stringify(alerting.firing()) !== before) void alerting.deliver(intervalMs(), signal);
    return result;
  }

  function reconcile(signal: AbortSignal): Promise<TickOutcome> {
    running ??= runTick(signal).finally(() => {
      running = undefined;
    });
    return running;
  }

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    memory.nextAtMs = clock.nowMs() + ms;
    await clock.wait(ms, AbortSignal.any([signal, alarm.signal])).catch(() => undefined);
    // Replaced only now, so that whoever rang during the tick ended this pause.
    alarm = new AbortController();
  }

  async function refreshAlerts(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.wait(intervalMs(), signal).catch(() => undefined);
      if (!signal.aborted) await alerting.deliver(intervalMs(), signal);
    }
  }

  return {
    async run(signal) {
      const refreshing = refreshAlerts(signal);
      while (!signal.aborted) {
        try {
          await reconcile(signal);
        } catch (cause) {
          if (signal.aborted) break;
          const error = toHoldfastError(cause);
          if (error.handling === "bug") throw cause;
          log.error({ error: error.message, hint: error.hint }, "reconciliation failed");
        }
        const jitter = 1 + JITTER * (2 * clock.random() - 1);
        await pause(memory.waiting.size > 0 ? WAITING_MS : intervalMs() * jitter, signal);
      }
      await refreshing;
    },
    reconcile,
    wake: () => alarm.abort(),
  };
}
