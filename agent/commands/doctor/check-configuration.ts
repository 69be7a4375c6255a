import { isHoldfastError } from "../../model/error.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import { judgeFile } from "../../plan/drift/judge-files.ts";
import type { Machine } from "../../ports/machine.ts";
import type { Configuration } from "../read-configuration.ts";

export interface ConfigurationRequest {
  /** The configuration file that was named, or the default one. */
  readonly file: string;
  /** Reads the configuration; throws `configuration-invalid`. */
  readonly read: (options: { readonly needsRepository: boolean }) => Promise<Configuration>;
}

export interface ConfigurationResult {
  readonly checks: readonly DoctorCheck[];
  /** Absent when it is so wrong that nothing else can be checked. */
  readonly configuration?: Configuration;
  readonly hasRepository: boolean;
}

type Check = Omit<DoctorCheck, "area">;

/** Whether the configuration can be read, means something, and can be changed by nobody else. */
export async function checkConfiguration(
  { file, read }: ConfigurationRequest,
  machine: Machine,
  signal: AbortSignal,
): Promise<ConfigurationResult> {
  const checks: Check[] = [];
  const whole = await read({ needsRepository: true }).catch((cause: unknown) => {
    if (!isHoldfastError(cause) || cause.code !== "configuration-invalid") throw cause;
    const fix = cause.hint === undefined ? {} : { fix: cause.hint };
    for (const line of cause.message.split("\n")) checks.push({ status: "error", what: line, ...fix });
    return undefined;
  });
  const configuration = whole ?? (await read({ needsRepository: false }).catch(() => undefined));
  checks.push(...(configuration?.warnings ?? []).map((what): Check => ({ status: "warning", what })));
  const { paths } = await machine.read({ paths: [file], commands: [], ports: [], gpus: false }, signal);
  const facts = paths[file];
  if (facts !== undefined && facts.kind !== "missing" && (whole !== undefined || facts.kind !== "unreadable")) {
    const judged = judgeFile({ path: file, isSecret: false }, facts, ownUid());
    if (whole !== undefined || judged.status !== "ok") checks.unshift(judged);
  } else if (whole !== undefined)
    checks.unshift({ status: "ok", what: `configured by flags and variables; there is no ${file}` });
  if (ownUid() !== 0) {
    const what = `doctor runs as user ${ownUid()}, the agent runs as root: what only root may see is missing here`;
    checks.push({ status: "warning", what, fix: "`sudo holdfast doctor`" });
  }
  return {
    checks: checks.map((check) => ({ area: "configuration", ...check })),
    ...(configuration === undefined ? {} : { configuration }),
    hasRepository: whole !== undefined,
  };
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}
