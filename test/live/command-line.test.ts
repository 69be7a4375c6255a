import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { listCommandLines } from "../commands/list-command-lines.ts";
import { type Holdfast, type Result, startHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import type { GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose } from "./start-host.ts";

const SECRET = "correct-horse-battery";
/** Ends only when it is killed, so that replacing it takes as long as its grace period. */
const STUBBORN =
  'command: [sh, -c, "trap : TERM; while :; do sleep 1; done"]\nstop_grace_period: 5s\nenvironment: {PASSWORD: "${PASSWORD}"}';

describe("the program on its command line", () => {
  const directory = createTemporaryDirectory("hf-cli-");
  const texts: string[] = [];
  let engine: Engine;
  let git: GitServer;
  let repository: GitRepository;
  let environment: Readonly<Record<string, string>>;

  before(async () => {
    engine = await startEngine();
    await loadImages(engine.socket, ["busybox:1.35"]);
    git = await startGitServer();
    repository = await git.createRepository("infra");
    mkdirSync(join(directory, "env"));
    writeFileSync(join(directory, "env", "app.env"), `PASSWORD=${SECRET}\n`, { mode: 0o600 });
    environment = {
      HOLDFAST_HOST: "wrong",
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: engine.socket,
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
      HOLDFAST_HOST_ENV_DIR: join(directory, "env"),
      HOLDFAST_LISTEN: "127.0.0.1:0",
    };
    await push({ "fleet.yaml": "interval: 10s\n", "hosts/box.yaml": "platform: linux/amd64\n", ...stack("app", "one") });
  });
  after(() => Promise.allSettled([git.stop(), engine.stop()]));

  function stack(name: string, round: string, mode = "heal"): Record<string, string> {
    return {
      [`stacks/${name}/stack.yaml`]: `hosts: all\nhostEnvFiles: [app.env]\ndrift: {mode: ${mode}}\n`,
      [`stacks/${name}/compose.yaml`]: compose({ app: `labels: {round: ${round}}\n${STUBBORN}` }).replace(
        / {4}command: \[sleep.*\n/,
        "",
      ),
    };
  }

  const push = (files: Readonly<Record<string, string | null>>): Promise<string> =>
    repository.commit(Object.fromEntries(Object.entries(files).map(([path, text]) => [`desired-state/${path}`, text])));

  function start(...args: string[]): Holdfast {
    const program = startHoldfast({ args: [...args, "--host", "box"], environment });
    void program.ended.then(({ stdout, stderr }) => texts.push(stdout, stderr));
    return program;
  }
  const holdfast = (...args: string[]): Promise<Result> => start(...args).ended;

  async function containers(): Promise<string[]> {
    const { stdout } = await engine.docker(["ps", "--all", "--format", '{{.Names}} {{.State}} {{.Label "round"}}']);
    return stdout.trim().split("\n").filter(Boolean).sort();
  }

  /** Starts the agent and waits until it is in the middle of replacing a container. */
  async function startReplacing(round: string): Promise<Holdfast> {
    await push(stack("app", round));
    const agent = start("run");
    await agent.logged("the step has begun", ({ msg, step }) => msg === "step" && step === "recreate app");
    await waitUntil("compose runs", () =>
      listCommandLines().some((line) => line.includes("docker-compose") && line.includes(directory)),
    );
    return agent;
  }

  it("plan on a new host must exit 2, show steps with their causes, and change nothing", async () => {
    const { exitCode, stdout, stderr } = await holdfast("plan");
    assert.equal(exitCode, 2, stderr);
    assert.match(stdout, /^box:\napp\n {2}place 2 files\n {6}because .+\n {2}create app\n {6}because .+\n$/);
    assert.deepEqual(await containers(), []);
    assert.equal(existsSync(join(directory, "state")), false, "not even the state directory is made");
  });

  it("once must exit 0, and plan then has nothing to do and exits 0", async () => {
    const once = await holdfast("once");
    assert.equal(once.exitCode, 0, once.stderr);
    assert.deepEqual(await containers(), ["app-app-1 running one"]);
    const { exitCode, stdout } = await holdfast("plan");
    assert.deepEqual([exitCode, stdout], [0, "box: nothing to do\n"]);
  });

  it("a pushed change must make plan exit 2 and name it, as text and as JSON of its schema", async () => {
    await push(stack("app", "two"));
    const { exitCode, stdout } = await holdfast("plan");
    assert.equal(exitCode, 2);
    assert.match(stdout, /recreate app\n {6}because .*label/);
    const json = await holdfast("plan", "--output", "json");
    assert.equal(json.exitCode, 2);
    assertSchema("plan", json.stdout);
    assert.deepEqual(await containers(), ["app-app-1 running one"]);
  });

  it("a revision with an invalid stack must make once and plan exit 3 with the finding, and leave that stack", async () => {
    await push({ "stacks/app/stack.yaml": "hosts: all\ndependsOm: [x]\n", ...stack("calm", "one", "report") });
    const finding = 'desired-state/stacks/app/stack.yaml:2:1: unknown key "dependsOm"; did you mean "dependsOn"? (unknown-key)';
    const once = start("once");
    const { exitCode, stderr } = await once.ended;
    assert.equal(exitCode, 3, stderr);
    assert.ok(
      once.log().some((line) => JSON.stringify(line["findings"])?.includes(JSON.stringify(finding))),
      stderr,
    );
    const plan = await holdfast("plan");
    assert.equal(plan.exitCode, 3);
    assert.ok(plan.stderr.includes(`${finding}\n`), plan.stderr);
    assert.deepEqual(await containers(), ["app-app-1 running one", "calm-app-1 running one"]);
    await push(stack("app", "two"));
    assert.equal((await holdfast("once")).exitCode, 0);
  });

  it("plan must show what a revision removes, and that somebody has to confirm it; once must wait for that", async () => {
    const files = { ...stack("app", "two"), ...stack("calm", "one", "report") };
    const before = await containers();
    await push({
      ...Object.fromEntries(Object.keys(files).map((path) => [path, null])),
      "stacks/later/stack.yaml": "hosts: {names: []}\n",
      "stacks/later/compose.yaml": compose({ app: "" }),
    });
    const plan = await holdfast("plan");
    assert.equal(plan.exitCode, 2, plan.stderr);
    assert.match(plan.stdout, /\n {2}remove app-app-1\n {6}because stack app is not in the repository since /);
    assert.match(plan.stdout, /none of it is done as long as nobody confirms it: it would remove the last of this host's stacks/);
    assert.equal((await holdfast("once")).exitCode, 1);
    assert.deepEqual(await containers(), before);
    await push(files);
    assert.equal((await holdfast("once")).exitCode, 0);
  });

  it("a repository that cannot be reached must exit 1 with one readable line, and a trace only when asked", async () => {
    const nowhere = ["--repository-url", "http://127.0.0.1:1/infra"];
    for (const command of ["plan", "once"]) {
      const fresh = ["--state-dir", join(directory, "fresh")];
      const { exitCode, stdout, stderr } = await holdfast(command, ...nowhere, ...fresh);
      assert.equal(exitCode, 1);
      assert.equal(stdout, "");
      const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
      assert.deepEqual(lines, ["holdfast: http://127.0.0.1:1/infra: the connection was refused"]);
      assert.match((await holdfast(command, ...nowhere, ...fresh, "--verbose")).stderr, /\n {4}at .*\.ts:\d+/);
    }
  });

  it("run must log JSON lines and answer status, refuse a second agent, and end with exit 0 when it is asked to", async () => {
    const agent = start("run");
    await agent.logged("the revision is accepted", ({ msg }) => msg === "revision accepted");
    const status = await waitUntil("the host is healthy", async () => {
      const result = await holdfast("status");
      return result.exitCode === 0 && result.stdout;
    });
    assert.match(
      status,
      /^box {2}healthy {2}revision [0-9a-f]{12}.*\n\nSTACK +STATE +HEALTH +REVISION +RUNNING\napp +converged +healthy/,
    );
    const json = await holdfast("status", "--output", "json");
    assert.equal(json.exitCode, 0);
    assertSchema("status", json.stdout);
    const second = await holdfast("run");
    assert.equal(second.exitCode, 1);
    assert.match(second.stderr, /^holdfast: another agent answers at .*\n {2}\S.*\n$/m);
    const askedAtMs = performance.now();
    agent.kill("SIGTERM");
    const { exitCode, stderr } = await agent.ended;
    assert.equal(exitCode, 0, stderr);
    assert.ok(performance.now() - askedAtMs < 3_000, "an idle agent ends at once");
    for (const line of stderr.trim().split("\n")) assert.equal(typeof JSON.parse(line).msg, "string");
    assert.deepEqual([agent.log()[0]?.msg, agent.log().at(-1)?.msg], ["agent started", "agent stopped"]);
  });

  it("status must exit 2 while something differs, and 1 when no agent answers", async () => {
    await engine.docker(["kill", "calm-app-1"]);
    const agent = start("run");
    await agent.logged("the revision is accepted", ({ msg }) => msg === "revision accepted");
    const { stdout } = await waitUntil("the drift is seen", async () => {
      const result = await holdfast("status");
      return result.exitCode === 2 && result.stdout.includes("drift\n") && result;
    });
    assert.match(stdout, /calm +drifted[\s\S]*calm: stopped \(report\): .*calm-app-1/);
    agent.kill("SIGINT");
    assert.equal((await agent.ended).exitCode, 0);
    const gone = await holdfast("status");
    assert.equal(gone.exitCode, 1);
    assert.match(gone.stderr, /^holdfast: no agent answers at .*\n {2}is it running\?.*\n$/);
  });

  it("an agent that is stopped in the middle must end with exit 0 quickly, and the next start finishes the job", async () => {
    for (const round of ["three", "four"]) {
      const agent = await startReplacing(round);
      const askedAtMs = performance.now();
      agent.kill("SIGTERM");
      const { exitCode, stderr } = await agent.ended;
      assert.equal(exitCode, 0, stderr);
      assert.ok(performance.now() - askedAtMs < 4_000, "it does not wait for the container's grace period");
      assert.doesNotMatch(stderr, /step failed/, "being stopped is no failure of the step");
    }
    const { exitCode, stderr } = await holdfast("once");
    assert.equal(exitCode, 0, stderr);
    assert.ok((await containers()).includes("app-app-1 running four"), String(await containers()));
  });

  it("an agent that is killed in the middle must leave nothing that the next start does not finish", async () => {
    const agent = await startReplacing("five");
    agent.kill("SIGKILL");
    assert.equal((await agent.ended).exitCode, null);
    const next = start("run");
    // Killed between removing the old container and renaming the new one, Compose leaves the new one its temporary name.
    const replaced = /^([0-9a-f]{12}_)?app-app-1 running five$/;
    await waitUntil("the host is healthy", async () => (await containers()).some((line) => replaced.test(line)), {
      timeoutMs: 40_000,
    });
    await next.logged("the stack is converged", ({ msg }) => msg === "stack converged");
    next.kill("SIGTERM");
    assert.equal((await next.ended).exitCode, 0);
    assert.deepEqual((await containers()).filter((line) => line.includes("app-app")).length, 1, "nothing is left over");
    assert.equal((await holdfast("plan")).stdout.includes("recreate"), false);
  });

  it("a secret of the host must stand in no output, no log and no command line", async () => {
    await push(stack("app", "six"));
    const seen = new Set<string>();
    const once = start("once");
    let over = false;
    void once.ended.finally(() => {
      over = true;
    });
    await waitUntil(
      "it has ended",
      () => {
        for (const line of listCommandLines()) seen.add(line);
        return over;
      },
      { timeoutMs: 60_000, intervalMs: 5 },
    );
    const { exitCode, stderr } = await once.ended;
    assert.equal(exitCode, 0, stderr);
    const ours = [...seen].filter((line) => line.includes("docker-compose") && line.includes(directory));
    // The rendering is too short to be seen for sure.
    assert.ok(
      ours.some((line) => line.includes(" up ")),
      ours.join("\n"),
    );
    for (const text of [...seen, ...texts]) assert.ok(!text.includes(SECRET), text);
    assert.ok((await engine.docker(["inspect", "app-app-1"])).stdout.includes(SECRET), "the container has it");
  });
});

function assertSchema(name: string, text: string): void {
  const read = (file: string): object =>
    JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas", `${file}.schema.json`), "utf8")) as object;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  assert.ok(ajv.validate(read(name), JSON.parse(text)), ajv.errorsText());
}
