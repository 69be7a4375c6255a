import { isHoldfastError } from "../model/error.ts";
import type { Clock, Log } from "../ports.ts";
import type { HttpServer } from "./open-http-server.ts";
import type { Warnings } from "./warnings.ts";

export interface KeepListeningPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly warnings: Warnings;
}

const RETRY_MS = 10_000;

/**
 * Listens until the signal is aborted. What is in the way, a port that is taken or an address that is not there yet, is a warning
 * and tried again: converging goes on without being looked at. Never throws.
 */
export async function keepListening(
  open: () => Promise<HttpServer>,
  { clock, log, warnings }: KeepListeningPorts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const server = await open();
      warnings.set("listen", undefined);
      log.info({ url: server.url }, "listening");
      await aborted(signal);
      await server.close();
    } catch (cause) {
      const hint = isHoldfastError(cause) && cause.hint !== undefined ? `; ${cause.hint}` : "";
      warnings.set("listen", `${cause instanceof Error ? cause.message : String(cause)}${hint}`);
      await clock.wait(RETRY_MS, signal).catch(() => undefined);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
