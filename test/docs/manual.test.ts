import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeProgram } from "../../agent/commands/describe-program.ts";
import { runCommand } from "../engine/run-command.ts";

const PAGE = new URL("../../install/man/holdfast.8", import.meta.url).pathname;

describe("the manual page", () => {
  it("must be read without a warning, fit a terminal of 80 columns, and tell of each command", async () => {
    const { stdout, stderr } = await runCommand(["man", "--warnings", "--encoding=UTF-8", "-l", PAGE], {
      environment: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", MANWIDTH: "80", MANPAGER: "cat" },
    });
    assert.equal(stderr, "");
    const text = stdout.replace(/.\u0008|\u001b\[[0-9;]*m/g, "");
    for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
    const program = describeProgram(new AbortController().signal, () => undefined);
    for (const command of program.createHelp().visibleCommands(program)) {
      if (command.name() === "help") continue;
      assert.match(text, new RegExp(`^ {3}holdfast ${command.name()}\\b`, "m"));
    }
  });
});
