import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStatus } from "../../agent/server/serve-socket.ts";
import { sendSignal } from "../engine/processes.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { HOST } from "./fleet.ts";

const PROGRAM = join(import.meta.dirname, "../../dist/holdfast.mjs");

/** The shortest interval that agent.yaml may hold. */
export const SHORTEST_INTERVAL_MS = 10_000;

/**
 * Divides the pauses between two polls, and nothing else, so that a hundred polls do not take a quarter of an hour. It is
 * loaded into the real program: `holdfast run` as it is installed, but for the length of its pauses.
 */
function shortenPauses(pauseMs: number): string {
  const code = `import timers from "node:timers/promises";
import { syncBuiltinESMExports } from "node:module";
const wait = timers.setTimeout;
timers.setTimeout = (ms, ...rest) => wait(ms < ${SHORTEST_INTERVAL_MS / 2} ? ms : ms * ${pauseMs / SHORTEST_INTERVAL_MS}, ...rest);
syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

export interface AgentOptions {
  readonly directory: string;
  readonly repositoryUrl: string;
  readonly socket: string;
  /** Between two polls; from `SHORTEST_INTERVAL_MS` on nothing is loaded into the program. */
  readonly pauseMs: number;
}

export interface RunningAgent {
  readonly pid: number;
  readonly stateDir: string;
  readonly runtimeDir: string;
  /** Waits until this revision is in force and everything of it is healthy. */
  waitHealthy(revision: string, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `dist/holdfast.mjs run`; the kernel ends it with this process, whatever way that one ends. */
export function startAgent({ directory, repositoryUrl, socket, pauseMs }: AgentOptions): RunningAgent {
  const [stateDir, runtimeDir] = [join(directory, "state"), join(directory, "run")];
  mkdirSync(directory, { recursive: true });
  const configuration = {
    host: HOST,
    repository: { url: repositoryUrl },
    interval: "10s",
    docker: { socket },
    stateDir,
    runtimeDir,
  };
  // JSON is YAML.
  writeFileSync(join(directory, "agent.yaml"), JSON.stringify(configuration));
  const logFile = join(directory, "log");
  const log = openSync(logFile, "a");
  const preload = pauseMs >= SHORTEST_INTERVAL_MS ? [] : ["--import", shortenPauses(pauseMs)];
  const argv = ["--pdeathsig=KILL", process.execPath, ...preload, PROGRAM, "run", "--config", join(directory, "agent.yaml")];
  const child = spawn("setpriv", argv, { stdio: ["ignore", "ignore", log], env: { PATH: process.env["PATH"] } });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { pid } = child;
  if (pid === undefined) throw new Error("setpriv (of util-linux) cannot be started");
  const socketPath = join(runtimeDir, "holdfast.sock");

  return {
    pid,
    stateDir,
    runtimeDir,
    async waitHealthy(revision, timeoutMs) {
      try {
        await waitUntil(
          "the agent has converged its host",
          async () => {
            if (child.exitCode !== null) return true;
            const status = await readStatus(socketPath);
            return status.healthy && status.revision === revision;
          },
          { timeoutMs, intervalMs: 250 },
        );
        if (child.exitCode !== null) throw new Error(`the agent ended with exit code ${child.exitCode}`);
      } catch (cause) {
        throw new Error(`${String(cause)}\n${readFileSync(logFile, "utf8").split("\n").slice(-10).join("\n")}`, { cause });
      }
    },
    async stop() {
      sendSignal(pid, "SIGTERM");
      await ended;
    },
  };
}
