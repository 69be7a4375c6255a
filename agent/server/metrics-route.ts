import type { MetricFamily } from "../model/metric.ts";
import { CONTENT_TYPES, chooseExposition, renderMetrics } from "../plan/metrics/render-metrics.ts";
import type { Route } from "./route.ts";

/** What Prometheus scrapes: for readers, in its text format or as OpenMetrics. */
export function metricsRoute(collect: () => Promise<readonly MetricFamily[]>): Route {
  return {
    path: "/metrics",
    method: "GET",
    access: "reader",
    async answer(incoming) {
      const exposition = chooseExposition(incoming.headers.accept);
      return { status: 200, type: CONTENT_TYPES[exposition], body: renderMetrics(await collect(), exposition) };
    },
  };
}
