import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { renderLogLine } from "../../agent/commands/render-log-line.ts";
import { type Holdfast, type LogLine, startHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import type { GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose } from "./start-host.ts";

const PATIENCE = { timeoutMs: 90_000 };
const WEB = (test: string, image = "busybox:1.35"): string =>
  compose({
    app: `stop_grace_period: 0s\nhealthcheck: {test: ["CMD-SHELL", "${test}"], interval: 1s, timeout: 1s, retries: 1}`,
  }).replace("busybox:1.35", image);

describe("the log alone, as `journalctl -u holdfast -o cat` shows it", () => {
  const directory = createTemporaryDirectory("hf-story-");
  let engine: Engine;
  let git: GitServer;
  let repository: GitRepository;
  let agent: Holdfast;

  before(async () => {
    engine = await startEngine();
    await loadImages(engine.socket, ["busybox:1.35"]);
    git = await startGitServer();
    repository = await git.createRepository("infra");
    await repository.commit({
      "desired-state/fleet.yaml": "interval: 10s\nalerts: {minFiring: 0s}\n",
      "desired-state/hosts/box.yaml": "{}\n",
      "desired-state/stacks/web/stack.yaml": "hosts: all\nverify: {timeout: 4s}\n",
      "desired-state/stacks/web/compose.yaml": WEB("true"),
    });
    const environment = {
      HOLDFAST_HOST: "box",
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: engine.socket,
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
      HOLDFAST_LISTEN: "127.0.0.1:0",
    };
    agent = startHoldfast({ args: ["run"], environment });
    await logged("stack verified");
  });
  after(async () => {
    agent.kill("SIGKILL");
    await agent.ended;
    await Promise.allSettled([git.stop(), engine.stop()]);
  });

  let told = 0;
  /** Waits for a line that was not there at the last chapter. */
  const logged = (msg: string): Promise<LogLine> =>
    waitUntil(
      msg,
      () =>
        agent
          .log()
          .slice(told)
          .find((line) => line.msg === msg),
      PATIENCE,
    );
  /** What a reader gets of the lines since the last chapter: message and what it is about. */
  function chapter(): string[] {
    const lines = agent.log().slice(told);
    told += lines.length;
    for (const { time, level, msg, ...fields } of lines)
      process.stdout.write(renderLogLine(String(time).slice(11, 19), String(level), fields, msg));
    return lines.map(({ level, msg, stack, step, alert, result }) =>
      [level, msg, stack, step, alert, result].filter((word) => word !== undefined).join(" | "),
    );
  }
  /** The lines of a chapter in this order, whatever else stands between them. */
  function assertTold(lines: readonly string[], expected: readonly RegExp[]): void {
    let from = 0;
    for (const pattern of expected) {
      const found = lines.findIndex((line, index) => index >= from && pattern.test(line));
      assert.ok(found >= 0, `${pattern} is missing after line ${from}:\n${lines.join("\n")}`);
      from = found + 1;
    }
  }

  it("must tell how a host came to be as it is", async () => {
    const lines = chapter();
    assertTold(lines, [
      /^info \| agent started$/,
      /^info \| revision accepted$/,
      /^info \| step \| web \| place 2 files$/,
      /^info \| step \| web \| create app$/,
      /^info \| stack converged \| web$/,
      /^info \| reconciled \|.* converged$/,
      /^info \| stack verified \| web$/,
    ]);
  });

  it("must say nothing while nothing happens", async () => {
    const { length } = agent.log();
    const polls = git.requests.length;
    await waitUntil("it has polled twice", () => git.requests.length >= polls + 2, PATIENCE);
    assert.deepEqual(
      agent
        .log()
        .slice(length)
        .map(({ msg }) => msg),
      [],
    );
  });

  it("must tell the story of a deployment that did not get healthy: what changed, why, what came of it, and where it ended", async () => {
    const bad = await repository.commit({ "desired-state/stacks/web/compose.yaml": WEB("echo no database; false") });
    const rolledBack = await logged("stack rolled back: it did not get healthy");
    await logged("stack converged");
    await waitUntil(
      "it is back",
      () =>
        agent
          .log()
          .slice(told)
          .filter(({ msg }) => msg === "stack converged").length >= 2,
      PATIENCE,
    );
    await logged("alert fires");
    assert.equal(rolledBack["revision"], bad);
    assert.match(String(rolledBack["reason"]), /unhealthy|not got healthy|health/);
    const steps = agent
      .log()
      .slice(told)
      .filter(({ msg }) => msg === "step");
    assert.match(JSON.stringify(steps[0]), new RegExp(bad));
    assert.match(JSON.stringify(steps.map(({ causes }) => causes)), /healthcheck/);
    const lines = chapter();
    assertTold(lines, [
      /^info \| revision accepted$/,
      /^info \| step \| web \| recreate app$/,
      /^info \| reconciled/,
      /^error \| stack rolled back: it did not get healthy \| web$/,
      /^info \| step \| web \| recreate app$/,
      /^info \| stack converged \| web$/,
    ]);
    assertTold(lines, [/^error \| alert fires \| web \| HoldfastRolledBack$/]);
  });

  it("must tell the story of a step that fails, once per attempt and with its remedy's place, until it is mended", async () => {
    await repository.commit({ "desired-state/stacks/web/compose.yaml": WEB("true", "localhost:1/nothing:1") });
    const failed = await logged("step failed");
    assert.match(String(failed["error"]), /localhost:1\/nothing:1/);
    await waitUntil(
      "the alert fires",
      () =>
        agent
          .log()
          .slice(told)
          .some(({ msg, alert }) => msg === "alert fires" && alert === "HoldfastConvergeFailed"),
      PATIENCE,
    );
    assertTold(chapter(), [
      /^info \| revision accepted$/,
      /^info \| step \| web \| pull localhost:1\/nothing:1$/,
      /^error \| step failed \| web \| pull localhost:1\/nothing:1$/,
      /^error \| alert fires \| web \| HoldfastConvergeFailed$/,
    ]);
    await repository.commit({ "desired-state/stacks/web/compose.yaml": WEB("true") });
    await logged("revision accepted");
    await waitUntil(
      "the alert ends",
      () =>
        agent
          .log()
          .slice(told)
          .some(({ msg, alert }) => msg === "alert ended" && alert === "HoldfastConvergeFailed"),
      PATIENCE,
    );
    assertTold(chapter(), [/^info \| revision accepted$/, /^info \| alert ended \| web \| HoldfastConvergeFailed$/]);
  });

  it("must be JSON with time, level and message in every line", () => {
    for (const { time, level, msg } of agent.log()) {
      assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.match(String(level), /^(?:info|warn|error)$/);
      assert.ok(msg.length > 3);
    }
  });
});
