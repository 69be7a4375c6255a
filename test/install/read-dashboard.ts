import { readFileSync } from "node:fs";
import { join } from "node:path";
import { METRICS } from "../../agent/plan/metrics/metric-table.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** The panels of the dashboard, with the expressions as Grafana sends them. */
export function readDashboard(): readonly { readonly title: string; readonly expressions: readonly string[] }[] {
  const text = readFileSync(join(ROOT, "install/grafana/holdfast.json"), "utf8");
  const { panels } = JSON.parse(text) as { readonly panels: readonly Panel[] };
  return panels.map(({ title, targets = [] }) => ({ title, expressions: targets.map(({ expr }) => fillIn(expr)) }));
}

/** The variables that its queries for choices use. */
export function readChoices(): readonly string[] {
  const text = readFileSync(join(ROOT, "install/grafana/holdfast.json"), "utf8");
  return [...text.matchAll(/"definition": "((?:[^"\\]|\\.)*)"/g)].map(([, query = ""]) => JSON.parse(`"${query}"`) as string);
}

function fillIn(expression: string): string {
  return expression.replaceAll("$job", "holdfast").replaceAll("$instance", ".*").replaceAll("$__rate_interval", "1m");
}

/** Metrics that an expression names: what stands before a selector, or alone; labels, functions and words of PromQL are none. */
export function listMetrics(expression: string): string[] {
  const bare = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\{[^}]*\}/g, " ");
  const grouping = /\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/g;
  return [...bare.replaceAll(grouping, " ").matchAll(/[a-zA-Z_:][\w:]*(?!\w|\s*\()/g)]
    .map(([name]) => name)
    .filter((name) => !WORDS.has(name) && !/^[smhdwy]$/.test(name));
}

const WORDS = new Set(["and", "or", "unless", "by", "on", "without", "ignoring", "bool", "offset", "group_left", "group_right"]);

/** Whether there is such a metric: one of the agent's, or `up`, which Prometheus makes itself. */
export function isMetric(name: string): boolean {
  const known: Readonly<Record<string, { readonly type: string }>> = METRICS;
  const family = name.replace(/_(?:bucket|sum|count)$/, "");
  return name === "up" || known[name] !== undefined || (family !== name && known[family]?.type === "histogram");
}
