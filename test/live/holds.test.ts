import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { HistoryReport } from "../../agent/model/generated/history.ts";
import type { Status } from "../../agent/model/generated/status.ts";
import { type Holdfast, type Result, startHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import type { GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose } from "./start-host.ts";

const SECRET = "correct-horse-battery";
const PATIENCE = { timeoutMs: 40_000 };

describe("holds, sync and history of a running agent", () => {
  const directory = createTemporaryDirectory("hf-holds-");
  const outputs: string[] = [];
  let engine: Engine;
  let git: GitServer;
  let repository: GitRepository;
  let environment: Readonly<Record<string, string>>;
  let agent: Holdfast;

  before(async () => {
    engine = await startEngine();
    await loadImages(engine.socket, ["busybox:1.35"]);
    git = await startGitServer();
    repository = await git.createRepository("infra");
    mkdirSync(join(directory, "env"));
    writeFileSync(join(directory, "env", "app.env"), `PASSWORD=${SECRET}\n`, { mode: 0o600 });
    environment = {
      HOLDFAST_HOST: "box",
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: engine.socket,
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
      HOLDFAST_HOST_ENV_DIR: join(directory, "env"),
    };
    await push({
      "fleet.yaml": "interval: 10s\n",
      "hosts/box.yaml": "platform: linux/amd64\n",
      ...stack("web"),
      ...stack("db"),
    });
    await startAgent();
  });
  after(async () => {
    agent.kill("SIGKILL");
    await agent.ended;
    await Promise.allSettled([git.stop(), engine.stop()]);
  });

  function stack(name: string, lines = ""): Record<string, string> {
    return {
      [`stacks/${name}/stack.yaml`]: "hosts: all\nhostEnvFiles: [app.env]\n",
      [`stacks/${name}/compose.yaml`]: compose({
        app: `stop_grace_period: 0s\nenvironment: {PASSWORD: "\${PASSWORD}"}\n${lines}`,
      }),
    };
  }
  const push = (files: Readonly<Record<string, string>>): Promise<string> =>
    repository.commit(Object.fromEntries(Object.entries(files).map(([path, text]) => [`desired-state/${path}`, text])));

  async function holdfast(...args: string[]): Promise<Result> {
    const result = await startHoldfast({ args, environment }).ended;
    outputs.push(result.stdout, result.stderr);
    return result;
  }
  async function startAgent(): Promise<void> {
    agent = startHoldfast({ args: ["run"], environment });
    await waitUntil("the host is as it should be", async () => (await status()).last?.result === "converged", PATIENCE);
  }
  async function status(): Promise<Status> {
    const { stdout } = await holdfast("status", "--output", "json");
    assertSchema("status", stdout);
    return JSON.parse(stdout) as Status;
  }
  async function history(...args: string[]): Promise<HistoryReport["entries"]> {
    const { exitCode, stdout, stderr } = await holdfast("history", "--output", "json", "--limit", "500", ...args);
    assert.equal(exitCode, 0, stderr);
    assertSchema("history", stdout);
    return (JSON.parse(stdout) as HistoryReport).entries;
  }
  /** The newest events of a stack, with what they say. */
  const lastOf = async (name: string, count: number): Promise<string[]> =>
    (await history(name)).slice(-count).map(({ event, text }) => `${event}: ${text}`);
  async function running(): Promise<string[]> {
    const { stdout } = await engine.docker(["ps", "--format", "{{.Names}}"]);
    return stdout.trim().split("\n").filter(Boolean).sort();
  }
  const removeContainer = (name: string): Promise<unknown> => engine.docker(["rm", "-f", name]);
  const runs = (...names: string[]): Promise<unknown> =>
    waitUntil(`exactly ${names.join(" and ")} run`, async () => (await running()).join() === names.join(), PATIENCE);
  const isHeld = (name: string): Promise<unknown> =>
    waitUntil(
      `${name} is seen to differ, and held`,
      async () => {
        const { stacks, drift } = await status();
        return stacks.some((one) => one.name === name && one.state === "held") && drift.some((one) => one.stack === name);
      },
      PATIENCE,
    );

  it("a stack that is suspended must be reported and left alone, and the others be mended", async () => {
    const { exitCode, stdout, stderr } = await holdfast("suspend", "web", "--for", "2h", "--reason", "a new disk");
    assert.deepEqual([exitCode, stderr], [0, ""]);
    assert.match(stdout, /^web is suspended since .* until .*\n$/);
    await removeContainer("web-app-1");
    await isHeld("web");
    await removeContainer("db-app-1");
    await runs("db-app-1");
    const { exitCode: code, stdout: text } = await holdfast("status");
    assert.equal(code, 2);
    assert.match(text, /^web +held /m);
    assert.match(text, /^holds\n {2}web: suspended since .* until .*: a new disk$/m);
    assert.match(text, /^ {2}HoldfastSuspended: web on box is suspended, nothing is changed$/m);
    assert.match(text, /^ {2}HoldfastDrift: web: service-missing \(not healed\)$/m);
    const plan = await holdfast("plan");
    assert.equal(plan.exitCode, 0);
    assert.match(plan.stdout, /^web: held: suspended with .*: a new disk\n {2}not healed: service-missing: /m);
  });

  it("a hold must survive an agent that is killed", async () => {
    agent.kill("SIGKILL");
    await agent.ended;
    await startAgent();
    await isHeld("web");
    assert.deepEqual(await running(), ["db-app-1"]);
    assert.equal((await history("web")).filter(({ event }) => event === "drift-reported").length, 1, "told once");
  });

  it("a stack that is resumed must be mended, and the history tell all of it with its causes", async () => {
    assert.deepEqual(await holdfast("resume", "web"), { exitCode: 0, stdout: "web is resumed\n", stderr: "" });
    await runs("db-app-1", "web-app-1");
    const told = await waitUntil("it is told", async () => {
      const lines = await lastOf("web", 4);
      return lines.at(-1)?.startsWith("healed") && lines;
    });
    assert.match(told[0] ?? "", /^suspended: web is suspended with .* until .*: a new disk$/);
    assert.match(told[1] ?? "", /^drift-reported: service app has no container \(suspended with .*: a new disk\)$/);
    assert.deepEqual(told.slice(2), ["resumed: web is resumed with `holdfast resume`", "healed: service app has no container"]);
    assert.deepEqual((await history("web")).at(-1)?.steps, [{ text: "create app", causes: ["service app has no container"] }]);
  });

  it("a hold must end by itself, and what it kept back be done", async () => {
    await holdfast("suspend", "web", "--for", "15s");
    await removeContainer("web-app-1");
    await isHeld("web");
    await runs("db-app-1", "web-app-1");
    const told = await waitUntil("it is told", async () => {
      const lines = await lastOf("web", 2);
      return lines.at(-1)?.startsWith("healed") && lines;
    });
    assert.equal(told[0], "resumed: the time of the hold of web is over");
    assert.deepEqual((await status()).holds, []);
  });

  it("a host that is suspended must be left alone by `once` too, until it is resumed where no agent runs", async () => {
    const pushed = await push(stack("db", "hostname: two"));
    assert.equal((await holdfast("sync")).exitCode, 0);
    assert.equal((await history("db")).at(-1)?.revision, pushed);
    await holdfast("suspend", "--all");
    for (const name of ["web-app-1", "db-app-1"]) await removeContainer(name);
    await isHeld("web");
    agent.kill("SIGTERM");
    assert.equal((await agent.ended).exitCode, 0);
    const once = await holdfast("once");
    assert.equal(once.exitCode, 0, once.stderr);
    assert.deepEqual(await running(), []);
    assert.deepEqual(await holdfast("resume", "--all"), { exitCode: 0, stdout: "the host is resumed\n", stderr: "" });
    assert.equal((await holdfast("once")).exitCode, 0);
    assert.deepEqual(await running(), ["db-app-1", "web-app-1"]);
    await startAgent();
  });

  it("sync must resume what was given up because it kept being undone, and show what it does", async () => {
    await waitUntil(
      "healing has stopped",
      async () => {
        if ((await running()).includes("web-app-1")) await removeContainer("web-app-1");
        return (await status()).stacks.some(({ name, state }) => name === "web" && state === "held");
      },
      PATIENCE,
    );
    assert.match(
      (await lastOf("web", 2)).join("\n"),
      /^healing-stopped: healed 5 times .*\ndrift-reported: .*\(healing was stopped/,
    );
    assert.ok((await status()).alerts.some(({ name }) => name === "HoldfastDriftFighting"));
    const { exitCode, stdout, stderr } = await holdfast("sync", "web", "--follow");
    assert.equal(exitCode, 0, stderr);
    assert.match(
      stdout,
      /^web: synced: asked for with `holdfast sync`: healing resumes\nweb: create app\nweb: healed: .*\nweb {2}converged {2}revision [0-9a-f]{12}\n$/,
    );
    assert.deepEqual(await running(), ["db-app-1", "web-app-1"]);
    assert.ok(
      !(await status()).alerts.some(({ name, firesUntil }) => name === "HoldfastDriftFighting" && firesUntil === undefined),
    );
  });

  it("sync must exit as `once`: 1 for what fails, 3 for what is invalid, and concern the stack that is named", async () => {
    await push({ ...stack("db", "devices: [/dev/none-such]"), "stacks/web/stack.yaml": "hosts: all\ndependsOm: []\n" });
    const all = await holdfast("sync");
    assert.equal(all.exitCode, 1, all.stderr);
    assert.match(all.stdout, /^box {2}failed {2}revision [0-9a-f]{12}\ndb: failed: .*none-such.*\nweb: invalid at the newest /);
    const [db, web] = [await holdfast("sync", "db"), await holdfast("sync", "web", "--output", "json")];
    assert.deepEqual([db.exitCode, web.exitCode], [1, 3]);
    assert.match(db.stdout, /^db {2}failed .*\ndb: failed: .*none-such/);
    assertSchema("status", web.stdout);
    const failed = (await history("db")).filter(({ event }) => event === "step-failed");
    assert.equal(new Set(failed.map(({ text }) => text)).size, failed.length, "the same failure is told once");
    assert.match(failed[0]?.text ?? "", /^recreate app: .*none-such/);
    assert.match(
      (await history("web")).findLast(({ event }) => event === "revision-rejected")?.findings?.[0] ?? "",
      /unknown key "dependsOm"/,
    );
    await push({ ...stack("db"), ...stack("web") });
    const mended = await holdfast("sync");
    assert.equal(mended.exitCode, 0, mended.stdout);
    const wrong = await holdfast("sync", "wbe");
    assert.deepEqual(
      [wrong.exitCode, wrong.stderr],
      [1, 'holdfast: there is no stack "wbe" on this host\n  did you mean "web"?\n'],
    );
  });

  it("the history must be the same without an agent, and tell from when to when one ran", async () => {
    const before = await history();
    agent.kill("SIGTERM");
    await agent.ended;
    assert.deepEqual(await history(), before);
    assert.equal(before.filter(({ event }) => event === "agent-started").length, 3);
    assert.equal(before.find(({ event }) => event === "revision-accepted")?.revision?.length, 40);
    const text = await holdfast("history", "db");
    assert.match(text.stdout, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d {2}db {2}converged {2}[0-9a-f]{12}$/m);
    await startAgent();
  });

  it("a secret of the host must stand in nothing that was told", () => {
    assert.ok(outputs.length > 20);
    for (const text of outputs) assert.ok(!text.includes(SECRET), text);
    for (const name of ["holdfast.db", "holdfast.db-wal"])
      assert.ok(!readFileSync(join(directory, "state", name)).includes(SECRET), name);
  });
});

function assertSchema(name: string, text: string): void {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas", `${name}.schema.json`), "utf8")) as object;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  assert.ok(ajv.validate(schema, JSON.parse(text)), ajv.errorsText());
}
