import type { MetricFamily } from "../../model/metric.ts";

type Description = Pick<MetricFamily, "type" | "help">;

const gauge = (help: string): Description => ({ type: "gauge", help });
const counter = (help: string): Description => ({ type: "counter", help });
const histogram = (help: string): Description => ({ type: "histogram", help });

/** Every metric that there is, in the order in which they are told; docs/metrics.md, rules and dashboard are checked against it. */
export const METRICS = {
  holdfast_build_info: gauge("The agent: always 1. Label: version."),
  holdfast_revision_info: gauge("The commit that is in force: always 1. Label: revision."),
  holdfast_branch_info: gauge("The commit that the branch named at the last successful poll: always 1. Label: revision."),
  holdfast_revision_current: gauge("Whether the newest commit that is known is in force as a whole."),
  holdfast_reconciliations_total: counter(
    "Reconciliations since the start. Label: result (converged, waiting, failed, invalid).",
  ),
  holdfast_reconciliation_duration_seconds: histogram("How long reconciliations took. Label: result."),
  holdfast_last_reconciliation_timestamp_seconds: gauge("When the last reconciliation ended."),
  holdfast_last_successful_reconciliation_timestamp_seconds: gauge(
    "When a reconciliation ended as converged last, since the start.",
  ),
  holdfast_poll_duration_seconds: histogram("How long asking the repository for its tip took. Label: result (success, failure)."),
  holdfast_poll_bytes_total: counter("Bytes of content that came from the Git server, fetches included."),
  holdfast_source_up: gauge("Whether the repository could be read at the last poll."),
  holdfast_engine_up: gauge("Whether the engine could be asked in the last reconciliation that needed it."),
  holdfast_engine_events_connected: gauge(
    "Whether the engine tells what happens; otherwise its containers are listed at each poll.",
  ),
  holdfast_stack_condition: gauge("What is true of a stack (1) and what is not (0). Labels: stack, condition."),
  holdfast_stack_containers: gauge("Containers of a stack that run or have done their work. Label: stack."),
  holdfast_stack_containers_desired: gauge("Containers that a stack should have. Label: stack."),
  holdfast_drift: gauge("Differences between what should be and what is; no series without one. Labels: stack, kind."),
  holdfast_steps_total: counter("Steps that were taken or failed. Labels: action, result (success, failure)."),
  holdfast_probe_success: gauge("Whether a probe passed when it was run last. Labels: stack, probe."),
  holdfast_probe_duration_seconds: gauge("How long a probe took when it was run last. Labels: stack, probe."),
  holdfast_alerts_firing: gauge("Alerts that fire. Labels: alertname, severity."),
  holdfast_alert_deliveries_total: counter(
    "Messages to receivers of alerts. Labels: receiver (its host), result (success, failure).",
  ),
  holdfast_disk_free_bytes: gauge(
    "What can be written on the disk of a directory: stateDir, and those of requires.disk. Label: path.",
  ),
  holdfast_disk_size_bytes: gauge("Size of that disk. Label: path."),
  holdfast_disk_required_bytes: gauge("Free space that requires.disk asks for. Label: path."),
  holdfast_certificate_not_after_timestamp_seconds: gauge("When a certificate that agent.yaml names expires. Label: file."),
  process_cpu_seconds_total: counter("CPU time of the agent, in user and system mode."),
  process_resident_memory_bytes: gauge("Resident memory of the agent."),
  process_virtual_memory_bytes: gauge("Virtual memory of the agent."),
  process_open_fds: gauge("Open file descriptors of the agent."),
  process_max_fds: gauge("How many file descriptors it may have open."),
  process_start_time_seconds: gauge("When the agent was started."),
} as const satisfies Readonly<Record<string, Description>>;

export type MetricName = keyof typeof METRICS;
