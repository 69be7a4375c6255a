import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Holdfast, type LogLine, startHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { sendSignal } from "../engine/processes.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

/** Ends only when it is killed, so that replacing it takes as long as its grace period. */
const COMPOSE = `services:
  app:
    image: busybox:1.35
    restart: unless-stopped
    command: [sh, -c, "cat /etc/app.conf > /seen; trap : TERM; while :; do sleep 1; done"]
    stop_grace_period: 3s
    volumes: ["./app.conf:/etc/app.conf:ro"]
`;

describe("an agent that is killed while it mends an edited file", () => {
  const directory = createTemporaryDirectory("hf-killed-");
  const file = join(directory, "state/stacks/web/app.conf");
  const running = new Set<Holdfast>();
  let engine: Engine;
  let git: GitServer;
  let environment: Readonly<Record<string, string>>;

  before(async () => {
    engine = await startEngine();
    await loadImages(engine.socket, ["busybox:1.35"]);
    git = await startGitServer();
    const repository = await git.createRepository("infra");
    await repository.commit({
      "desired-state/fleet.yaml": "interval: 1h\n",
      "desired-state/hosts/box.yaml": "{}\n",
      "desired-state/stacks/web/stack.yaml": "hosts: all\n",
      "desired-state/stacks/web/compose.yaml": COMPOSE,
      "desired-state/stacks/web/app.conf": "right\n",
    });
    environment = {
      HOLDFAST_HOST: "box",
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: engine.socket,
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
    };
  });
  after(async () => {
    for (const agent of running) kill(agent);
    await Promise.allSettled([git.stop(), engine.stop()]);
    removeTemporaryDirectory(directory);
  });

  function start(): Holdfast {
    const agent = startHoldfast({ args: ["run"], environment });
    running.add(agent);
    void agent.ended.finally(() => running.delete(agent));
    return agent;
  }
  /** Ends the agent and what it has started, as a power cut does. */
  function kill({ pid }: Holdfast): void {
    for (const child of childrenOf(pid)) sendSignal(child, "SIGKILL");
    sendSignal(pid, "SIGKILL");
  }
  const seen = async (): Promise<{ id: string; text: string } | undefined> => {
    const { stdout } = await engine.docker(["ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}"]);
    const id = /^(\S+) web-app-1$/m.exec(stdout)?.[1];
    if (id === undefined) return undefined;
    const text = await engine.docker(["exec", id, "cat", "/seen"]).then(
      ({ stdout: out }) => out.trim(),
      () => "",
    );
    return { id, text };
  };

  it("must give the container the right file at its next start, whenever it was killed", async () => {
    const first = start();
    await first.logged("it has converged", ({ msg }) => msg === "stack converged");
    const before = await waitUntil("the container has read its file", async () => {
      const now = await seen();
      return now?.text === "right" && now;
    });
    writeFileSync(file, "wrong\n");
    const isMending = ({ action, causes }: LogLine): boolean => action === "up" && JSON.stringify(causes).includes("by hand");
    await first.logged("the file is put back", isMending);
    kill(first);
    await first.ended;
    assert.equal(readFileSync(file, "utf8"), "right\n");

    const second = start();
    const cause = await second.logged("the container is replaced", ({ msg, action }) => msg === "step" && action === "up");
    assert.match(JSON.stringify(cause["causes"]), /file app\.conf was edited by hand and put back/);
    await second.logged("it has converged", ({ msg }) => msg === "stack converged");
    const now = await waitUntil("the container has read its file", async () => {
      const found = await seen();
      return found?.text === "right" && found;
    });
    assert.notEqual(now.id, before.id);
    kill(second);
    await second.ended;
  });
});

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").split(" ").filter(Boolean).map(Number),
  );
}
