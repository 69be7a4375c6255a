import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Status } from "../../agent/model/generated/status.ts";
import { readStatus } from "../../agent/server/ask-agent.ts";
import type { DemoEngine } from "./demo-engine.ts";
import { GIT_USER } from "./demo-repository.ts";
import type { Site } from "./site.ts";

/** The program as it is built for hosts: one file. */
export const PROGRAM = join(import.meta.dirname, "../../dist/holdfast.mjs");

/** One line of the agent's log. */
export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface DemoAgent {
  /** Asks the agent over its socket; rejects when it does not answer. */
  status(): Promise<Status>;
  /** Rejects when the agent ends by itself. */
  readonly ended: Promise<never>;
  /** Ends it in order. Returns its exit code. */
  stop(): Promise<number | null>;
}

const STOP_TIMEOUT_MS = 15_000;

/** Writes the agent's configuration as one would by hand. */
export function writeConfiguration(site: Site, socket: string, repositoryUrl: string, dashboardUrl: string): void {
  const url = repositoryUrl.replace(`${GIT_USER}@`, "");
  writeFileSync(
    site.configuration,
    `host: gpu-box
repository:
  url: ${url}
  branch: main
  path: desired-state
  username: ${GIT_USER}
  tokenFile: ${site.tokenFile}
listen: ${new URL(dashboardUrl).host}
docker:
  socket: ${socket}
hostEnvDir: ${site.hostEnvDir}
stateDir: ${site.stateDir}
runtimeDir: ${site.runtimeDir}
`,
  );
}

/** Starts the agent as a process of its own and hands on what it logs. */
export function startAgent(site: Site, engine: DemoEngine, onLine: (line: LogLine) => void): DemoAgent {
  // setpriv makes the kernel end it with the demo, whatever way that one ends.
  const [command = "", ...args] = engine.onHost([
    "setpriv",
    "--pdeathsig=TERM",
    process.execPath,
    PROGRAM,
    "run",
    "--config",
    site.configuration,
  ]);
  const child = spawn(
    command,
    args,
    // Detached: an interrupt from the terminal reaches the demo, which then ends things in their order.
    { env: { PATH: process.env["PATH"] }, stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  let stopping = false;
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  createInterface({ input: child.stderr }).on("line", (text) => {
    appendFileSync(site.agentLog, `${text}\n`);
    const line = parseLine(text);
    if (line !== undefined) onLine(line);
  });
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("error", reject);
    void exit.then((code) => {
      if (!stopping) reject(new Error(`the agent ended by itself, exit code ${code}; its log is below`));
    });
  });
  ended.catch(() => undefined);
  return {
    ended,
    status: () => readStatus(join(site.runtimeDir, "holdfast.sock")),
    stop: async () => {
      stopping = true;
      return endProcess(child, exit);
    },
  };
}

async function endProcess(child: ChildProcess, exit: Promise<number | null>): Promise<number | null> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  const code = await exit;
  clearTimeout(timer);
  return code;
}

function parseLine(text: string): LogLine | undefined {
  try {
    const line = JSON.parse(text) as LogLine;
    return typeof line.msg === "string" ? line : undefined;
  } catch {
    return undefined;
  }
}
