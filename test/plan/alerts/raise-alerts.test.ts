import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Alert } from "../../../agent/model/alert.ts";
import type { Drift } from "../../../agent/model/drift.ts";
import type { Finding } from "../../../agent/model/finding.ts";
import { type HostFacts, raiseAlerts, type StackFacts } from "../../../agent/plan/alerts/raise-alerts.ts";
import { buildDrift } from "../build.ts";

const REVISION = "0123456789abcdef0123456789abcdef01234567";
const FINDING: Finding = { path: "a.yaml", line: 1, column: 2, message: "wrong", rule: "r", severity: "error" };

function raise(stack: Partial<StackFacts> = {}, host: Partial<HostFacts> = {}): Alert[] {
  const facts: StackFacts = {
    stack: "shop",
    revision: REVISION,
    newest: REVISION,
    drift: [],
    healed: [],
    findings: [],
    ...stack,
  };
  return raiseAlerts({ host: "box", labels: { site: "home" }, stacks: [facts], drift: [], heartbeat: false, ...host });
}

function only(alerts: readonly Alert[]): Alert {
  assert.equal(alerts.length, 1);
  return alerts[0] as Alert;
}

describe("alerts", () => {
  test("must not be raised when all is well", () => assert.deepEqual(raise(), []));

  test("must tell drift of a stack once per kind, with every cause", () => {
    const web = buildDrift();
    const db = buildDrift({ service: "db", cause: "container shop-db-1 is exited with code 2" });
    const alerts = raise({ drift: [web, db, buildDrift({ kind: "orphan", cause: "an orphan" })], healed: [web] });
    assert.deepEqual(
      alerts.map((alert) => alert.labels["kind"]),
      ["stopped", "orphan"],
    );
    assert.deepEqual(alerts[0], {
      name: "HoldfastDrift",
      severity: "warning",
      labels: { site: "home", alertname: "HoldfastDrift", severity: "warning", host: "box", stack: "shop", kind: "stopped" },
      annotations: {
        summary: "shop: stopped (not healed)",
        description: `${web.cause}\n${db.cause}`,
        revision: REVISION,
        runbook_url: "docs/operations.md#holdfastdrift",
      },
    });
  });

  test("must say of drift whether it is being healed, waits, or is left", () => {
    const summary = (drift: Partial<Drift>, mending: [string, "healing" | "waits"][]): string | undefined =>
      only(raise({ drift: [buildDrift(drift)] }, { mending: new Map(mending) })).annotations["summary"];
    assert.equal(summary({}, [["shop", "healing"]]), "shop: stopped (healing)");
    assert.equal(summary({}, [["shop", "waits"]]), "shop: stopped (waits)");
    assert.equal(summary({}, [["blog", "healing"]]), "shop: stopped (not healed)");
    assert.equal(summary({ mode: "report" }, [["shop", "healing"]]), "shop: stopped (not healed)");
    assert.deepEqual(
      only(raise({ drift: [buildDrift()] }, { mending: new Map([["shop", "waits"]]) })).labels,
      only(raise({ drift: [buildDrift()] })).labels,
    );
  });

  test("must not name the revision that failed as the one that it went back to", () => {
    const told = (failed: string): string | undefined =>
      only(raise({ rolledBack: { revision: failed, reason: "unhealthy", outcome: "rolled-back" } })).annotations["summary"];
    assert.equal(told(REVISION), "shop on box: revision 0123456789ab did not get healthy and is rolled back");
    assert.equal(
      told("f".repeat(40)),
      "shop on box: revision ffffffffffff did not get healthy and was rolled back to 0123456789ab",
    );
  });

  test("must lead to the runbook that the fleet names, whatever stands behind its address", () => {
    for (const runbook of ["https://wiki.lan/operations", "https://wiki.lan/operations#top"]) {
      const { annotations } = only(raise({ failure: "no" }, { runbook }));
      assert.equal(annotations["runbook_url"], "https://wiki.lan/operations#holdfastconvergefailed");
    }
  });

  test("must carry what is to be done, where something is", () => {
    const plan = "shop\n  create web\n      because it is missing";
    const [drift, failed] = raise({ drift: [buildDrift()], failure: "no", plan });
    assert.deepEqual([drift?.annotations["plan"], failed?.annotations["plan"]], [plan, plan]);
    assert.equal(only(raise({ healed: [buildDrift()], plan })).annotations["plan"], undefined, "it is done");
  });

  test("must say that drift was healed", () => {
    assert.equal(only(raise({ healed: [buildDrift()] })).annotations["summary"], "shop: stopped (healed)");
  });

  const cases: [string, Partial<StackFacts>, string, RegExp][] = [
    ["a failure", { failure: "no such image" }, "HoldfastConvergeFailed", /no such image/],
    ["findings", { findings: [FINDING] }, "HoldfastRevisionRejected", /^a\.yaml:1:2: wrong \(r\)$/],
    ["sickness", { unhealthy: "container shop-db-1 is unhealthy" }, "HoldfastStackUnhealthy", /shop-db-1/],
    ["a fight", { fighting: "kept being undone" }, "HoldfastDriftFighting", /undone/],
  ];
  for (const [what, facts, name, description] of cases) {
    test(`must tell ${what} of a stack`, () => {
      const alert = only(raise(facts));
      assert.deepEqual(alert.labels, { site: "home", alertname: name, severity: "critical", host: "box", stack: "shop" });
      assert.match(alert.annotations["description"] ?? "", description);
      assert.equal(alert.annotations["revision"], REVISION);
    });
  }

  test("must tell what concerns the host without naming a stack", () => {
    const alerts = raise(
      {},
      {
        rejected: { revision: REVISION, reason: "fleet.yaml is wrong", findings: [FINDING] },
        failure: "engine is down",
        heartbeat: true,
        unreadable: { sinceMs: Date.UTC(2026, 0, 1), reason: "https://git/x: the connection was refused", revision: REVISION },
        drift: [buildDrift({ stack: "gone", kind: "unmanaged-stack" })],
      },
    );
    assert.deepEqual(
      alerts.map((alert) => [alert.name, alert.severity, alert.labels["stack"]]),
      [
        ["HoldfastRevisionRejected", "critical", undefined],
        ["HoldfastConvergeFailed", "critical", undefined],
        ["HoldfastSourceUnreachable", "warning", undefined],
        ["HoldfastHeartbeat", "none", undefined],
        ["HoldfastDrift", "warning", "gone"],
      ],
    );
    assert.deepEqual(alerts[2]?.annotations, {
      summary: "box: the repository cannot be read",
      description:
        "https://git/x: the connection was refused\nSince 2026-01-01T00:00:00.000Z; what is in force is still looked after.",
      revision: REVISION,
      runbook_url: "docs/operations.md#holdfastsourceunreachable",
    });
    assert.equal(alerts[0]?.annotations["summary"], "box: revision 0123456789ab is rejected");
    assert.equal(alerts[0]?.annotations["description"], "fleet.yaml is wrong\na.yaml:1:2: wrong (r)");
  });

  test("must have labels that never change with the revision, and that the fleet cannot overwrite", () => {
    const labels = { host: "other", alertname: "x", severity: "y", stack: "z" };
    const [first, second] = [REVISION, "f".repeat(40)].map((revision) => only(raise({ revision, failure: "no" }, { labels })));
    assert.deepEqual(first?.labels, second?.labels);
    assert.deepEqual(first?.labels, {
      alertname: "HoldfastConvergeFailed",
      severity: "critical",
      host: "box",
      stack: "shop",
    });
  });

  test("must show twenty findings and count the others", () => {
    const findings = Array.from({ length: 23 }, (_, index) => ({ ...FINDING, line: index + 1 }));
    const lines = only(raise({ findings })).annotations["description"]?.split("\n") ?? [];
    assert.equal(lines.length, 21);
    assert.equal(lines.at(-1), "and 3 more");
  });
});
