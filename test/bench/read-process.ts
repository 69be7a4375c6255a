import { type BigIntStats, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The kernel's clock tick: 100 Hz on every Linux that Node.js runs on. */
const TICK_MS = 10;

export interface ProcessFigures {
  /** Of its own, in user and kernel. */
  readonly cpuMs: number;
  /** Of children that it has waited for. */
  readonly childrenCpuMs: number;
  /**
   * Minor page faults of children that it has waited for. No program starts without one, so this stays the same exactly
   * when no child has come and gone, however short its life.
   */
  readonly childFaults: number;
  /** Children that live now. */
  readonly children: number;
  /** What it has caused to be written to storage. */
  readonly writtenBytes: number;
}

export function readProcess(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The command's name is in parentheses and may itself hold spaces and parentheses. Fields are numbered from 1 in proc(5).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  const threads = readdirSync(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) => readWords(`/proc/${pid}/task/${thread}/children`));
  return {
    cpuMs: readThreadTimes(pid, threads) ?? (field(14) + field(15)) * TICK_MS,
    childrenCpuMs: (field(16) + field(17)) * TICK_MS,
    childFaults: field(11),
    children: children.length,
    writtenBytes: Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]),
  };
}

/** To the nanosecond where the kernel tells it. Threads that have ended are left out; those of Node.js stay. */
function readThreadTimes(pid: number, threads: readonly string[]): number | undefined {
  const times = threads.map((thread) => Number(readWords(`/proc/${pid}/task/${thread}/schedstat`)[0] ?? Number.NaN));
  const sum = times.reduce((total, nanoseconds) => total + nanoseconds, 0) / 1e6;
  return Number.isFinite(sum) ? sum : undefined;
}

function readWords(path: string): string[] {
  try {
    return readFileSync(path, "latin1").split(" ").filter(Boolean);
  } catch {
    return []; // the thread has ended
  }
}

export interface MemoryFigures {
  readonly residentMb: number;
  /** Its own memory: what remains when the pages of its files are left out, which every process shares. */
  readonly anonymousMb: number;
  readonly peakMb: number;
}

export function readMemory(pid: number): MemoryFigures {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return { residentMb: read("VmRSS"), anonymousMb: read("RssAnon"), peakMb: read("VmHWM") };
}

/** Everything below a directory with its time and size: two of them differ when something was written in between. */
export function snapshotFiles(directory: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string): void => {
    const stats: BigIntStats = lstatSync(path, { bigint: true });
    found.set(path, `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`);
    if (stats.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
  };
  visit(directory);
  return found;
}

/** Paths that are new, gone or other than before. */
export function compareSnapshots(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path));
}
