import type { Readable } from "node:stream";
import type { EngineEvent } from "../model/engine-event.ts";

/** What a container's health check runs is an event too, one or more per check: the engine is asked to leave those out. */
export const WATCHED: Readonly<Record<EngineEvent["type"], readonly string[]>> = {
  container: [
    ...["create", "start", "die", "stop", "destroy", "pause", "unpause", "rename", "update", "oom", "health_status", "restart"],
  ],
  network: ["create", "connect", "disconnect", "destroy", "remove", "update"],
  volume: ["create", "destroy"],
  image: ["tag", "untag", "delete", "pull", "load", "import"],
};

/** The filter of the request; an action is matched whatever its type. */
export const EVENT_FILTERS = {
  type: Object.keys(WATCHED) as EngineEvent["type"][],
  event: [...new Set(Object.values(WATCHED).flat())],
};

interface RawEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly time?: number;
  readonly timeNano?: number;
}

/** Reads the engine's event stream line by line, until it ends. */
export async function readEvents(stream: Readable, onEvent: (event: EngineEvent) => void): Promise<void> {
  let rest = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = parseEvent(line);
      if (event !== undefined) onEvent(event);
    }
  }
}

/** One line of the stream; undefined when it is none that is watched. */
export function parseEvent(line: string): EngineEvent | undefined {
  const raw = parseLine(line);
  const type = raw?.Type as EngineEvent["type"];
  // `health_status: healthy`
  const action = raw?.Action?.split(":")[0] ?? "";
  const id = raw?.Actor?.ID;
  if (raw === undefined || id === undefined || !WATCHED[type]?.includes(action)) return undefined;
  const attributes = raw.Actor?.Attributes ?? {};
  return {
    type,
    action,
    id,
    // The nanoseconds are beyond what a number holds exactly; the milliseconds are not.
    atMs: Math.floor((raw.timeNano ?? (raw.time ?? 0) * 1e9) / 1e6),
    ...optional("name", attributes["name"]),
    ...optional("project", attributes["com.docker.compose.project"]),
    ...optional("stack", attributes["holdfast.stack"]),
    ...optional("containerId", type === "network" ? attributes["container"] : undefined),
  };
}

function parseLine(line: string): RawEvent | undefined {
  try {
    return JSON.parse(line) as RawEvent;
  } catch {
    // Nothing that the engine writes; a look that was missed is made up for by the next audit.
    return undefined;
  }
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined || value === "" ? {} : ({ [key]: value } as { readonly [P in K]: string });
}
