import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import { type AgentDirectory, judgeDirectory } from "../../plan/drift/judge-files.ts";
import type { Machine } from "../../ports/machine.ts";
import type { Configuration } from "../read-configuration.ts";
import { checkFiles } from "./check-files.ts";

/** More than that no host has; a directory that was named by mistake may hold any number. */
const MAX_HOST_ENV_FILES = 200;

/** The directories that the agent writes to, and the one with the host's own secrets. */
export async function checkDirectories(
  configuration: Configuration,
  machine: Machine,
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  const settings = ["stateDir", "runtimeDir", "hostEnvDir"] as const;
  const request = { paths: settings.map((setting) => configuration[setting]), commands: [], ports: [], gpus: false };
  const { paths } = await machine.read(request, signal);
  const ownUid = process.geteuid?.() ?? 0;
  const checks = settings.map(async (setting): Promise<DoctorCheck[]> => {
    const path = configuration[setting];
    const facts = paths[path] ?? { kind: "unreadable" };
    const isWritable = await canWrite(facts.kind === "missing" ? (facts.disk?.directory ?? "/") : path);
    const directory: AgentDirectory = { setting, path, isWritable };
    return judgeDirectory(directory, facts, ownUid).map((judged) => ({ area: "directories", ...judged }));
  });
  return (await Promise.all(checks)).flat();
}

/** The host's own environment files; those that are safe are told together. */
export async function checkHostEnvFiles(
  { hostEnvDir }: Configuration,
  machine: Machine,
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  const entries = await readdir(hostEnvDir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).slice(0, MAX_HOST_ENV_FILES);
  const sensitive = files.map((entry) => ({ path: join(entry.parentPath, entry.name), isSecret: true }));
  const checks = await checkFiles("secrets", sensitive, machine, signal);
  // The agent refuses these, so the stacks that need them are not converged.
  const bad = checks.filter(({ status }) => status !== "ok").map((check): DoctorCheck => ({ ...check, status: "error" }));
  const good = files.length - bad.length;
  return [
    ...bad,
    ...(good > 0
      ? [{ area: "secrets", status: "ok", what: `${good} ${good === 1 ? "file" : "files"} in ${hostEnvDir}` } as const]
      : []),
  ];
}

async function canWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
