import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HistoryReport } from "../../../agent/model/generated/history.ts";
import type { Status } from "../../../agent/model/generated/status.ts";
import { askAgent } from "../../../agent/server/ask-agent.ts";
import { type Holdfast, startHoldfast } from "../../commands/start-holdfast.ts";
import { loadImages } from "../../engine/load-images.ts";
import { type Engine, startEngine } from "../../engine/start-engine.ts";
import { waitUntil } from "../../engine/wait-until.ts";
import type { FileChange } from "../../servers/git-repository.ts";
import { startGitServer } from "../../servers/git-server.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../../servers/temporary-directory.ts";
import type { Order } from "./wire-killing.ts";

/** A host whose agent, a process of its own, can be killed at a chosen call. */
export interface Doomed {
  readonly engine: Engine;
  /** The agent's state directory. */
  readonly stateDir: string;
  push(files: Readonly<Record<string, FileChange>>): Promise<string>;
  docker(...argv: string[]): Promise<string>;
  /** Has the agent reconcile, without waiting for it. */
  ring(): void;
  /** Starts it where none runs. */
  start(): void;
  /**
   * Pushes, and waits until the agent was killed at the call, the first one after `begun` at the earliest; then starts another one.
   * Throws when the call is never made.
   */
  killAt(order: Order, files: Readonly<Record<string, FileChange>>, begun?: () => Promise<unknown>): Promise<void>;
  status(): Promise<Status>;
  history(stack: string): Promise<HistoryReport["entries"]>;
  /** Waits until the status is so. */
  until(what: string, fits: (status: Status) => boolean | Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

const PATIENT = { timeoutMs: 60_000, intervalMs: 20 };

/** Starts engine, repository and agent. */
export async function startDoomed(): Promise<Doomed> {
  const directory = createTemporaryDirectory("hf-doomed-");
  const stateDir = join(directory, "state");
  const order = join(directory, "order.json");
  const engine = await startEngine();
  await loadImages(engine.socket, ["busybox:1.35"]);
  const git = await startGitServer();
  const repository = await git.createRepository("infra");
  const socket = join(directory, "run", "holdfast.sock");
  const environment = {
    HOLDFAST_HOST: "box",
    HOLDFAST_REPOSITORY_URL: repository.url,
    HOLDFAST_DOCKER_SOCKET: engine.socket,
    HOLDFAST_STATE_DIR: stateDir,
    HOLDFAST_RUNTIME_DIR: join(directory, "run"),
    HOLDFAST_LISTEN: "127.0.0.1:0",
    HOLDFAST_TEST_KILL: order,
    // It starts again and again.
    NODE_COMPILE_CACHE: join(directory, "cache"),
    NODE_OPTIONS: `--import=${join(import.meta.dirname, "preload.ts")} --disable-warning=ExperimentalWarning`,
  };
  let agent: Holdfast | undefined;

  const doomed: Doomed = {
    engine,
    stateDir,
    push: (files) =>
      repository.commit(Object.fromEntries(Object.entries(files).map(([path, text]) => [`desired-state/${path}`, text]))),
    docker: async (...argv) => (await engine.docker(argv)).stdout.trim(),
    ring() {
      void askAgent({ path: socket, method: "POST", url: "/v1/sync", body: {} }).catch(() => undefined);
    },
    start() {
      agent = startHoldfast({ args: ["run"], environment });
    },
    async killAt(what, files, begun) {
      const doing = agent;
      if (doing === undefined) throw new Error("no agent runs");
      await doomed.push(files);
      if (begun === undefined) writeFileSync(order, JSON.stringify(what));
      doomed.ring();
      if (begun !== undefined) {
        await begun();
        writeFileSync(order, JSON.stringify(what));
      }
      let over = false;
      void doing.ended.finally(() => {
        over = true;
      });
      await waitUntil(`${what.call} is called`, () => over, PATIENT).catch((cause: unknown) => {
        rmSync(order, { force: true });
        throw new Error(`${what.call} is not called: ${JSON.stringify(doing.log(), undefined, 1)}`, { cause });
      });
      if (existsSync(order)) throw new Error(`the agent ended by itself: ${(await doing.ended).stderr}`);
      doomed.start();
    },
    async history(stack) {
      const url = `/v1/history?limit=100&stack=${stack}`;
      return (await askAgent<HistoryReport>({ path: socket, method: "GET", url, timeoutMs: 5_000 })).entries;
    },
    status: () => askAgent<Status>({ path: socket, method: "GET", url: "/v1/status", timeoutMs: 5_000 }),
    async until(what, fits) {
      let last: Status | undefined;
      await waitUntil(
        what,
        async () => {
          last = await doomed.status();
          return fits(last);
        },
        PATIENT,
      ).catch((cause: unknown) => {
        throw new Error(`${what}: ${JSON.stringify(last, undefined, 1)}\n${JSON.stringify(agent?.log(), undefined, 1)}`, {
          cause,
        });
      });
    },
    async stop() {
      agent?.kill("SIGKILL");
      await agent?.ended.catch(() => undefined);
      await Promise.allSettled([git.stop(), engine.stop()]);
      removeTemporaryDirectory(directory);
    },
  };
  return doomed;
}
