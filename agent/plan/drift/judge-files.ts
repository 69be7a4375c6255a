import type { DoctorCheck } from "../../model/generated/doctor.ts";
import type { DiskFacts, PathFacts } from "../../model/machine.ts";
import { formatSize } from "../../model/parse-size.ts";

/** A file that the configuration names, and whose owner and mode matter. */
export interface SensitiveFile {
  /** The key that names it: `repository.tokenFile`; absent for the configuration itself. */
  readonly setting?: string;
  readonly path: string;
  /** Whether nobody else may read it; of other files only who may change them matters. */
  readonly isSecret: boolean;
}

type Judged = Pick<DoctorCheck, "status" | "what" | "fix">;

const OTHERS_WRITE = 0o022;
const OTHERS_READ = 0o044;
const MIB = 2 ** 20;

/** Below `leastBytes` nothing works any more, from `ampleBytes` on nobody has to look. */
export interface SpaceLimits {
  readonly leastBytes: number;
  readonly ampleBytes: number;
}

const SPACE: Readonly<Record<"stateDir" | "runtimeDir", SpaceLimits>> = {
  stateDir: { leastBytes: 100 * MIB, ampleBytes: 1024 * MIB },
  runtimeDir: { leastBytes: 2 * MIB, ampleBytes: 20 * MIB },
};

/** Whether a file is there, and safe from others; `ownUid` is that of the agent. */
export function judgeFile({ setting, path, isSecret }: SensitiveFile, facts: PathFacts, ownUid: number): Judged {
  const about = setting === undefined ? path : `${setting} ${path}`;
  const { kind, mode = 0, uid } = facts;
  if (kind === "missing")
    return { status: "error", what: `${about}: there is no such file`, fix: `put it there, or correct ${setting ?? "its name"}` };
  if (kind === "unreadable")
    return { status: "error", what: `${about}: it cannot be looked at`, fix: "run doctor as root, like the agent" };
  if (kind !== "file")
    return { status: "error", what: `${about}: it is no file`, fix: `name a file in ${setting ?? "its place"}` };
  const fix = `\`chmod ${isSecret ? "600" : "go-w"} ${path}\``;
  if (uid !== 0 && uid !== ownUid)
    return { status: "error", what: `${about} belongs to user ${uid}, who can change it`, fix: `\`chown root ${path}\`` };
  if ((mode & OTHERS_WRITE) !== 0) return { status: "error", what: `${about}: others can change it (mode ${octal(mode)})`, fix };
  if (isSecret && (mode & OTHERS_READ) !== 0)
    return { status: "warning", what: `${about}: others can read it (mode ${octal(mode)})`, fix };
  return { status: "ok", what: about };
}

/** A directory of the agent's. */
export interface AgentDirectory {
  readonly setting: "stateDir" | "runtimeDir" | "hostEnvDir";
  readonly path: string;
  /** Whether this process may write to it, or to the nearest parent that exists. */
  readonly isWritable: boolean;
}

/** Whether a directory can do its service: who may write there, how much is free, and what it is kept on. */
export function judgeDirectory({ setting, path, isWritable }: AgentDirectory, facts: PathFacts, ownUid: number): Judged[] {
  const about = `${setting} ${path}`;
  const { kind, mode = 0, uid, disk } = facts;
  const isMissing = kind === "missing";
  if (kind === "unreadable")
    return [{ status: "error", what: `${about}: it cannot be looked at`, fix: "run doctor as root, like the agent" }];
  if (!isMissing && kind !== "directory")
    return [{ status: "error", what: `${about}: it is no directory`, fix: `move it away, or name another path in ${setting}` }];
  const told: Judged[] = [];
  if (!isMissing && uid !== 0 && uid !== ownUid)
    told.push({
      status: "error",
      what: `${about} belongs to user ${uid}, who can change what is in it`,
      fix: `\`chown root ${path}\``,
    });
  if (!isMissing && (mode & OTHERS_WRITE) !== 0)
    told.push({ status: "error", what: `${about}: others can write to it (mode ${octal(mode)})`, fix: `\`chmod go-w ${path}\`` });
  // Nothing is ever written to it, and a host whose stacks name no file of its own needs none.
  if (setting === "hostEnvDir")
    return told.length > 0 ? told : [{ status: "ok", what: isMissing ? `${about}: not there, and not needed` : about }];
  const where = disk === undefined || disk.directory === path ? path : disk.directory;
  if (!isWritable)
    told.push({
      status: "error",
      what: `${about}: ${where} cannot be written to`,
      fix: "run doctor as root, or mount its file system for writing",
    });
  told.push(...judgeSpace(about, setting, disk));
  if (told.length > 0) return told;
  const state = isMissing ? "will be made" : "writable";
  return [{ status: "ok", what: `${about}: ${state}${disk === undefined ? "" : `, ${formatSize(disk.freeBytes)} free`}` }];
}

function judgeSpace(about: string, setting: "stateDir" | "runtimeDir", disk: PathFacts["disk"]): Judged[] {
  if (disk === undefined) return [];
  const { directory, freeInodes, inMemory } = disk;
  const told: Judged[] = [];
  if (setting === "runtimeDir" && !inMemory) {
    const fix = "name a directory on tmpfs in runtimeDir: /run is one, except in some containers (`findmnt -T /run`)";
    told.push({ status: "warning", what: `${about} is not on tmpfs: secrets would reach a disk`, fix });
  }
  if (setting === "stateDir" && inMemory) {
    const fix = "name a directory on a disk in stateDir, such as /var/lib/holdfast";
    told.push({ status: "warning", what: `${about} is on tmpfs: what is in it is gone after a boot`, fix });
  }
  return [...told, ...judgeFreeSpace(about, disk, SPACE[setting]), ...judgeInodes(about, directory, freeInodes)];
}

/** Whether enough is free on a disk that the agent or the engine writes to. */
export function judgeFreeSpace(about: string, { freeBytes, directory }: DiskFacts, limits: SpaceLimits): Judged[] {
  if (freeBytes >= limits.ampleBytes) return [];
  const status = freeBytes < limits.leastBytes ? "error" : "warning";
  return [{ status, what: `${about}: only ${formatSize(freeBytes)} free`, fix: `free space: \`df -h ${directory}\`` }];
}

function judgeInodes(about: string, directory: string, freeInodes: number | undefined): Judged[] {
  return freeInodes === 0
    ? [{ status: "error", what: `${about}: no inodes are free`, fix: `remove files: \`df -i ${directory}\`` }]
    : [];
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}
