import type { StackStatus, Status } from "../../model/generated/status.ts";
import type { MetricFamily, Sample } from "../../model/metric.ts";
import type { Action } from "../../model/plan.ts";
import type { Counts, Result } from "./counts.ts";
import { describeHistogram } from "./histogram.ts";
import { METRICS, type MetricName } from "./metric-table.ts";

/** What metrics are made of; everything is at hand, and nobody is asked for it. */
export interface MetricFacts {
  readonly status: Status;
  readonly counts: Counts;
  /** Of the Git server. */
  readonly receivedBytes: number;
  /** When the last reconciliation ended, milliseconds since the epoch. */
  readonly lastAtMs?: number;
  readonly engineEvents: boolean;
  readonly probes: readonly {
    readonly stack: string;
    readonly probe: string;
    readonly ok: boolean;
    readonly durationMs: number;
  }[];
  readonly firing: readonly { readonly name: string; readonly severity: string }[];
  readonly deliveries: readonly { readonly receiver: string; readonly success: number; readonly failure: number }[];
  readonly disks: readonly DiskMetric[];
  readonly certificates: readonly { readonly file: string; readonly notAfterMs: number }[];
  readonly process: ProcessMetric;
}

export interface DiskMetric {
  readonly path: string;
  readonly freeBytes: number;
  readonly sizeBytes: number;
  readonly requiredBytes?: number;
}

export interface ProcessMetric {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes?: number;
  readonly openFds?: number;
  readonly maxFds?: number;
  readonly startTimeSeconds: number;
}

const RESULTS: readonly Result[] = ["converged", "waiting", "failed", "invalid"];
const STATES: readonly StackStatus["state"][] = ["converged", "drifted", "waiting", "failed", "held", "invalid", "rolled-back"];
/** Every action has its series from the start: what appears with 1 was never seen to grow. */
const ACTIONS: Readonly<Record<Action, true>> = {
  ...{ "create-directory": true, place: true, pull: true, up: true, start: true, unpause: true, remove: true, hook: true },
  ...{ "remove-networks": true, stop: true, restart: true, signal: true, rename: true, connect: true, disconnect: true },
  update: true,
};

/** The metrics of one moment. */
export function describeMetrics(facts: MetricFacts): MetricFamily[] {
  const samples: Readonly<Record<MetricName, readonly Sample[]>> = {
    ...describeAgent(facts),
    ...describeStacks(facts),
    ...describeReports(facts),
    ...describeMachine(facts),
  };
  return (Object.keys(METRICS) as MetricName[]).map((name) => ({ name, ...METRICS[name], samples: samples[name] }));
}

function describeAgent({ status, counts, receivedBytes, lastAtMs, engineEvents }: MetricFacts) {
  const { version, revision, tip, stacks, rejected } = status;
  const behind =
    rejected !== undefined || (tip !== undefined && tip !== revision) || stacks.some((stack) => stack.state === "invalid");
  const { reconciliations, polls, lastConvergedAtMs } = counts;
  return {
    holdfast_build_info: one(1, { version }),
    holdfast_revision_info: revision === undefined ? [] : one(1, { revision }),
    holdfast_branch_info: tip === undefined ? [] : one(1, { revision: tip }),
    holdfast_revision_current: revision === undefined && rejected === undefined ? [] : one(behind ? 0 : 1),
    holdfast_reconciliations_total: RESULTS.flatMap((result) => one(reconciliations[result].count, { result })),
    holdfast_reconciliation_duration_seconds: RESULTS.flatMap((result) => describeHistogram(reconciliations[result], { result })),
    holdfast_last_reconciliation_timestamp_seconds: lastAtMs === undefined ? [] : one(lastAtMs / 1000),
    holdfast_last_successful_reconciliation_timestamp_seconds:
      lastConvergedAtMs === undefined ? [] : one(lastConvergedAtMs / 1000),
    holdfast_poll_duration_seconds: (["success", "failure"] as const).flatMap((result) =>
      describeHistogram(polls[result], { result }),
    ),
    holdfast_poll_bytes_total: one(receivedBytes),
    holdfast_source_up: one(status.sourceError === undefined ? 1 : 0),
    holdfast_engine_up: one(status.engineError === undefined ? 1 : 0),
    holdfast_engine_events_connected: one(engineEvents ? 1 : 0),
    holdfast_steps_total: (Object.keys(ACTIONS) as Action[]).flatMap((action) => {
      const { success, failure } = counts.steps.get(action) ?? { success: 0, failure: 0 };
      return [...one(success, { action, result: "success" }), ...one(failure, { action, result: "failure" })];
    }),
  };
}

