import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { DriftKind } from "../../agent/model/drift.ts";
import { DEFAULT_DRIFT_MODES, decideDriftMode } from "../../agent/plan/drift/drift-policy.ts";
import { METRICS } from "../../agent/plan/metrics/metric-table.ts";
import { codeOf, listPages, ROOT, readPage, readTable } from "./read-pages.ts";

test("docs/drift.md must list every kind with its default, and those that cannot be healed", () => {
  const rows = readTable("docs/drift.md", "# Drift").map(([kind = "", , mode]) => [codeOf(kind), mode]);
  assert.deepEqual(Object.fromEntries(rows), DEFAULT_DRIFT_MODES);
  const kinds = Object.keys(DEFAULT_DRIFT_MODES) as DriftKind[];
  const healed = (kind: DriftKind) => decideDriftMode(kind, { mode: "heal", rules: { [kind]: "heal" } }) === "heal";
  const [sentence = ""] = /^.*taken as it is\.(.*?)cannot be healed/ms.exec(readPage("docs/drift.md"))?.slice(1) ?? [];
  const told = [...sentence.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]);
  assert.deepEqual(told.sort(), kinds.filter((kind) => !healed(kind)).sort());
});

test("docs/alerts.md must list every alert", () => {
  const source = readFileSync(join(ROOT, "agent/model/alert.ts"), "utf8");
  const names = [...(/type AlertName =(.*?);/s.exec(source)?.[1] ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1]);
  const rows = readTable("docs/alerts.md", "anew for each delivery").map(([name = ""]) => codeOf(name));
  assert.deepEqual(rows.sort(), names.sort());
});

test("docs/metrics.md must list every metric with its type and what it is", () => {
  const rows = readTable("docs/metrics.md", "# Metrics").map(([name = "", type, what]) => [codeOf(name), type, what]);
  assert.deepEqual(
    rows,
    Object.entries(METRICS).map(([name, { type, help }]) => [name, type, help]),
  );
});

test("ARCHITECTURE.md must justify exactly the dependencies that there are", () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const rows = readTable("ARCHITECTURE.md", "## Runtime dependencies").map(([name = ""]) => codeOf(name));
  assert.deepEqual(rows.sort(), Object.keys(dependencies).sort());
});

test("ARCHITECTURE.md must name exactly the folders of agent/ that there are", () => {
  const rows = readTable("ARCHITECTURE.md", "## Folders").map(([name = ""]) => codeOf(name).replace(/\/$/, ""));
  for (const name of rows) assert.ok(existsSync(join(ROOT, "agent", name)), `agent/${name} does not exist`);
});

test("every relative link of a page must lead somewhere", () => {
  for (const page of listPages()) {
    for (const [, target = ""] of readPage(page).matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g))
      assert.ok(existsSync(join(ROOT, dirname(page), target)), `${page}: ${target}`);
  }
});
