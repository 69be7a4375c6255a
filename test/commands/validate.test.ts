import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { runHoldfast } from "./start-holdfast.ts";

const ROOT = join(import.meta.dirname, "../..");

/** A working tree with a desired state. */
function writeTree(files: Readonly<Record<string, string>>): string {
  const directory = createTemporaryDirectory("hf-validate-");
  for (const [path, text] of Object.entries(files)) {
    const full = join(directory, "desired-state", path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  return directory;
}

const COMPOSE = "services:\n  app:\n    image: busybox:1.35\n    restart: always\n";

describe("holdfast init", { concurrency: 2 }, () => {
  it("must make a desired state that validates", async () => {
    const directory = join(createTemporaryDirectory("hf-init-"), "new");
    const made = await runHoldfast(["init", directory]);
    assert.equal(made.exitCode, 0, made.stderr);
    assert.match(made.stdout, /^desired-state\/fleet\.yaml\n[\s\S]*holdfast validate/);
    assert.deepEqual(readdirSync(join(directory, "desired-state")).sort(), ["fleet.yaml", "hosts", "stacks"]);
    for (const there of [directory, join(directory, "desired-state")])
      assert.deepEqual(await runHoldfast(["validate", there]), { exitCode: 0, stdout: "desired-state: valid\n", stderr: "" });
    assert.equal((await runHoldfast(["validate"], { cwd: directory })).exitCode, 0, "the working directory by default");
  });

  it("must refuse a directory that holds something, a Git repository excepted, and change nothing in it", async () => {
    const directory = createTemporaryDirectory("hf-init-");
    mkdirSync(join(directory, ".git"));
    writeFileSync(join(directory, "notes.txt"), "mine\n");
    const { exitCode, stdout, stderr } = await runHoldfast(["init", directory]);
    assert.deepEqual([exitCode, stdout, stderr], [1, "", `holdfast: ${directory} is not empty\n  name a new directory\n`]);
    assert.deepEqual(readdirSync(directory).sort(), [".git", "notes.txt"]);
    const repository = createTemporaryDirectory("hf-init-");
    mkdirSync(join(repository, ".git"));
    assert.equal((await runHoldfast(["init", repository])).exitCode, 0);
  });

  it("must say readably that the name is a file's", async () => {
    const file = join(createTemporaryDirectory("hf-init-"), "file");
    writeFileSync(file, "");
    const { exitCode, stderr } = await runHoldfast(["init", file]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^holdfast: \S+ is no directory\n {2}\S.*\n$/);
  });
});

describe("holdfast validate", { concurrency: 2 }, () => {
  it("must find nothing to say of the example fleet but that it is valid", async () => {
    assert.deepEqual(await runHoldfast(["validate"], { cwd: ROOT }), {
      exitCode: 0,
      stdout: "desired-state: valid\n",
      stderr: "",
    });
  });

  const BROKEN = {
    "fleet.yaml": "intervall: 1m\n",
    "hosts/box.yaml": "platform: linux/amd64\n",
    "hosts/other.yaml": "platfrom: linux/arm64\n",
    "stacks/one/stack.yaml": "hosts: {names: [boks]}\n",
    "stacks/one/compose.yaml": COMPOSE,
    "stacks/two/stack.yaml": "hosts: all\n",
    "stacks/two/compose.yaml": `${COMPOSE}    hostname: \${NAME}\n    labels: {a: "\${OTHER}"}\n`,
    "stacks/three/stack.yaml": "hosts: all\n",
    "stacks/three/compose.yaml": "services: [\n",
    "stacks/four/compose.yaml": COMPOSE,
  };

  it("must print every finding with its place and rule on standard error and exit 3", async () => {
    const { exitCode, stdout, stderr } = await runHoldfast(["validate", writeTree(BROKEN)]);
    assert.deepEqual([exitCode, stdout], [3, ""]);
    const lines = stderr.trimEnd().split("\n");
    for (const line of lines) assert.match(line, /^desired-state\/\S+:\d+:\d+: .+ \([a-z-]+\)$/);
    for (const expected of [
      /^desired-state\/fleet\.yaml:1:1: unknown key "intervall"; did you mean "interval"\? \(unknown-key\)$/,
      /^desired-state\/hosts\/other\.yaml:1:1: unknown key "platfrom"/,
      /^desired-state\/stacks\/one\/stack\.yaml:1:17: there is no host "boks"/,
      /^desired-state\/stacks\/two\/compose\.yaml:5:15: .*\$\{NAME\}/,
      /^desired-state\/stacks\/two\/compose\.yaml:6:17: .*\$\{OTHER\}/,
      /^desired-state\/stacks\/three\/compose\.yaml:\d+:\d+: .*\(yaml-syntax\)$/,
      /^desired-state\/stacks\/four\/stack\.yaml:1:1: .*\(file-missing\)$/,
    ])
      assert.ok(
        lines.some((line) => expected.test(line)),
        `${expected}\n${stderr}`,
      );
  });

  it("must print the findings as JSON on standard output when asked", async () => {
    const { exitCode, stdout, stderr } = await runHoldfast(["validate", "--output", "json", writeTree(BROKEN)]);
    assert.deepEqual([exitCode, stderr], [3, ""]);
    const { findings } = JSON.parse(stdout) as { findings: { path: string; line: number; rule: string }[] };
    assert.ok(
      findings.some(({ path, line, rule }) => path === "desired-state/fleet.yaml" && line === 1 && rule === "unknown-key"),
    );
  });

  it("must check a stack for each of its hosts", async () => {
    const files = {
      "hosts/a.yaml": "platform: linux/amd64\nvars: {NAME: a}\n",
      "hosts/b.yaml": "platform: linux/amd64\n",
      "stacks/one/stack.yaml": "hosts: {names: [a]}\n",
      "stacks/one/compose.yaml": `${COMPOSE}    hostname: \${NAME}\n`,
    };
    assert.equal((await runHoldfast(["validate", writeTree(files)])).exitCode, 0);
    const both = await runHoldfast(["validate", writeTree({ ...files, "stacks/one/stack.yaml": "hosts: all\n" })]);
    assert.equal(both.exitCode, 3, "b has no value for NAME");
    assert.equal(both.stderr.split("\n").length, 2, both.stderr);
  });

  it("must say readably where there is no desired state", async () => {
    const directory = createTemporaryDirectory("hf-validate-");
    const { exitCode, stdout, stderr } = await runHoldfast(["validate", directory]);
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.equal(stderr, `holdfast: ${directory} holds no desired state\n  \`holdfast init DIR\` makes one\n`);
    const missing = await runHoldfast(["validate", `${directory}/nothing`]);
    assert.deepEqual([missing.exitCode, missing.stderr], [1, `holdfast: ${directory}/nothing is no directory\n`]);
  });
});
