import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeNamespace } from "./network.ts";
import { isAlive, killUntilGone, listEngineProcesses, readStartTicks } from "./processes.ts";

/** What has to be removed again, written down before it is made: a test process can be killed at any moment. */
export interface EngineRecord {
  readonly id: string;
  readonly ownerPid: number;
  readonly ownerStartTicks: string;
  readonly directory: string;
  /** The whole directory is the engine's, or only `ENGINE_ENTRIES` in it. */
  readonly ownsDirectory: boolean;
  readonly netns: string | null;
  readonly veth?: string;
  readonly bridge?: string;
}

const RECORDS = "/run/holdfast-test";
const ENGINE_ENTRIES = ["data", "exec", "daemon.json", "docker.sock", "docker.pid", "dockerd.log", "docker-cli"];
const CGROUPS = "/sys/fs/cgroup";

export function writeRecord(record: EngineRecord): void {
  mkdirSync(RECORDS, { recursive: true });
  const path = join(RECORDS, `${record.id}.json`);
  writeFileSync(`${path}.new`, JSON.stringify(record));
  renameSync(`${path}.new`, path);
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The cgroups of the engine's containers, by the ids that its data directory names, in every hierarchy (v1) or the one (v2). */
function listCgroups(directory: string): string[] {
  const ids = listDirectory(join(directory, "data", "containers"));
  const roots = [join(CGROUPS, "docker"), ...listDirectory(CGROUPS).map((controller) => join(CGROUPS, controller, "docker"))];
  return roots.flatMap((root) => ids.map((id) => join(root, id)));
}

/** Processes of containers whose shim died before them: they are nobody's descendants, but still in their cgroup. */
function listCgroupProcesses(directory: string): number[] {
  return listCgroups(directory).flatMap((cgroup) => {
    try {
      return readFileSync(join(cgroup, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number).filter(isAlive);
    } catch {
      return [];
    }
  });
}

function removeCgroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}

function removeCgroups(directory: string): void {
  for (const cgroup of listCgroups(directory)) {
    try {
      removeCgroup(cgroup);
    } catch {
      // not of this hierarchy, or the kernel has not let go of it yet: an empty cgroup does no harm
    }
  }
}

/** Unmounts everything below the directory, last mounted first; lazily, because nothing of it is used any more. */
function unmountAll(directory: string): void {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) =>
      (line.split(" ")[4] ?? "").replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((path) => path.startsWith(`${directory}/`))
    .reverse();
  for (let start = 0; start < mounts.length; start += 100) {
    spawnSync("umount", ["--lazy", "--", ...mounts.slice(start, start + 100)], { stdio: "ignore" });
  }
}

/** Kills every process of an engine, its containers included, as a power cut does. Files and network stay. */
export function killEngine(directory: string): void {
  killUntilGone(() => [...listEngineProcesses(directory), ...listCgroupProcesses(directory)]);
  unmountAll(directory);
  removeCgroups(directory);
}

/** Removes all that an engine left behind: processes, mounts, cgroups, namespace, directories. Can be repeated. */
export function removeEngine(record: EngineRecord): void {
  killEngine(record.directory);
  const { netns, veth, bridge } = record;
  if (netns !== null) removeNamespace({ netns, ...(veth && { veth }), ...(bridge && { bridge }) });
  const paths = record.ownsDirectory ? [record.directory] : ENGINE_ENTRIES.map((entry) => join(record.directory, entry));
  for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  rmSync(join(RECORDS, `${record.id}.json`), { force: true });
}

/** Removes engines whose test process is gone. Returns their ids. */
export function removeLeftovers(): string[] {
  const removed: string[] = [];
  for (const name of listDirectory(RECORDS)) {
    if (!name.endsWith(".json")) continue;
    let record: EngineRecord;
    try {
      record = JSON.parse(readFileSync(join(RECORDS, name), "utf8")) as EngineRecord;
    } catch {
      continue; // another process has just removed it
    }
    if (readStartTicks(record.ownerPid) === record.ownerStartTicks) continue;
    removeEngine(record);
    removed.push(record.id);
  }
  return removed;
}
