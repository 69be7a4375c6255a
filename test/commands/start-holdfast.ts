import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { waitUntil } from "../engine/wait-until.ts";

const PROGRAM = join(import.meta.dirname, "../../agent/main.ts");

export interface Result {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of the agent's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** The program as a process of its own. */
export interface Holdfast {
  readonly pid: number;
  /** What it has logged so far. */
  log(): readonly LogLine[];
  /** Resolves with the first line of the log that fits; rejects when the program ends before. */
  logged(what: string, fits: (line: LogLine) => boolean): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Result>;
}

export interface HoldfastOptions {
  readonly args: readonly string[];
  /** The whole environment besides PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts `holdfast ARGS` with nothing of the test's environment but PATH; it ends with the test process at the latest. */
export function startHoldfast({ args, environment = {}, cwd }: HoldfastOptions): Holdfast {
  const child = spawn("setpriv", ["--pdeathsig=KILL", process.execPath, PROGRAM, ...args], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  const ended = waitForEnd(child, output);
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  const log = (): LogLine[] => parseLog(output.stderr);
  return {
    pid: child.pid ?? 0,
    log,
    async logged(what, fits) {
      const line = await waitUntil(what, () => log().find(fits) ?? (over ? "over" : undefined), {
        timeoutMs: 30_000,
        intervalMs: 5,
      });
      if (line === "over") throw new Error(`holdfast ended before: ${what}\n${output.stderr}`);
      return line;
    },
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Runs `holdfast ARGS` to its end. */
export function runHoldfast(args: readonly string[], options: Omit<HoldfastOptions, "args"> = {}): Promise<Result> {
  return startHoldfast({ ...options, args }).ended;
}

function waitForEnd(child: ChildProcess, output: { readonly stdout: string; readonly stderr: string }): Promise<Result> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, ...output }));
  });
}

/** The whole lines that are JSON. */
function parseLog(text: string): LogLine[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as LogLine);
}
