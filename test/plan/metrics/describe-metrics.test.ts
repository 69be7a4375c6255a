import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Status } from "../../../agent/model/generated/status.ts";
import { countPoll, countReconciliation, countStep, createCounts } from "../../../agent/plan/metrics/counts.ts";
import { describeMetrics, type MetricFacts } from "../../../agent/plan/metrics/describe-metrics.ts";
import { METRICS } from "../../../agent/plan/metrics/metric-table.ts";
import { renderMetrics } from "../../../agent/plan/metrics/render-metrics.ts";

const STATUS: Status = {
  ...{ host: "box", version: "1.2.3", healthy: false, revision: "aaa", tip: "bbb", findings: [], alerts: [] },
  stacks: [
    {
      ...{ name: "web", state: "drifted", health: "healthy", verified: true },
      services: [
        { name: "app", image: "app:1", replicas: 2, running: 1 },
        { name: "db", image: "db:1", replicas: 1, running: 1 },
      ],
    },
    { name: "new", state: "invalid", services: [] },
  ],
  holds: [{ stack: "web", origin: "command" }],
  drift: [
    { stack: "web", kind: "stopped", mode: "heal", expected: "-", actual: "-", cause: "a" },
    { stack: "web", kind: "stopped", mode: "heal", expected: "-", actual: "-", cause: "b" },
    { stack: "gone", kind: "unmanaged-stack", mode: "heal", expected: "-", actual: "-", cause: "c" },
  ],
};

function facts(over: Partial<MetricFacts> = {}): MetricFacts {
  return {
    ...{ status: STATUS, counts: createCounts(), receivedBytes: 7, engineEvents: true },
    probes: [{ stack: "web", probe: "http 127.0.0.1:81/", ok: false, durationMs: 1_500 }],
    firing: [
      { name: "HoldfastDrift", severity: "warning" },
      { name: "HoldfastDrift", severity: "warning" },
    ],
    deliveries: [{ receiver: "a.lan:9093", success: 3, failure: 1 }],
    disks: [{ path: "/srv", freeBytes: 10, sizeBytes: 100, requiredBytes: 5 }],
    certificates: [{ file: "/etc/holdfast/tls.pem", notAfterMs: 2_000 }],
    process: { cpuSeconds: 1, residentBytes: 2, startTimeSeconds: 3 },
    ...over,
  };
}

const lines = (over?: Partial<MetricFacts>): string[] => renderMetrics(describeMetrics(facts(over)), "text").split("\n");

describe("metrics", () => {
  test("must tell of a stack what is true of it and what is not", () => {
    const told = lines().filter((line) => line.startsWith('holdfast_stack_condition{stack="web"'));
    const conditions = told.map((line) => /condition="([a-z-]+)"\} (\d)/.exec(line)?.slice(1));
    assert.deepEqual(Object.fromEntries(conditions.map((pair) => pair ?? [])), {
      ...{ healthy: "1", verified: "1", suspended: "1", drifted: "1" },
      ...{ converged: "0", waiting: "0", failed: "0", held: "0", invalid: "0", "rolled-back": "0" },
    });
    assert.ok(lines().includes('holdfast_stack_containers{stack="web"} 2'));
    assert.ok(lines().includes('holdfast_stack_containers_desired{stack="web"} 3'));
  });

  test("must count drift by stack and kind, also of stacks that have left", () => {
    assert.deepEqual(
      lines().filter((line) => line.startsWith("holdfast_drift{")),
      ['holdfast_drift{stack="web",kind="stopped"} 2', 'holdfast_drift{stack="gone",kind="unmanaged-stack"} 1'],
    );
  });

  test("must say whether the newest commit is in force as a whole", () => {
    const current = (status: Partial<Status>): string | undefined =>
      lines({ status: { ...STATUS, stacks: [], tip: "aaa", ...status } }).find((line) =>
        line.startsWith("holdfast_revision_current "),
      );
    assert.equal(current({}), "holdfast_revision_current 1");
    assert.equal(current({ tip: "bbb" }), "holdfast_revision_current 0");
    assert.equal(current({ rejected: { revision: "aaa", reason: "no" } }), "holdfast_revision_current 0");
    assert.equal(current({ stacks: STATUS.stacks }), "holdfast_revision_current 0", "a stack is invalid");
  });

  test("must count what happened", () => {
    const counts = createCounts();
    countReconciliation(counts, "converged", 20, 5_000);
    countReconciliation(counts, "failed", 20, 9_000);
    countPoll(counts, "failure", 30_000);
    countStep(counts, "up", "success");
    countStep(counts, "up", "failure");
    const told = lines({ counts });
    for (const line of [
      'holdfast_reconciliations_total{result="converged"} 1',
      'holdfast_reconciliations_total{result="failed"} 1',
      'holdfast_reconciliations_total{result="invalid"} 0',
      "holdfast_last_successful_reconciliation_timestamp_seconds 5",
      'holdfast_reconciliation_duration_seconds_bucket{result="converged",le="0.025"} 1',
      'holdfast_poll_duration_seconds_bucket{result="failure",le="10"} 0',
      'holdfast_poll_duration_seconds_bucket{result="failure",le="30"} 1',
      'holdfast_steps_total{action="up",result="success"} 1',
      'holdfast_steps_total{action="up",result="failure"} 1',
      'holdfast_steps_total{action="remove",result="success"} 0',
      'holdfast_probe_success{stack="web",probe="http 127.0.0.1:81/"} 0',
      'holdfast_probe_duration_seconds{stack="web",probe="http 127.0.0.1:81/"} 1.5',
      'holdfast_alerts_firing{alertname="HoldfastDrift",severity="warning"} 2',
      'holdfast_alert_deliveries_total{receiver="a.lan:9093",result="failure"} 1',
      'holdfast_disk_required_bytes{path="/srv"} 5',
      'holdfast_certificate_not_after_timestamp_seconds{file="/etc/holdfast/tls.pem"} 2',
    ])
      assert.ok(told.includes(line), line);
  });

  test("must have the same names whatever happens, each with a help and the right suffix", () => {
    for (const [name, { type, help }] of Object.entries(METRICS)) {
      assert.equal(name.endsWith("_total"), type === "counter", name);
      assert.match(help, /^[A-Z].*\.$/, name);
      assert.match(name, /^(holdfast|process)_[a-z_]+$/);
    }
    assert.deepEqual(
      describeMetrics(facts()).map(({ name }) => name),
      Object.keys(METRICS),
    );
  });

  test("of an agent that knows nothing yet must not pretend anything", () => {
    const { revision: _revision, tip: _tip, ...status } = { ...STATUS, stacks: [], drift: [], holds: [] };
    const told = lines({ status, probes: [], firing: [], deliveries: [], disks: [], certificates: [] });
    for (const name of ["revision_info", "revision_current", "last_successful", "last_reconciliation", "drift", "probe_success"])
      assert.ok(!told.some((line) => line.startsWith(`holdfast_${name}`)), name);
  });
});
