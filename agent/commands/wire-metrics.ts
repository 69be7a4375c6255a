import type { Status } from "../model/generated/status.ts";
import type { MetricFamily } from "../model/metric.ts";
import { describeMetrics } from "../plan/metrics/describe-metrics.ts";
import type { Memory } from "../reconcile/memory.ts";
import type { Alerting } from "../reconcile/tell/alerting.ts";
import { collectMetrics, listRequiredDisks } from "../reconcile/tell/collect-metrics.ts";
import { openDiskGauge } from "../report/measure-disks.ts";
import { measureProcess } from "../report/measure-process.ts";
import { openExpiryReader } from "../report/read-expiry.ts";
import type { Configuration } from "./read-configuration.ts";

export interface MetricParts {
  readonly configuration: Pick<Configuration, "stateDir" | "tls" | "repository">;
  readonly memory: Memory;
  readonly alerting: Pick<Alerting, "firing" | "deliveries">;
  readonly status: () => Status;
  readonly receivedBytes: () => number;
  readonly nowMs: () => number;
}

/** Collects the metrics of a running agent: no request to the engine, the repository or anybody else. */
export function wireMetrics(parts: MetricParts): () => Promise<MetricFamily[]> {
  const { configuration, memory, alerting, nowMs } = parts;
  const [gauge, expiries] = [openDiskGauge(), openExpiryReader()];
  const files = [configuration.tls?.certFile, configuration.repository.caFile].filter((file) => file !== undefined);
  return async () => {
    const required = new Map(listRequiredDisks(memory).map((disk) => [disk.path, disk]));
    const [disks, certificates, process] = await Promise.all([
      gauge.measure([configuration.stateDir, ...required.keys()]),
      expiries.read(files),
      measureProcess(nowMs()),
    ]);
    return describeMetrics({
      ...collectMetrics(parts.status(), memory, alerting),
      receivedBytes: parts.receivedBytes(),
      disks: disks.map((disk) => ({ ...disk, ...required.get(disk.path) })),
      ...{ certificates, process },
    });
  };
}
