import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

interface ProcessRecord {
  readonly pid: number;
  readonly parentPid: number;
  readonly state: string;
  readonly startTicks: string;
}

/** The programs that belong to an engine and carry its directory in their arguments. */
const ENGINE_PROGRAMS = new Set(["dockerd", "containerd", "containerd-shim-runc-v2", "runc"]);

function readProcess(pid: number): ProcessRecord | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command's name is in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid, state: fields[0] ?? "?", parentPid: Number(fields[1]), startTicks: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

function readArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function listProcesses(): ProcessRecord[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** True while the process runs; a zombie has stopped already. */
export function isAlive(pid: number): boolean {
  const found = readProcess(pid);
  return found !== undefined && found.state !== "Z";
}

/** A process id together with this text names one process of this boot, so a reused id is not mistaken for it. */
export function readStartTicks(pid: number): string | undefined {
  const found = readProcess(pid);
  return found === undefined || found.state === "Z" ? undefined : found.startTicks;
}

/**
 * Every process of the engine below `directory`: its daemons and shims, found by their arguments, and all their
 * descendants. Nothing is found by name alone, so other engines of the machine are never in the list.
 */
export function listEngineProcesses(directory: string): number[] {
  const processes = listProcesses().filter((one) => one.state !== "Z");
  const found = new Set<number>();
  for (const { pid } of processes) {
    const [program = "", ...args] = readArguments(pid);
    if (!ENGINE_PROGRAMS.has(basename(program))) continue;
    if (args.some((argument) => argument === directory || argument.includes(`${directory}/`))) found.add(pid);
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parentPid } of processes) {
      if (found.has(pid) || !found.has(parentPid)) continue;
      found.add(pid);
      grown = true;
    }
  }
  return [...found];
}

/** Sends a signal; a process that has gone already is fine. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Kills what `list` finds, again and again until it finds nothing (a daemon may start a process while it is being
 * killed). Blocks on purpose: it also runs while the test process exits, when nothing asynchronous would.
 */
export function killUntilGone(list: () => readonly number[], timeoutMs = 10_000): void {
  const deadline = performance.now() + timeoutMs;
  for (let pids = list(); pids.length > 0; pids = list()) {
    if (performance.now() > deadline) throw new Error(`processes would not die: ${pids.join(", ")}`);
    for (const pid of pids) sendSignal(pid, "SIGKILL");
    Atomics.wait(sleeper, 0, 0, 10);
  }
}
