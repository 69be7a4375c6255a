import { toHoldfastError } from "../../model/error.ts";
import { judgeEvent } from "../../plan/drift/judge-event.ts";
import type { Clock, Engine, Log } from "../../ports.ts";
import type { Memory } from "../memory.ts";

export interface WatchPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
}

/** A stream that breaks at once is opened again after this long, doubled up to the limit. */
const RETRY_MS = 500;
const RETRY_LIMIT_MS = 30_000;
/** What happened just before the stream was there is asked for again: better twice than never. */
const OVERLAP_MS = 1_000;

/**
 * Follows what happens at the engine until the signal is aborted, and notes in the memory what has to be looked at; `onNews` is
 * called with each. A stream that breaks is opened again where it ended, and everything is looked at, since an engine that was
 * restarted has forgotten what it told.
 */
export async function watchEngine(ports: WatchPorts, memory: Memory, onNews: () => void, signal: AbortSignal): Promise<void> {
  const { engine, clock, log } = ports;
  const { watch } = memory;
  let seenAtMs = clock.nowMs();
  let retryMs = RETRY_MS;
  let told: string | undefined;
  while (!signal.aborted) {
    const openedAtMs = clock.nowMs();
    const reason = await engine
      .watchEvents(
        seenAtMs - OVERLAP_MS,
        {
          onOpen() {
            if (told !== undefined) log.info({}, "the engine's events are told again");
            told = undefined;
            watch.streaming = true;
            watch.missed = true;
            delete watch.auditedAtMs;
            onNews();
          },
          onEvent(event) {
            seenAtMs = Math.max(seenAtMs, event.atMs);
            const known = { stacks: memory.desired?.stacks ?? [], containers: memory.observed?.containers ?? [] };
            const effect = judgeEvent(event, known);
            if (!Object.values(effect).some(Boolean)) return;
            if (effect.details !== undefined) memory.details.invalidate(effect.details);
            if (effect.networks || effect.volumes) memory.definitions.invalidate();
            watch.news = true;
            onNews();
          },
        },
        signal,
      )
      .then(() => "the stream has ended")
      .catch((cause: unknown) => toHoldfastError(cause).message);
    const wasOpen = watch.streaming;
    watch.streaming = false;
    if (signal.aborted) return;
    if (told === undefined)
      log.warn({ error: reason }, "the engine's events are not told; its containers are listed at each poll");
    told = reason;
    // Whoever waits for the next poll would wait long with a stream that is gone.
    if (wasOpen) onNews();
    retryMs = clock.nowMs() - openedAtMs > RETRY_LIMIT_MS ? RETRY_MS : Math.min(retryMs * 2, RETRY_LIMIT_MS);
    await clock.wait(retryMs, signal).catch(() => undefined);
  }
}
