import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { flagName, SETTINGS } from "../../agent/commands/read-configuration.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { runHoldfast } from "./start-holdfast.ts";

const ROOT = join(import.meta.dirname, "../..");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
const LOCAL = ["status", "sync", "suspend", "resume", "history"];
const COMMANDS = ["run", "once", "plan", "validate", ...LOCAL, "doctor", "render", "init", "version"];

// Most of a call is the start of the program.
describe("the command line", { concurrency: 2 }, () => {
  for (const args of [["--version"], ["-V"]]) {
    it(`holdfast ${args.join(" ")} must print the version alone`, async () => {
      assert.deepEqual(await runHoldfast(args), { exitCode: 0, stdout: `${version}\n`, stderr: "" });
    });
  }

  it("holdfast version must say what it is made from and runs on, the version first", async () => {
    const { stdout } = await runHoldfast(["version"]);
    assert.equal(stdout, `${version} (from source, linux-${process.arch}, Node.js ${process.versions.node})\n`);
  });

  for (const args of [["help"], ["--help"]]) {
    it(`holdfast ${args.join(" ")} must list every command on standard output`, async () => {
      const { exitCode, stdout, stderr } = await runHoldfast(args);
      assert.deepEqual([exitCode, stderr], [0, ""]);
      for (const command of COMMANDS) assert.match(stdout, new RegExp(`^ {2}${command}\\b`, "m"));
    });
  }

  it("holdfast help COMMAND must describe that command", async () => {
    for (const command of ["plan", "validate"]) {
      const { exitCode, stdout } = await runHoldfast(["help", command]);
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`^Usage: holdfast ${command}`));
    }
  });

  const WRONG: readonly (readonly [readonly string[], string])[] = [
    [["stauts"], "error: unknown command 'stauts'\n(Did you mean status?)\n"],
    [["plan", "--repositry-url", "x"], "error: unknown option '--repositry-url'\n(Did you mean --repository-url?)\n"],
    [["plan", "--verbos"], "error: unknown option '--verbos'\n(Did you mean --verbose?)\n"],
    [["run", "--quite-another-thing"], "error: unknown option '--quite-another-thing'\n"],
    [
      ["plan", "--output", "xml"],
      "error: option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are text, json, markdown.\n",
    ],
    [
      ["sync", "--output", "markdown"],
      "error: option '-o, --output <format>' argument 'markdown' is invalid. Allowed choices are text, json.\n",
    ],
    [["render"], "error: missing required argument 'stack'\n"],
    [["version", "too", "many"], "error: too many arguments for 'version'. Expected 0 arguments but got 2: too, many.\n"],
  ];
  for (const [args, stderr] of WRONG) {
    it(`holdfast ${args.join(" ")} must exit 1 and say what is wrong, without a trace`, async () => {
      const result = await runHoldfast(args);
      assert.deepEqual(
        {
          ...result,
          stderr: result.stderr.replace(/\. Expected 0 arguments but got 2.*/, ". Expected 0 arguments but got 2: too, many."),
        },
        { exitCode: 1, stdout: "", stderr },
      );
    });
  }

  it("holdfast without a command must show the help and exit 1", async () => {
    const { exitCode, stdout, stderr } = await runHoldfast([]);
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.match(stderr, /^Usage: holdfast/);
  });

  it("every setting must be a flag of the commands that read the configuration", async () => {
    const flags = SETTINGS.flatMap((setting) => [`--${flagName(setting)}`, setting[1] === "level" ? "loud" : "*"]);
    for (const command of ["run", "once", "plan", ...LOCAL, "render"]) {
      const { exitCode, stderr } = await runHoldfast([command, ...(command === "render" ? ["web"] : []), ...flags]);
      assert.equal(exitCode, 1);
      assert.match(stderr, /^holdfast: --host: host: expected a name/, command);
      assert.match(stderr, /^--log-level: /m, command);
    }
  });

  for (const [command, hint] of [
    ["status", "`holdfast plan` works without it"],
    ["sync", "`holdfast once` reconciles without it"],
  ] as const) {
    it(`${command} where no agent runs must say so in one line with a hint, and need no repository`, async () => {
      const directory = createTemporaryDirectory("hf-status-");
      const { exitCode, stdout, stderr } = await runHoldfast([command], { environment: { HOLDFAST_RUNTIME_DIR: directory } });
      assert.deepEqual([exitCode, stdout], [1, ""]);
      assert.match(stderr, /^holdfast: no agent answers at \S+\/holdfast\.sock\n {2}is it running\?.*\n$/);
      assert.ok(stderr.includes(hint), stderr);
      const verbose = await runHoldfast([command, "--verbose", "--runtime-dir", directory]);
      assert.match(verbose.stderr, /\n {4}at /);
    });
  }

  it("a configuration file that is named and missing must be told", async () => {
    const { exitCode, stderr } = await runHoldfast(["plan", "--config", "/nonexistent/agent.yaml"]);
    assert.deepEqual([exitCode, stderr], [1, "holdfast: /nonexistent/agent.yaml: there is no such file\n"]);
  });
});
