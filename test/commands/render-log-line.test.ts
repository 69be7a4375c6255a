import assert from "node:assert/strict";
import { test } from "node:test";
import { renderLogLine } from "../../agent/commands/render-log-line.ts";

const REVISION = "0123456789abcdef0123456789abcdef01234567";

test("a line of the log must put what it is about first, and what is long below", () => {
  const fields = {
    ...{ revision: REVISION, action: "up", step: "recreate app", stack: "web" },
    causes: ["definition: healthcheck has changed", "files: conf/app.toml has changed"],
    ...{ hint: undefined, empty: [], steps: 3 },
  };
  assert.equal(
    renderLogLine("12:00:00", "info", fields, "step"),
    [
      '12:00:00 web: step revision=0123456789ab action=up step="recreate app" steps=3',
      "         causes: definition: healthcheck has changed",
      "         causes: files: conf/app.toml has changed",
      "",
    ].join("\n"),
  );
});

test("a line of the log must name its level where it is not the usual one, and keep the lines of a text apart", () => {
  const error = "no such image\nasked localhost:1";
  assert.equal(
    renderLogLine("12:00:00", "error", { error }, "step failed"),
    "12:00:00 error: step failed\n         error: no such image\n           asked localhost:1\n",
  );
});
