import type { DoctorCheck } from "../../model/generated/doctor.ts";
import { judgeFile, type SensitiveFile } from "../../plan/drift/judge-files.ts";
import type { Machine } from "../../ports/machine.ts";

/** Whether files are there, and safe from others. */
export async function checkFiles(
  area: DoctorCheck["area"],
  files: readonly SensitiveFile[],
  machine: Machine,
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  const { paths } = await machine.read({ paths: files.map(({ path }) => path), commands: [], ports: [], gpus: false }, signal);
  const ownUid = process.geteuid?.() ?? 0;
  return files.map((file) => ({ area, ...judgeFile(file, paths[file.path] ?? { kind: "unreadable" }, ownUid) }));
}
