import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStatus } from "../../agent/server/ask-agent.ts";
import { sendSignal } from "../engine/processes.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { HOST } from "./fleet.ts";

const PROGRAM = join(import.meta.dirname, "../../dist/holdfast.mjs");

/** The shortest interval that agent.yaml may hold. */
export const SHORTEST_INTERVAL_MS = 10_000;

/**
 * Skips most of each long pause, so that a hundred polls do not take a quarter of an hour: it ends early, and the clock then
 * shows the time at which it would have ended. Loaded into the real program, which is `holdfast run` as it is installed.
 */
function skipPauses(pauseMs: number): string {
  const code = `import timers from "node:timers/promises";
import { syncBuiltinESMExports } from "node:module";
const [wait, now] = [timers.setTimeout, Date.now];
let skippedMs = 0;
Date.now = () => now() + skippedMs;
timers.setTimeout = async (ms, ...rest) => {
  if (ms < 1000) return wait(ms, ...rest);
  const endsAtMs = Date.now() + ms;
  const value = await wait(ms * ${pauseMs / SHORTEST_INTERVAL_MS}, ...rest);
  skippedMs = Math.max(skippedMs, endsAtMs - now());
  return value;
};
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
    listen: "127.0.0.1:0",
    docker: { socket },
    stateDir,
    runtimeDir,
  };
  // JSON is YAML.
  writeFileSync(join(directory, "agent.yaml"), JSON.stringify(configuration));
  const logFile = join(directory, "log");
  const log = openSync(logFile, "a");
  const preload = pauseMs >= SHORTEST_INTERVAL_MS ? [] : ["--import", skipPauses(pauseMs)];
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
            // While a change is verified the agent looks more often.
            const verified = status.stacks.every((stack) => stack.verified === true);
            return status.healthy && status.revision === revision && verified;
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
