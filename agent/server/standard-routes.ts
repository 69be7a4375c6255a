import type { Status } from "../model/generated/status.ts";
import { jsonText, plainText, type Route } from "./route.ts";

export interface StandardRoutesOptions {
  readonly status: () => Status;
  /** Whether one reconciliation has finished, however it ended. */
  readonly isReady: () => boolean;
}

/** Whether the agent lives and has looked at its host once, for everybody; and what it knows of it, for readers. */
export function standardRoutes({ status, isReady }: StandardRoutesOptions): Route[] {
  return [
    { path: "/healthz", method: "GET", access: "everybody", isUncounted: true, answer: () => plainText(200, "ok") },
    {
      path: "/readyz",
      method: "GET",
      access: "everybody",
      isUncounted: true,
      answer: () => (isReady() ? plainText(200, "ready") : plainText(503, "no reconciliation has finished since the start")),
    },
    { path: "/v1/status", method: "GET", access: "reader", answer: () => jsonText(status()) },
  ];
}
