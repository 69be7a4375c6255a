import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StackReport } from "../../agent/model/stack-report.ts";
import { renderStackPage } from "../../agent/pages/stack-page.ts";

const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
const STACK: StackReport = {
  status: { name: "web", state: "drifted", health: "starting", services: [] },
  ...{ holds: [], dependsOn: [], containers: [], probes: [], drift: [], steps: [] },
};

/** The words of the main part, without its marks. */
function read(stack: Partial<StackReport>): string {
  const history = { host: "box", entries: [] };
  const viewer = { nowMs: NOW_MS, canSignIn: false };
  const page = renderStackPage({ host: "box", stack: { ...STACK, ...stack }, history, viewer });
  const main = /<main[^>]*>([\s\S]*)<\/main>/.exec(page)?.[1] ?? "";
  return main.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
}

describe("a stack's page", () => {
  it("must tell each step of the plan with its causes, in order", () => {
    const steps = [
      { text: "put back 1 file", causes: ["conf/app.toml was edited"] },
      { text: "recreate app", causes: ["conf/app.toml was edited", "environment `MODE` changed"] },
    ];
    assert.match(
      read({ steps }),
      /Plan put back 1 file because conf\/app\.toml was edited recreate app because conf\/app\.toml was edited because environment MODE changed/,
    );
    assert.match(read({ steps, held: "it failed twice" }), /Plan Held: it failed twice put back 1 file/);
    assert.match(read({ held: "suspended" }), /Plan Nothing is done while it is held\./);
  });

  it("must show what was edited in a file", () => {
    const edited = { kind: "files-edited", mode: "heal", expected: "24 bytes", actual: "31 bytes" } as const;
    const drift = [{ ...edited, cause: "conf/app.toml was edited", diff: "-mode = 1\n+mode = <2>" }];
    assert.match(
      read({ drift }),
      /files-edited conf\/app\.toml was edited \(is being healed\) expected 24 bytes actual 31 bytes -mode = 1 \+mode = &lt;2&gt;/,
    );
  });

  it("must tell containers that ended, and probes that have not run yet", () => {
    const created = {
      oneOff: false,
      createdAt: "2026-03-01T10:00:00.000Z",
      image: "busybox:1.35",
      service: "app",
      health: "none",
    } as const;
    const containers = [
      { ...created, name: "web-app-1", state: "exited", exitCode: 1 },
      { ...created, name: "web-run-1", state: "running", oneOff: true },
    ] as const;
    const text = read({ containers, probes: [{ name: "tcp 127.0.0.1:1", state: "starting" }] });
    assert.match(text, /web-app-1 exited 1 busybox:1\.35 2 h ago web-run-1 one-off running/);
    assert.match(text, /tcp 127\.0\.0\.1:1 starting has not run yet/);
  });
});
