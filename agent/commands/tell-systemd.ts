import type { ServiceManager } from "../lib/service-manager.ts";
import type { Log } from "../ports.ts";
import type { Memory } from "../reconcile/memory.ts";
import type { Progress } from "./watch-progress.ts";

export interface TellRequest {
  readonly manager: ServiceManager;
  readonly progress: Progress;
  readonly memory: Memory;
  readonly log: Log;
}

/**
 * Tells systemd that the agent has started, and from then on that it lives: as long as its event loop turns and its reconciliation
 * goes on. When one of them does not, systemd hears nothing more, and restarts the agent. Ends with the signal.
 */
export async function tellSystemd({ manager, progress, memory, log }: TellRequest, signal: AbortSignal): Promise<void> {
  const { watchdogMs } = manager;
  let complained = false;
  const tell = async (...lines: string[]): Promise<void> => {
    await manager.tell(lines).catch((cause: unknown) => log.warn({ error: String(cause) }, "systemd cannot be told"));
  };
  const beat = (): void => {
    const stuckForMs = progress.stuckForMs();
    if (stuckForMs === undefined) {
      complained = false;
      void tell("WATCHDOG=1", `STATUS=${describe(memory)}`);
    } else if (!complained) {
      complained = true;
      log.error({ stuckForMs: Math.round(stuckForMs) }, "the reconciliation hangs: systemd will restart the agent");
    }
  };
  await tell("READY=1", "STATUS=started");
  const timer = watchdogMs === undefined ? undefined : setInterval(beat, watchdogMs / 2);
  const stop = (): void => {
    clearInterval(timer);
    void tell("STOPPING=1");
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
}

/** What `systemctl status` shows. */
function describe({ last, desired }: Memory): string {
  return [last?.result ?? "started", ...(desired === undefined ? [] : [`at ${desired.revision.slice(0, 12)}`])].join(" ");
}
