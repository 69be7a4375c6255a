import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Doctor } from "../../agent/model/generated/doctor.ts";
import { findFreePort } from "../servers/free-port.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { type Result, runHoldfast, startHoldfast } from "./start-holdfast.ts";

const SCHEMA = JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/doctor.schema.json"), "utf8")) as object;

/** A host without engine, repository and agent; directories of its own, with nothing in them. */
async function openHost() {
  const directory = createTemporaryDirectory("hf-doctor-");
  const environment: Record<string, string> = {
    HOLDFAST_HOST: "box",
    HOLDFAST_REPOSITORY_URL: `http://127.0.0.1:${await findFreePort()}/infra`,
    HOLDFAST_DOCKER_SOCKET: join(directory, "docker.sock"),
    HOLDFAST_STATE_DIR: join(directory, "state"),
    HOLDFAST_RUNTIME_DIR: createTemporaryDirectory(relative(tmpdir(), "/dev/shm/hf-doctor-")),
    HOLDFAST_HOST_ENV_DIR: join(directory, "env"),
    HOLDFAST_CONFIG: join(directory, "agent.yaml"),
    TMPDIR: directory,
  };
  const write = (name: string, text: string, mode: number): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  write("agent.yaml", "log: {level: info}\n", 0o644);
  const doctor = (...args: string[]): Promise<Result> => runHoldfast(["doctor", ...args], { environment });
  async function report(...args: string[]): Promise<Doctor> {
    const { exitCode, stdout, stderr } = await doctor("--output", "json", ...args);
    assert.equal(stderr, "");
    const parsed = JSON.parse(stdout) as Doctor;
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    assert.ok(ajv.validate(SCHEMA, parsed), ajv.errorsText());
    assert.deepEqual([exitCode, parsed.ok], parsed.checks.some(({ status }) => status === "error") ? [1, false] : [0, true]);
    return parsed;
  }
  /** The checks of an area, `status: what -> fix`. */
  const see = async (area: string, ...args: string[]): Promise<string[]> =>
    (await report(...args)).checks
      .filter((check) => check.area === area)
      .map(({ status, what, fix }) => `${status}: ${what}${fix === undefined ? "" : ` -> ${fix}`}`);
  return { directory, environment, write, doctor, report, see };
}

