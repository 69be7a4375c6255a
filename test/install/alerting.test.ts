import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { METRICS } from "../../agent/plan/metrics/metric-table.ts";
import { runCommand } from "../engine/run-command.ts";
import { isMetric, listMetrics, readChoices, readDashboard } from "./read-dashboard.ts";

const RULES = join(import.meta.dirname, "../../install/alerting/holdfast.rules.yaml");
const TESTS = join(import.meta.dirname, "holdfast.rules.test.yaml");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}
const rules = (parse(readFileSync(RULES, "utf8")) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

describe("the alerting rules", () => {
  test("must be what promtool takes for rules, and do what their tests say", async () => {
    const { stdout } = await runCommand(["promtool", "check", "rules", RULES]);
    assert.match(stdout, new RegExp(`SUCCESS: ${rules.length} rules found`));
    await runCommand(["promtool", "test", "rules", TESTS]);
  });

  test("must each be tested, once that it fires and once that it does not", () => {
    const text = readFileSync(TESTS, "utf8");
    for (const { alert } of rules) {
      assert.match(text, new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:\\n\\s+- exp_labels`), `${alert} never fires`);
      if (alert !== "HoldfastDiskBelowRequired")
        assert.match(text, new RegExp(`alertname: ${alert}, exp_alerts: \\[\\]`), `${alert} always fires`);
    }
  });

  test("must use only metrics that there are, and lead to the runbook", () => {
    for (const { alert, expr, annotations } of rules) {
      const names = listMetrics(expr);
      assert.ok(names.length > 0, alert);
      for (const name of names) assert.ok(isMetric(name), `${alert}: ${name}`);
      assert.equal(annotations["runbook_url"], `docs/operations.md#${alert.toLowerCase()}`);
    }
  });
});

describe("the dashboard", () => {
  test("must use only metrics that there are, and every one of them that there is", () => {
    const used = new Set<string>();
    for (const { title, expressions } of readDashboard()) {
      for (const name of expressions.flatMap(listMetrics)) {
        assert.ok(isMetric(name), `${title}: ${name}`);
        used.add(name.replace(/_(?:bucket|sum|count)$/, ""));
      }
    }
    for (const query of readChoices()) assert.match(query, /^label_values\(holdfast_build_info/);
    const unused = Object.keys(METRICS).filter((name) => name.startsWith("holdfast_") && !used.has(name));
    assert.deepEqual(unused, ["holdfast_branch_info", "holdfast_disk_required_bytes"]);
  });

  test("must have panels that do not lie on each other", () => {
    const text = readFileSync(join(import.meta.dirname, "../../install/grafana/holdfast.json"), "utf8");
    const { panels } = JSON.parse(text) as { panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[] };
    const cells = new Set<string>();
    for (const { id, gridPos } of panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          assert.ok(x < 24 && !cells.has(`${x} ${y}`), `panel ${id}`);
          cells.add(`${x} ${y}`);
        }
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  });

  test("names of metrics must be found in expressions as Prometheus has them", () => {
    const cases: [string, string[]][] = [
      ['sum by (result) (rate(a_total{x="b_total"}[5m])) / c', ["a_total", "c"]],
      ['a{x=~"y"} unless on (job, z) topk by (job) (1, count by (k) (b))', ["a", "b"]],
      ["time() - until > 14 * 86400 or vector(0)", ["until"]],
      ["e * on (job) group_left (version) f == 1", ["e", "f"]],
    ];
    for (const [expression, names] of cases) assert.deepEqual(listMetrics(expression), names, expression);
  });
});
