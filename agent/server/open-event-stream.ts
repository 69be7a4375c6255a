import type { IncomingMessage, ServerResponse } from "node:http";
import type { AgentEvent } from "../model/generated/event.ts";
import type { Clock } from "../ports.ts";
import type { Memory } from "../reconcile/memory.ts";
import type { AgentApi } from "./agent-api.ts";
import { describeHistory } from "./describe-history.ts";
import { type Answer, type Handover, plainText } from "./route.ts";

export interface EventStreamOptions {
  readonly api: Pick<AgentApi, "status" | "listen">;
  readonly memory: Memory;
  readonly clock: Clock;
  /** Aborted when the agent ends. */
  readonly signal: AbortSignal;
}

/** `GET /v1/events`: what the agent knows whenever that changes, and what it does. Costs nothing while nobody looks on. */
export interface EventStream {
  /** Who comes anew is told the present truth first, whatever they saw last (`Last-Event-ID`): there is no backlog. */
  answer(incoming: IncomingMessage): Answer | Handover;
}

/** At once; each is a connection that stays. */
const MOST_VIEWERS = 24;
/** Who reads so slowly that this much waits for them is left behind; they come again by themselves. */
const MOST_WAITING_BYTES = 1024 * 1024;
const LOOK_MS = 500;
/** Between two statuses. */
const SPACING_MS = 1_000;
const BEAT_MS = 15_000;
/** Then they come again, and show the token or the session again. */
const LONGEST_MS = 15 * 60_000;
const RETRY_MS = 2_000;

interface Viewer {
  readonly response: ServerResponse;
  readonly sinceMs: number;
}

/** Nobody looks on yet. */
export function openEventStream({ api, memory, clock, signal }: EventStreamOptions): EventStream {
  const viewers = new Set<Viewer>();
  let number = 0;
  let told = "";

  function send(viewer: Viewer, text: string): void {
    viewer.response.write(text);
    if (viewer.response.writableLength > MOST_WAITING_BYTES) viewer.response.destroy();
  }

  function format(event: "status" | "happening", data: string): string {
    number += 1;
    return `id: ${number}\nevent: ${event}\ndata: ${data}\n\n`;
  }

  /** A status that cannot be told now is told later. */
  function readStatus(): string | undefined {
    try {
      return JSON.stringify(api.status());
    } catch {
      return undefined;
    }
  }

  async function watch(): Promise<void> {
    let seen: readonly unknown[] = [];
    let [toldAtMs, beatAtMs] = [clock.nowMs(), clock.nowMs()];
    let isNews = false;
    const ignore = api.listen((progress) => {
      isNews = true;
      const text = format("happening", JSON.stringify(describeEvent(progress)));
      for (const viewer of viewers) send(viewer, text);
    });
    while (viewers.size > 0 && !signal.aborted) {
      await clock.wait(LOOK_MS, signal).catch(() => undefined);
      const nowMs = clock.nowMs();
      const now = [memory.last, memory.nextAtMs, memory.desired, memory.plan];
      isNews ||= now.some((value, index) => value !== seen[index]);
      seen = now;
      if (isNews && nowMs - toldAtMs >= SPACING_MS) {
        [isNews, toldAtMs] = [false, nowMs];
        tellStatus();
      }
      if (nowMs - beatAtMs >= BEAT_MS) {
        beatAtMs = nowMs;
        for (const viewer of viewers) send(viewer, ": still here\n\n");
      }
      for (const { response, sinceMs } of viewers) if (nowMs - sinceMs >= LONGEST_MS) response.end();
    }
    ignore();
  }

  function tellStatus(): void {
    const status = readStatus();
    if (status === undefined || status === told) return;
    told = status;
    const text = format("status", status);
    for (const viewer of viewers) send(viewer, text);
  }

  return {
    answer(incoming) {
      if (viewers.size >= MOST_VIEWERS) return plainText(503, "too many look on; try again later", { "retry-after": "30" });
      return {
        take(response) {
          response.writeHead(200, { "content-type": "text/event-stream", "x-accel-buffering": "no" });
          if (incoming.method === "HEAD") return void response.end();
          const viewer = { response, sinceMs: clock.nowMs() };
          response.once("close", () => viewers.delete(viewer));
          const isFirst = viewers.size === 0;
          viewers.add(viewer);
          const status = readStatus();
          send(viewer, `retry: ${RETRY_MS}\n\n${status === undefined ? "" : format("status", status)}`);
          if (isFirst) void watch();
        },
      };
    },
  };
}

function describeEvent(progress: Parameters<Parameters<AgentApi["listen"]>[0]>[0]): AgentEvent {
  // An event is an entry of the history, or reads like one.
  const [entry] = describeHistory("", [{ ...progress, event: "converged" }]).entries;
  return { ...entry, at: new Date(progress.atMs).toISOString(), text: progress.text, event: progress.event };
}
