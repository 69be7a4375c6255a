import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type WaitOptions, waitUntil } from "../engine/wait-until.ts";
import { removeTemporaryDirectory } from "./temporary-directory.ts";

export interface ServerRequest<T> {
  /** As an error names it: `the registry`. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Holds its log, and is removed when it ends. */
  readonly directory: string;
  /** What is known once it is ready, from its log or by asking it; undefined until then. What it throws counts as not ready. */
  readonly findReady: (log: string) => Promise<T | undefined> | T | undefined;
  readonly patience?: WaitOptions;
}

/** Starts a server of another project, waits until it is ready, and returns what `findReady` did; throws with its log when it ends. */
export async function startServer<T>({
  name,
  argv,
  directory,
  findReady,
  patience,
}: ServerRequest<T>): Promise<{ readonly ready: T; stop(): Promise<void> }> {
  const logPath = join(directory, "log");
  const log = openSync(logPath, "a");
  // setpriv makes the kernel end it with the test process, whatever way that one ends.
  const child = spawn("setpriv", ["--pdeathsig=KILL", ...argv], { stdio: ["ignore", log, log] });
  closeSync(log);
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    child.once("exit", end);
    child.once("error", end);
  });
  const stop = async () => {
    child.kill("SIGKILL");
    await gone;
    removeTemporaryDirectory(directory);
  };
  const readLog = () => readFileSync(logPath, "utf8");
  try {
    const ready = await waitUntil<T | "ended" | undefined>(
      `${name} is ready`,
      async () => (ended ? "ended" : findReady(readLog())),
      patience,
    );
    if (ready === "ended") throw new Error(`${name} did not start:\n${readLog()}`);
    child.unref();
    return { ready: ready as T, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
