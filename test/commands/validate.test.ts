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

const COMPOSE =
  'services:\n  app:\n    image: busybox:1.35\n    restart: always\n    mem_limit: 64m\n    healthcheck: {test: [CMD, "true"]}\n';

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
    "fleet.yaml": "interval: 1m\n",
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
      /^desired-state\/hosts\/other\.yaml:1:1: unknown key "platfrom"/,
      /^desired-state\/stacks\/one\/stack\.yaml:1:17: there is no host "boks"/,
      /^desired-state\/stacks\/two\/compose\.yaml:7:15: .*\$\{NAME\}/,
      /^desired-state\/stacks\/two\/compose\.yaml:8:17: .*\$\{OTHER\}/,
      /^desired-state\/stacks\/three\/compose\.yaml:\d+:\d+: .*\(yaml-syntax\)$/,
      /^desired-state\/stacks\/four\/stack\.yaml:1:1: .*\(file-missing\)$/,
    ])
      assert.ok(
        lines.some((line) => expected.test(line)),
        `${expected}\n${stderr}`,
      );
  });

  it("must not blame stacks for variables of a fleet.yaml that cannot be read", async () => {
    const { exitCode, stderr } = await runHoldfast(["validate", writeTree({ ...BROKEN, "fleet.yaml": "intervall: 1m\n" })]);
    assert.equal(exitCode, 3);
    assert.match(stderr, /^desired-state\/fleet\.yaml:1:1: unknown key "intervall"; did you mean "interval"\? \(unknown-key\)$/m);
    assert.doesNotMatch(stderr, /variable-undefined/);
  });

  it("must print the findings as JSON on standard output when asked", async () => {
    const { exitCode, stdout, stderr } = await runHoldfast(["validate", "--output", "json", writeTree(BROKEN)]);
    assert.deepEqual([exitCode, stderr], [3, ""]);
    const { findings } = JSON.parse(stdout) as { findings: { path: string; line: number; rule: string }[] };
    assert.ok(
      findings.some(({ path, line, rule }) => path === "desired-state/hosts/other.yaml" && line === 1 && rule === "unknown-key"),
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

describe("policies in holdfast validate", { concurrency: 2 }, () => {
  const PASSWORD = ["hG7", "xQ2v", "Lw9p"].join("");
  const files = (policy: string, stack = "hosts: all\n") => ({
    "fleet.yaml": `vars: {DB_TOKEN: ${PASSWORD}, UNUSED_TOKEN: ${PASSWORD}}\n${policy}`,
    "hosts/box.yaml": "platform: linux/amd64\n",
    "stacks/one/stack.yaml": stack,
    "stacks/one/common.yaml": "services:\n  base:\n    image: busybox:1.35\n    pid: host\n    restart: always\n",
    "stacks/one/.env": `A=1\nDB_PASSWORD=${PASSWORD}\n`,
    "stacks/one/compose.yaml": `services:
  web:
    extends: {file: common.yaml, service: base}
    image: nginx
    environment: {TOKEN: "\${DB_TOKEN}", P: "\${DB_PASSWORD}"}
    ports:
      - "127.0.0.1:80:80"
      - "8080:81"
    volumes: [/srv:/srv, "/var/run/docker.sock:/var/run/docker.sock:ro"]
`,
  });
  const AT = "desired-state/stacks/one";

  it("must find each at its line, in the file that says it", async () => {
    const { exitCode, stderr } = await runHoldfast(["validate", writeTree(files("policy: {runs-as-root: warn}\n"))]);
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/: warning: .* \(/, " ("));
    assert.deepEqual(lines, [
      "desired-state/fleet.yaml:1:18 (secret-in-plain-text)",
      `${AT}/.env:2:13 (secret-in-plain-text)`,
      `${AT}/common.yaml:4:10 (privileged)`,
      `${AT}/compose.yaml:2:3 (no-healthcheck)`,
      `${AT}/compose.yaml:2:3 (no-limits)`,
      `${AT}/compose.yaml:2:3 (runs-as-root)`,
      `${AT}/compose.yaml:4:12 (image-latest-tag)`,
      `${AT}/compose.yaml:8:9 (wildcard-bind)`,
      `${AT}/compose.yaml:9:26 (privileged)`,
    ]);
    assert.equal(exitCode, 0, "warnings only");
    assert.doesNotMatch(stderr, new RegExp(PASSWORD));
  });

  it("must exit 3 for what is enforced, and pass over what is off or excepted", async () => {
    const policy =
      "policy: {privileged: enforce, no-healthcheck: off, allowed-registries: {level: enforce, registries: [ghcr.io]}}\n";
    const wrong = await runHoldfast(["validate", writeTree(files(policy))]);
    assert.equal(wrong.exitCode, 3);
    assert.match(
      wrong.stderr,
      /^\S+compose\.yaml:4:12: nginx comes from docker\.io; allowed is ghcr\.io \(allowed-registries\)$/m,
    );
    assert.match(wrong.stderr, /^\S+common\.yaml:4:10: web uses the host's own processes; remove pid: host \(privileged\)$/m);
    assert.doesNotMatch(wrong.stderr, /no-healthcheck/);
    const reason = "reason: r, expires: 2999-12-31";
    const exceptions = `policyExceptions:
  - {rule: privileged, service: web, ${reason}}
  - {rule: allowed-registries, ${reason}}
  - {rule: secret-in-plain-text, ${reason}}
  - {rule: no-limits, service: wbe, ${reason}}
`;
    const excepted = await runHoldfast(["validate", writeTree(files(policy, `hosts: all\n${exceptions}`))]);
    assert.equal(excepted.exitCode, 0, excepted.stderr);
    assert.doesNotMatch(excepted.stderr, /privileged|allowed-registries|secret/);
    assert.match(excepted.stderr, /^\S+stack\.yaml:6:32: warning: the stack has no service "wbe" \(web\) \(unknown-service\)$/m);
    assert.match(excepted.stderr, /no-limits/);
  });
});