function describeStacks({ status, probes }: MetricFacts) {
  const { stacks, drift, holds } = status;
  const conditions = stacks.flatMap(({ name, state, health, verified }) => {
    const held = holds.some(({ stack }) => stack === undefined || stack === name);
    const facts = { healthy: health === "healthy", verified: verified === true, suspended: held };
    const states = STATES.map((value): [string, boolean] => [value, state === value]);
    return [...Object.entries(facts), ...states].flatMap(([condition, is]) => one(is ? 1 : 0, { stack: name, condition }));
  });
  const kinds = Map.groupBy(drift, ({ stack, kind }) => JSON.stringify([stack, kind]));
  const sum = (stack: StackStatus, count: "running" | "replicas"): number =>
    stack.services.reduce((total, service) => total + service[count], 0);
  return {
    holdfast_stack_condition: conditions,
    holdfast_stack_containers: stacks.flatMap((stack) => one(sum(stack, "running"), { stack: stack.name })),
    holdfast_stack_containers_desired: stacks.flatMap((stack) => one(sum(stack, "replicas"), { stack: stack.name })),
    holdfast_drift: [...kinds.values()].flatMap((items) =>
      items.slice(0, 1).flatMap(({ stack, kind }) => one(items.length, { stack, kind })),
    ),
    holdfast_probe_success: probes.flatMap(({ stack, probe, ok }) => one(ok ? 1 : 0, { stack, probe })),
    holdfast_probe_duration_seconds: probes.flatMap(({ stack, probe, durationMs }) => one(durationMs / 1000, { stack, probe })),
  };
}

function describeReports({ firing, deliveries }: MetricFacts) {
  const names = Map.groupBy(firing, ({ name }) => name);
  return {
    holdfast_alerts_firing: [...names].flatMap(([alertname, items]) =>
      one(items.length, { alertname, severity: items[0]?.severity ?? "" }),
    ),
    holdfast_alert_deliveries_total: deliveries.flatMap(({ receiver, success, failure }) => [
      ...one(success, { receiver, result: "success" }),
      ...one(failure, { receiver, result: "failure" }),
    ]),
  };
}

function describeMachine({ disks, certificates, process: self }: MetricFacts) {
  const { virtualBytes, openFds, maxFds } = self;
  return {
    holdfast_disk_free_bytes: disks.flatMap(({ path, freeBytes }) => one(freeBytes, { path })),
    holdfast_disk_size_bytes: disks.flatMap(({ path, sizeBytes }) => one(sizeBytes, { path })),
    holdfast_disk_required_bytes: disks.flatMap(({ path, requiredBytes }) =>
      requiredBytes === undefined ? [] : one(requiredBytes, { path }),
    ),
    holdfast_certificate_not_after_timestamp_seconds: certificates.flatMap(({ file, notAfterMs }) =>
      one(notAfterMs / 1000, { file }),
    ),
    process_cpu_seconds_total: one(self.cpuSeconds),
    process_resident_memory_bytes: one(self.residentBytes),
    process_virtual_memory_bytes: virtualBytes === undefined ? [] : one(virtualBytes),
    process_open_fds: openFds === undefined ? [] : one(openFds),
    process_max_fds: maxFds === undefined ? [] : one(maxFds),
    process_start_time_seconds: one(self.startTimeSeconds),
  };
}

function one(value: number, labels: Readonly<Record<string, string>> = {}): Sample[] {
  return [{ labels, value }];
}
