import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { formatTime } from "../../agent/commands/format-time.ts";
import { renderHistory } from "../../agent/commands/render-history.ts";
import type { HistoryReport } from "../../agent/model/generated/history.ts";

const REVISION = "0123456789abcdef0123456789abcdef01234567";
const REPORT: HistoryReport = {
  host: "box",
  entries: [
    { at: "2026-03-01T11:59:00.000Z", event: "revision-accepted", revision: REVISION, text: "Give it less memory (tester)" },
    {
      at: "2026-03-01T12:00:05.000Z",
      event: "converged",
      stack: "ai",
      revision: REVISION,
      text: "place 1 file, recreate comfyui",
      steps: [
        { text: "place 1 file", causes: ["compose.yaml changed"] },
        { text: "recreate comfyui", causes: ["service comfyui: mem_limit changed"] },
      ],
    },
    {
      at: "2026-07-01T12:00:05.000Z",
      event: "drift-reported",
      stack: "ai",
      text: "container ai-comfyui-1 is exited with code 137 (suspended with `holdfast suspend` since 2026-07-01T11:00:00Z until `holdfast resume`: <the | disk>)",
    },
    {
      at: "2026-07-01T12:00:06.000Z",
      event: "step-failed",
      stack: "ai",
      text: `create comfyui: ${"x".repeat(90)}`,
      steps: [{ text: "create comfyui", causes: ["service comfyui has no container"] }],
    },
    {
      at: "2026-07-01T12:00:07.000Z",
      event: "revision-rejected",
      revision: REVISION,
      text: "it is invalid",
      findings: ["a.yaml:1:2: wrong (r)"],
    },
    {
      at: "2026-07-01T12:00:08.000Z",
      event: "rolled-back",
      stack: "ai",
      revision: REVISION,
      text: "back to fedcba987654: container ai-comfyui-1 is unhealthy (after 180 s)",
      output: ["last lines of ai-comfyui-1:", `  no   such|table ${"y".repeat(80)}`],
    },
  ],
};

describe("a history", () => {
  const zone = process.env["TZ"];
  beforeEach(() => {
    process.env["TZ"] = "Europe/Warsaw";
  });
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  it("must read in local time with its zone, in 80 columns, with steps and their causes", () => {
    const text = renderHistory(REPORT, "text");
    assert.equal(
      text,
      `2026-03-01 12:59:00 +01:00  revision-accepted  0123456789ab
    Give it less memory (tester)
2026-03-01 13:00:05 +01:00  ai  converged  0123456789ab
    place 1 file
      because compose.yaml changed
    recreate comfyui
      because service comfyui: mem_limit changed
2026-07-01 14:00:05 +02:00  ai  drift-reported
    container ai-comfyui-1 is exited with code 137 (suspended with \`holdfast
      suspend\` since 2026-07-01T11:00:00Z until \`holdfast resume\`: <the | disk>)
2026-07-01 14:00:06 +02:00  ai  step-failed
    create comfyui:
      ${"x".repeat(90)}
      because service comfyui has no container
2026-07-01 14:00:07 +02:00  revision-rejected  0123456789ab
    it is invalid
    a.yaml:1:2: wrong (r)
2026-07-01 14:00:08 +02:00  ai  rolled-back  0123456789ab
    back to fedcba987654: container ai-comfyui-1 is unhealthy (after 180 s)
    | last lines of ai-comfyui-1:
    |   no   such|table ${"y".repeat(56)}
    | ${"y".repeat(24)}`,
    );
    const long = text.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(long, [`      ${"x".repeat(90)}`], "only a word that is longer is wider");
  });

  it("must be a table in Markdown, a row each", () => {
    const lines = renderHistory(REPORT, "markdown").split("\n");
    assert.equal(lines.length, 2 + REPORT.entries.length);
    assert.equal(
      lines[3],
      "| 2026-03-01 13:00:05 +01:00 | ai | converged | 0123456789ab | place 1 file<br>because compose.yaml changed<br>recreate comfyui<br>because service comfyui: mem_limit changed |",
    );
    assert.match(
      lines.at(-1) ?? "",
      /rolled-back .*\(after 180 s\)<br>last lines of ai-comfyui-1:<br>no {3}such\\\|table y+ \|$/,
    );
    assert.match(lines[4] ?? "", /&lt;the \\\| disk>\) \|$/);
  });

  it("must say that there is none", () => {
    for (const format of ["text", "markdown"] as const)
      assert.equal(renderHistory({ host: "box", entries: [] }, format), "box: nothing has happened yet");
  });

  for (const [name, text] of [
    ["UTC", "2026-03-01 12:00:00 +00:00"],
    ["America/St_Johns", "2026-03-01 08:30:00 -03:30"],
    ["Asia/Kathmandu", "2026-03-01 17:45:00 +05:45"],
  ]) {
    it(`a time in ${name} must read ${text}`, () => {
      process.env["TZ"] = name;
      assert.equal(formatTime(Date.parse("2026-03-01T12:00:00Z")), text);
    });
  }
});
