import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  describeAccepted,
  describeDone,
  describeFailedStep,
  describeReported,
  shorten,
} from "../../../agent/plan/history/describe-happening.ts";
import { listStanding } from "../../../agent/plan/history/list-standing.ts";
import { buildDrift, buildHost, buildStart, buildUp } from "../build.ts";

const WEB = { stack: "web", revision: "0123" };
const UP = buildUp(["app"], { recreate: true, causes: [{ kind: "definition", text: "service app: image changed" }] });

describe("the history must tell", () => {
  test("a change with its steps and their causes", () => {
    assert.deepEqual(describeDone(WEB, { steps: [UP, buildStart("web-db-1")], healed: [] }), {
      ...WEB,
      event: "converged",
      text: "recreate app, start web-db-1",
      steps: [
        { text: "recreate app", causes: ["service app: image changed"] },
        { text: "start web-db-1", causes: ["container web-db-1 is exited with code 1"] },
      ],
    });
  });

  test("a heal with what was and what should be", () => {
    const healed = buildDrift({ container: "shop-web-1", containerId: "abc" });
    const told = describeDone(WEB, { steps: [buildStart("shop-web-1")], healed: [healed, healed] });
    assert.deepEqual([told.event, told.text], ["healed", "container shop-web-1 is exited with code 1"]);
    assert.deepEqual(told.drift?.[0], {
      kind: "stopped",
      service: "web",
      container: "shop-web-1",
      expected: "running",
      actual: "exited with code 1",
      cause: healed.cause,
    });
  });

  test("a step that failed with its error", () => {
    const { event, text, steps } = describeFailedStep(WEB, UP, "no such image");
    assert.deepEqual(
      [event, text, steps?.[0]?.causes],
      ["step-failed", "recreate app: no such image", ["service app: image changed"]],
    );
  });

  test("a revision with what its commit says of itself, and what is left out of it", () => {
    const info = { author: "tester", subject: "Give it less memory" };
    assert.equal(describeAccepted({ revision: "01", invalid: [] }, info).text, "Give it less memory (tester)");
    assert.equal(describeAccepted({ revision: "01", invalid: ["web", "db"] }).text, "accepted; in part, not for web, db");
  });

  test("drift that is left as it is, and why", () => {
    assert.equal(describeReported(buildDrift(), undefined).text, "container shop-web-1 is exited with code 1 (only reported)");
    assert.match(describeReported(buildDrift(), "suspended by hand").text, /\(suspended by hand\)$/);
  });

  test("a thousand steps as a few", () => {
    const told = describeDone(WEB, { steps: Array.from({ length: 1000 }, () => UP), healed: [] });
    assert.equal(told.steps?.length, 30);
    assert.equal(told.text.length, 1000);
    assert.equal(shorten("a\n  b\t"), "a b");
  });
});

describe("what stands must be", () => {
  const FINDING = { path: "a.yaml", line: 1, column: 2, message: "wrong", rule: "r", severity: "error", stack: "web" } as const;
  const list = (facts: Parameters<typeof listStanding>[0]) =>
    listStanding(facts).map(({ id, begins }) => `${id.split(" ")[0]}: ${begins.event} ${begins.stack ?? "host"}: ${begins.text}`);

  test("nothing on a host that is as it should be", () => assert.deepEqual(list({ desired: buildHost([]) }), []));

  test("a revision that is rejected, once per revision and reason", () => {
    const ids = [
      ["a", "x"],
      ["a", "x"],
      ["b", "x"],
      ["a", "y"],
    ].map(([revision = "", reason = ""]) => listStanding({ rejected: { revision, reason, findings: [FINDING] } })[0]);
    assert.equal(new Set(ids.map((standing) => standing?.id)).size, 3);
    assert.deepEqual(ids[0]?.begins, {
      event: "revision-rejected",
      revision: "a",
      text: "x",
      findings: ["a.yaml:1:2: wrong (r)"],
    });
  });

  test("a stack that is invalid, once for the same findings", () => {
    const invalid = (revision: string, message: string) =>
      listStanding({ desired: buildHost([], { revision, invalid: ["web"], findings: [{ ...FINDING, message }] }) })[0];
    assert.equal(invalid("a", "wrong")?.id, invalid("b", "wrong")?.id);
    assert.notEqual(invalid("a", "wrong")?.id, invalid("a", "worse")?.id);
    assert.deepEqual(invalid("a", "wrong")?.begins.findings, ["a.yaml:1:2: wrong (r)"]);
  });

  test("a host that its file suspends, with its end", () => {
    const [standing] = listStanding({ desired: buildHost([], { suspended: true }) });
    assert.deepEqual([standing?.begins.event, standing?.ends?.event], ["suspended", "resumed"]);
  });

  test("drift that is reported, or held back, but no change that is on its way and nothing that is mended", () => {
    const drift = [
      buildDrift({ stack: "mended" }),
      buildDrift({ stack: "told", mode: "report", kind: "unhealthy", cause: "app is unhealthy" }),
      buildDrift({ stack: "held", cause: "app is gone" }),
      buildDrift({ stack: "held", origin: "revision" }),
      buildDrift({ stack: "failing" }),
    ];
    const stacks = [
      { stack: "held", steps: [], held: { reason: "suspended", text: "suspended by hand" } as const },
      { stack: "failing", steps: [], held: { reason: "backing-off", text: "failed" } as const },
    ];
    const facts = { plan: { host: "box", stacks, drift } };
    assert.deepEqual(list(facts), [
      "drift: drift-reported told: app is unhealthy (only reported)",
      "drift: drift-reported held: app is gone (suspended by hand)",
    ]);
    assert.deepEqual(
      listStanding(facts).map(({ flaps }) => flaps),
      [true, undefined],
    );
  });
});
