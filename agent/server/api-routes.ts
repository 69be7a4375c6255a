import type { AgentApi } from "./agent-api.ts";
import { answerApi } from "./answer-api.ts";
import type { EventStream } from "./open-event-stream.ts";
import type { Route } from "./route.ts";

/** The API for programs, but the status: reading for readers, changes for whoever sends the token. `holdfast` commands ask the same over the socket. */
export function apiRoutes(api: AgentApi, events: EventStream): Route[] {
  const answer: Route["answer"] = (incoming) => ({ take: (response) => answerApi(incoming, response, api) });
  const read = (path: string): Route => ({ path, method: "GET", access: "reader", answer });
  const change = (path: string): Route => ({ path, method: "POST", access: "writer", answer });
  return [
    ...["/v1/history", "/v1/fleet"].map(read),
    { path: "/v1/events", method: "GET", access: "reader", answer: (incoming) => events.answer(incoming) },
    ...["/v1/sync", "/v1/suspend", "/v1/resume", "/v1/stacks/:stack/suspend", "/v1/stacks/:stack/resume"].map(change),
  ];
}
