import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Holdfast, startHoldfast } from "../commands/start-holdfast.ts";
import { listBlocks } from "../docs/read-pages.ts";
import { loadImages } from "../engine/load-images.ts";
import { runCommand } from "../engine/run-command.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { pushFromGitea, SECRET } from "../server/deliveries.ts";
import { ask } from "../server/start-http.ts";
import { type GitRepository, gitEnvironment } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose } from "./start-host.ts";

/** Longer than it pauses while anything is on its way; the host is audited after a quarter of an hour at the latest. */
const LONG_MS = 300_000;
const GAP_MS = 2_000;

describe("a webhook", () => {
  const directory = createTemporaryDirectory("hf-webhook-");
  let engine: Engine;
  let git: GitServer;
  let repository: GitRepository;
  let agent: Holdfast;
  let url: string;

  before(async () => {
    engine = await startEngine();
    await loadImages(engine.socket, ["busybox:1.35"]);
    git = await startGitServer();
    repository = await git.createRepository("infra");
    await repository.commit({
      "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
      "desired-state/stacks/web/stack.yaml": "hosts: all\n",
      "desired-state/stacks/web/compose.yaml": compose({ app: "labels: {round: one}" }),
    });
    writeFileSync(join(directory, "secret"), `${SECRET}\n`, { mode: 0o600 });
    writeFileSync(join(directory, "header"), `X-Gitlab-Token: ${SECRET}\n`, { mode: 0o600 });
    agent = startHoldfast({
      args: ["run", "--host", "box", "--interval", "1h", "--listen", "127.0.0.1:0"],
      environment: {
        HOLDFAST_REPOSITORY_URL: repository.url,
        HOLDFAST_DOCKER_SOCKET: engine.socket,
        HOLDFAST_STATE_DIR: join(directory, "state"),
        HOLDFAST_RUNTIME_DIR: join(directory, "run"),
        HOLDFAST_WEBHOOK_SECRET_FILE: join(directory, "secret"),
      },
    });
    url = String((await agent.logged("it listens", ({ msg }) => msg === "listening"))["url"]);
    await waitUntil("the first revision runs", async () => (await rounds()) === "one", { timeoutMs: 60_000 });
    await waitUntil("it pauses", async () => (await pauseMs()) > LONG_MS, { timeoutMs: 60_000 });
  });
  after(async () => {
    agent?.kill("SIGTERM");
    const ended = await agent?.ended;
    await Promise.allSettled([git?.stop(), engine?.stop()]);
    assert.equal(ended?.exitCode, 0, ended?.stderr);
  });

  /** The label `round` of every container that runs. */
  const rounds = async (): Promise<string> =>
    (await engine.docker(["ps", "--format", '{{.Label "round"}}'])).stdout.trim().split("\n").join(" ");
  const pauseMs = async (): Promise<number> =>
    Date.parse(JSON.parse((await ask(url, "/v1/status")).body).next ?? "") - Date.now();

  /** What a person does, at a Git server that has the hook of docs/webhook.md; ends just before the push, which is returned. */
  async function commit(round: string): Promise<() => Promise<unknown>> {
    const hook = listBlocks().find(({ marker }) => marker === "post-receive")?.text ?? "";
    const script = hook
      .replaceAll("/srv/git/webhook-header", join(directory, "header"))
      .replaceAll("http://gpu-box.lan:9616", url);
    mkdirSync(join(repository.path, "hooks"), { recursive: true });
    writeFileSync(join(repository.path, "hooks/post-receive"), script, { mode: 0o755 });
    const clone = join(directory, `clone-${round}`);
    const run = (argv: readonly string[]) => runCommand(argv, { environment: gitEnvironment });
    await run(["git", "clone", "--quiet", repository.url, clone]);
    writeFileSync(join(clone, "desired-state/stacks/web/compose.yaml"), compose({ app: `labels: {round: ${round}}` }));
    await run(["git", "-C", clone, "commit", "--quiet", "--all", "--message", round]);
    return () => run(["git", "-C", clone, "push", "--quiet"]);
  }

  it("a push must converge at once, however long the interval is", async () => {
    const push = await commit("two");
    await push();
    await agent.logged("it was woken", ({ msg, ref }) => msg === "woken by a push" && ref === "refs/heads/main");
    await waitUntil("the push runs", async () => (await rounds()) === "two", { timeoutMs: 60_000 });
    await waitUntil("it pauses as long as before", async () => (await pauseMs()) > LONG_MS, { timeoutMs: 60_000 });
  });

  it("a thousand deliveries must be a few requests to the Git server, and the push among them must run", async () => {
    const push = await commit("three");
    const { headers, body } = pushFromGitea("Gitea");
    const statuses = new Set<number>();
    const before = agent.log().length;
    git.resetCounters();
    const startedAtMs = performance.now();
    for (let round = 0; round < 20; round += 1) {
      const sent = Array.from({ length: 50 }, () => ask(url, "/hooks/git", { method: "POST", headers, body }));
      for (const { status } of await Promise.all(sent)) statuses.add(status);
      // Most of them find nothing: converging would hold up the polls that are counted here.
      if (round === 15) await push();
    }
    assert.deepEqual([...statuses], [202]);
    const most = Math.ceil((performance.now() - startedAtMs) / GAP_MS) + 1;
    // Besides one that fetches what was pushed.
    const polls = git.requests.filter(({ path }) => path.endsWith("/git-upload-pack")).length - 1;
    assert.ok(polls <= most, `${polls} requests, at most ${most} in this time`);
    const lines = agent
      .log()
      .slice(before)
      .filter(({ msg }) => msg === "woken by a push").length;
    assert.ok(lines <= most + 1, `${lines} lines in the log, at most ${most} in this time`);
    await waitUntil("the push runs", async () => (await rounds()) === "three", { timeoutMs: 60_000 });
  });
});
