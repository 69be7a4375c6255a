import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { HistoryReport } from "../../agent/model/generated/history.ts";
import { type Holdfast, type Result, startHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import type { GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose } from "./start-host.ts";

const SECRET = "hunter2 & co [$5]";

describe("a revision that does not get healthy, on the command line", () => {
  const directory = createTemporaryDirectory("hf-back-");
  let engine: Engine;
  let git: GitServer;
  let repository: GitRepository;
  let environment: Readonly<Record<string, string>>;
  let agent: Holdfast | undefined;
  let [good, better] = ["", ""];

  before(async () => {
    engine = await startEngine();
    await loadImages(engine.socket, ["busybox:1.35"]);
    git = await startGitServer();
    repository = await git.createRepository("infra");
    mkdirSync(join(directory, "env"));
    writeFileSync(join(directory, "env/web.env"), `PASSWORD='${SECRET}'\n`, { mode: 0o600 });
    environment = {
      HOLDFAST_HOST: "box",
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: engine.socket,
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
      HOLDFAST_HOST_ENV_DIR: join(directory, "env"),
      HOLDFAST_LISTEN: "127.0.0.1:0",
    };
    await repository.commit({ "desired-state/fleet.yaml": "interval: 1h\n", "desired-state/hosts/box.yaml": "{}\n" });
    good = await push("good", "sleep 100000");
  });
  after(async () => {
    agent?.kill("SIGKILL");
    await agent?.ended.catch(() => undefined);
    await Promise.allSettled([git.stop(), engine.stop()]);
    removeTemporaryDirectory(directory);
  });

  const push = (round: string, script: string): Promise<string> =>
    repository.commit({
      "desired-state/stacks/web/stack.yaml": "hosts: all\nhostEnvFiles: [web.env]\nverify: {timeout: 5s}\n",
      "desired-state/stacks/web/compose.yaml": compose({
        app: `stop_grace_period: 1s\nlabels: {round: ${round}}\nenvironment: {PASSWORD: "\${PASSWORD}"}`,
      }).replace('[sleep, "100000"]', () => JSON.stringify(["sh", "-c", script])),
    });
  const CRASH = 'echo "cannot log in with $$PASSWORD"; exit 7';
  const start = (...args: string[]): Holdfast => startHoldfast({ args, environment });
  const holdfast = (...args: string[]): Promise<Result> => start(...args).ended;
  const round = async (): Promise<string> =>
    (await engine.docker(["ps", "--format", '{{.Names}} {{.Label "round"}}'])).stdout.trim();
  const short = (revision: string): string => revision.slice(0, 12);

  it("must make once go back, say so and why, and exit 1; and once more as long as it is the newest", async () => {
    const first = await holdfast("once");
    assert.deepEqual([first.exitCode, await round()], [0, "web-app-1 good"], first.stderr);
    const bad = await push("bad", CRASH);
    const once = start("once");
    const { exitCode, stderr } = await once.ended;
    assert.deepEqual([exitCode, await round()], [1, "web-app-1 good"], stderr);
    const told = once.log().find(({ msg }) => msg === "stack rolled back: it did not get healthy");
    assert.deepEqual([told?.["stack"], told?.["revision"], told?.["to"]], ["web", bad, good]);
    assert.match(String(told?.["reason"]), /web-app-1.*\nlast lines of web-app-1:\n( {2}cannot log in with \*\*\*\n?)+$/s);
    assert.equal((await holdfast("once")).exitCode, 1);
    const plan = await holdfast("plan");
    const kept = `web: rolled back to ${short(good)}, the newest revision is not in force: it did not get healthy`;
    assert.deepEqual([plan.exitCode, plan.stdout], [0, `box:\n${kept}; \`holdfast sync web\` tries it again\n`]);
  });

  it("must be in the history with what failed and the container's last lines, without the secret, as text and as JSON", async () => {
    const text = await holdfast("history", "web");
    assert.match(
      text.stdout,
      new RegExp(
        `  web  rolled-back  [0-9a-f]{12}\n    back to ${short(good)}: .*\n(.*\n)* {4}\\| last lines of web-app-1:\n {4}\\| {3}cannot log in with \\*\\*\\*\n`,
      ),
    );
    const json = await holdfast("history", "web", "--output", "json");
    const { entries } = JSON.parse(json.stdout) as HistoryReport;
    const told = entries.filter(({ event }) => event === "rolled-back");
    assert.equal(told.length, 1);
    assert.ok(told[0]?.output?.includes("  cannot log in with ***"), json.stdout);
    for (const { stdout, stderr } of [text, json]) assert.ok(!`${stdout}${stderr}`.includes("hunter2"));
  });

  it("must make sync exit 1 with the reason, after it was tried again", async () => {
    agent = start("run");
    await agent.logged("it is there", ({ msg }) => msg === "listening");
    for (const args of [["sync", "web", "--follow"], ["sync"]]) {
      const { exitCode, stdout } = await holdfast(...args);
      assert.equal(exitCode, 1, stdout);
      assert.match(stdout, /^web: rolled-back: the newest revision did not get healthy, what verified before is in force$/m);
      assert.equal(/^web: recreate app/m.test(stdout), args.length > 1, "the whole host's sync does not try it again");
    }
    assert.equal(await round(), "web-app-1 good");
  });

  it("that is mended must make sync wait until it has verified, and exit 0", async () => {
    better = await push("better", "sleep 100000");
    const { exitCode, stdout } = await holdfast("sync", "web");
    assert.deepEqual([exitCode, await round()], [0, "web-app-1 better"], stdout);
    const { stacks } = JSON.parse((await holdfast("status", "--output", "json")).stdout);
    assert.deepEqual([stacks[0].state, stacks[0].verified, stacks[0].revision], ["converged", true, better]);
  });

  it("rollback must go back by hand, stay there, and sync come forward again", async () => {
    const back = await holdfast("rollback", "web");
    assert.deepEqual([back.exitCode, await round()], [0, "web-app-1 good"], back.stderr);
    assert.equal(back.stdout, `web is taken back to ${short(good)}, until something that makes it changes\n`);
    const all = await holdfast("sync");
    assert.deepEqual([all.exitCode, await round()], [0, "web-app-1 good"], "who did it knows it");
    assert.match(all.stdout, /^web: rolled-back: taken back by hand, until something that makes it changes$/m);
    assert.match((await holdfast("history", "web", "--limit", "30")).stdout, /taken back by hand to/);
    const plan = await holdfast("plan", "--output", "json");
    assert.deepEqual(JSON.parse(plan.stdout).stacks, [
      {
        stack: "web",
        held: `rolled back to ${short(good)}, the newest revision is not in force: taken back by hand; \`holdfast sync web\` tries it again`,
        steps: [],
      },
    ]);
    const twice = await holdfast("rollback", "web");
    assert.deepEqual([twice.exitCode, twice.stdout, await round()], [1, "", "web-app-1 good"]);
    assert.match(
      twice.stderr,
      new RegExp(`web cannot be rolled back: no revision of it that verified before ${short(good)} is kept\n`),
    );
    const still = await holdfast("status");
    assert.match(still.stdout, new RegExp(`^web +rolled-back +healthy +${short(good)} +1/1$`, "m"));
    assert.doesNotMatch(still.stdout, /definition/);
    const nowhere = await holdfast("rollback", "web", "--to", "ffff");
    assert.equal(nowhere.exitCode, 1);
    assert.match(nowhere.stderr, /ffff is none of its verified revisions\n {2}`holdfast sync web` tries the newest one again/);
    const forward = await holdfast("sync", "web");
    assert.deepEqual([forward.exitCode, await round()], [0, "web-app-1 better"], forward.stdout);
    assert.equal((await holdfast("rollback", "web")).exitCode, 0);
    const newest = await holdfast("rollback", "web", "--to", better);
    assert.deepEqual([newest.exitCode, await round()], [0, "web-app-1 better"], newest.stderr);
    assert.equal(newest.stdout, `web is let try its newest revision ${short(better)} again\n`);
  });

  it("an invalid push must make sync tell file and line, and exit 3", async () => {
    await repository.commit({ "desired-state/stacks/web/stack.yaml": "hosts: all\ndependsOm: [x]\n" });
    for (const args of [
      ["sync", "--follow"],
      ["sync", "web"],
    ]) {
      const { exitCode, stdout } = await holdfast(...args);
      assert.equal(exitCode, 3, stdout);
      assert.match(stdout, /^web: invalid at the newest revision, the last good one is in force$/m);
      assert.match(stdout, /^findings\n {2}desired-state\/stacks\/web\/stack\.yaml:2:1: unknown key "dependsOm"/m);
    }
  });
});
