import type { Status } from "../../model/generated/status.ts";
import { parseSize } from "../../model/parse-size.ts";
import type { DiskMetric, MetricFacts } from "../../plan/metrics/describe-metrics.ts";
import type { Memory } from "../memory.ts";
import type { Alerting } from "./alerting.ts";

/** The part of metrics that the agent knows by itself: asks nobody. */
export function collectMetrics(
  status: Status,
  memory: Memory,
  alerting: Pick<Alerting, "firing" | "deliveries">,
): Omit<MetricFacts, "receivedBytes" | "disks" | "certificates" | "process"> {
  const { counts, last, watch } = memory;
  return {
    ...{ status, counts, engineEvents: watch.streaming },
    ...(last === undefined ? {} : { lastAtMs: last.atMs }),
    probes: [...memory.probes].flatMap(([stack, { histories }]) =>
      [...histories].map(
        ([
          probe,
          {
            last: { ok, durationMs },
          },
        ]) => ({ stack, probe, ok, durationMs }),
      ),
    ),
    firing: alerting.firing().map(({ alert: { name, severity } }) => ({ name, severity })),
    deliveries: alerting.deliveries(),
  };
}

/** The directories whose disks the desired state asks something of, with what they must have free. */
export function listRequiredDisks({ desired }: Memory): Pick<DiskMetric, "path" | "requiredBytes">[] {
  const all = [desired?.requires, ...(desired?.stacks ?? []).map(({ requires }) => requires)].flatMap(
    (requires) => requires?.disk ?? [],
  );
  return [...Map.groupBy(all, ({ path }) => path)].map(([path, items]) => {
    const sizes = items.flatMap(({ free }) => (free === undefined ? [] : [parseSize(free) ?? 0]));
    return { path, ...(sizes.length === 0 ? {} : { requiredBytes: Math.max(...sizes) }) };
  });
}
