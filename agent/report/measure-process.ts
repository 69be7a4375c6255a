import { readdir, readFile } from "node:fs/promises";

/** What the kernel says of this process. */
export interface ProcessFacts {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes?: number;
  readonly openFds?: number;
  readonly maxFds?: number;
  readonly startTimeSeconds: number;
}

/** Measures this process; `nowMs` is the time since the epoch. What cannot be found out is missing. */
export async function measureProcess(nowMs: number): Promise<ProcessFacts> {
  const { user, system } = process.cpuUsage();
  const [openFds, status, limits] = await Promise.all([
    readdir("/proc/self/fd").then(
      (names) => names.length,
      () => undefined,
    ),
    readText("/proc/self/status"),
    readText("/proc/self/limits"),
  ]);
  const virtualKib = /^VmSize:\s+(\d+) kB$/m.exec(status)?.[1];
  const maxFds = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return {
    cpuSeconds: (user + system) / 1_000_000,
    residentBytes: process.memoryUsage.rss(),
    ...(virtualKib === undefined ? {} : { virtualBytes: Number(virtualKib) * 1024 }),
    ...(openFds === undefined ? {} : { openFds }),
    ...(maxFds === undefined ? {} : { maxFds: Number(maxFds) }),
    startTimeSeconds: nowMs / 1000 - process.uptime(),
  };
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