describe("holdfast doctor", { concurrency: 2 }, () => {
  it("must tell everything that is wrong at once, exit 1, and leave nothing behind", async () => {
    const { directory, environment, doctor } = await openHost();
    const before = readdirSync(directory);
    const { exitCode, stdout, stderr } = await doctor();
    assert.deepEqual([exitCode, stderr], [1, ""]);
    assert.match(stdout, /^configuration\n {2}ok {7}\S+\/agent\.yaml\n\ndirectories\n {2}ok/);
    assert.match(stdout, /\nengine\n {2}error {4}the Docker engine at \S*\s*\S+\/docker\.sock cannot be\s+reached/);
    assert.match(
      stdout,
      /\nrepository\n {2}error {4}http:\/\/\S+: the connection was refused\n {2}skipped {2}no revision has been accepted/,
    );
    assert.match(stdout, /\n\nbox: \d errors?(, \d warnings?)?\n$/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80 || line.includes(directory), line);
    assert.doesNotMatch(stdout, /\u001b/, "no colours where no terminal is");
    assert.deepEqual(readdirSync(directory), before);
    assert.deepEqual(readdirSync(environment["HOLDFAST_RUNTIME_DIR"] ?? ""), []);
  });

  it("must say every mistake of the configuration, and check what it can all the same", async () => {
    const { write, environment, see, report } = await openHost();
    write("agent.yaml", "repository: {brunch: main}\nintervall: 1m\n", 0o644);
    const wrong = await see("configuration");
    assert.equal(wrong.length, 2, wrong.join("\n"));
    assert.match(wrong[0] ?? "", /^error: \S+agent\.yaml:1:14: .*brunch/);
    assert.match(wrong[1] ?? "", /^error: \S+agent\.yaml:2:1: .*intervall/);
    assert.equal((await report()).host, undefined);

    write("agent.yaml", "ageKeyFile: /etc/age\n", 0o666);
    environment["HOLDFAST_REPOSITORY_URL"] = "";
    const { host, checks } = await report();
    assert.equal(host, "box");
    const told = checks.filter(({ area }) => area === "configuration").map(({ status, what }) => `${status}: ${what}`);
    assert.match(told[0] ?? "", /^error: \S+agent\.yaml: others can change it \(mode 666\)$/);
    assert.equal(told[1], "error: no repository is configured");
    assert.match(told[2] ?? "", /^warning: \S+agent\.yaml:1:1: .*not supported yet/);
    assert.deepEqual([...new Set(checks.map(({ area }) => area))], ["configuration", "directories", "engine"]);
  });

  it("must find files that others can read or change, and the agent must warn of them", async () => {
    const { directory, write, environment, see } = await openHost();
    const token = write("token", "hunter2-hunter2\n", 0o644);
    const signers = write("signers", "", 0o666);
    environment["HOLDFAST_REPOSITORY_TOKEN_FILE"] = token;
    environment["HOLDFAST_REPOSITORY_ALLOWED_SIGNERS"] = signers;
    environment["HOLDFAST_REPOSITORY_CA_FILE"] = join(directory, "gone.pem");
    mkdirSync(join(directory, "env/inner"), { recursive: true });
    write("env/good.env", "A=1\n", 0o600);
    write("env/inner/bad.env", "PASSWORD=hunter2-hunter2\n", 0o640);
    assert.deepEqual(await see("secrets"), [
      `warning: repository.tokenFile ${token}: others can read it (mode 644) -> \`chmod 600 ${token}\``,
      `error: repository.caFile ${directory}/gone.pem: there is no such file -> put it there, or correct repository.caFile`,
      `error: repository.allowedSigners ${signers}: others can change it (mode 666) -> \`chmod go-w ${signers}\``,
      `error: ${directory}/env/inner/bad.env: others can read it (mode 640) -> \`chmod 600 ${directory}/env/inner/bad.env\``,
      `ok: 1 file in ${directory}/env`,
    ]);
    const agent = startHoldfast({ args: ["run"], environment });
    try {
      const line = await agent.logged("the agent warns", ({ finding }) => String(finding).includes("tokenFile"));
      assert.equal(line["finding"], `repository.tokenFile ${token}: others can read it (mode 644)`);
      assert.equal(line["level"], "warn");
      assert.equal(line["fix"], `\`chmod 600 ${token}\``);
    } finally {
      agent.kill("SIGTERM");
    }
    const { stderr } = await agent.ended;
    assert.ok(!stderr.includes("hunter2"), stderr);
  });

  it("must look at the directories", async () => {
    const { directory, environment, see } = await openHost();
    environment["HOLDFAST_RUNTIME_DIR"] = join(directory, "run");
    environment["HOLDFAST_STATE_DIR"] = "/proc/holdfast";
    mkdirSync(join(directory, "env"));
    chmodSync(join(directory, "env"), 0o777);
    const told = await see("directories");
    assert.match(told.join("\n"), /^error: stateDir \/proc\/holdfast: .*-> /m);
    assert.match(told.join("\n"), /^warning: runtimeDir \S+\/run is not on tmpfs: secrets would reach a disk/m);
    assert.match(told.join("\n"), /^error: hostEnvDir \S+\/env: others can write to it \(mode 777\) -> `chmod go-w /m);
  });

  it("must be told from a mistake on its command line", async () => {
    const { exitCode, stdout, stderr } = await runHoldfast(["doctor", "--config", "/nonexistent/agent.yaml"]);
    assert.equal(exitCode, 1);
    assert.equal(stderr, "");
    assert.match(stdout, /^configuration\n {2}error {4}\/nonexistent\/agent\.yaml: there is no such file\n\n1 error\n$/);
  });
});
