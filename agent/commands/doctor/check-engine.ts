import { openCompose } from "../../compose/open-compose.ts";
import { isInRange } from "../../lib/version-range.ts";
import type { EngineInfo } from "../../model/engine.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import { judgeFreeSpace } from "../../plan/drift/judge-files.ts";
import type { Machine } from "../../ports/machine.ts";
import type { Engine } from "../../ports.ts";
import type { Configuration } from "../read-configuration.ts";
import { describeError } from "./describe-error.ts";

/** The lowest that tests run on. */
const COMPOSE_VERSIONS = ">=2.26";
const DATA_SPACE = { leastBytes: 2 ** 29, ampleBytes: 5 * 2 ** 30 };

export interface EngineResult {
  readonly checks: readonly DoctorCheck[];
  readonly engine?: EngineInfo;
  readonly composeVersion?: string;
}

/** The engine, the disk that it keeps images on, and Compose. */
export async function checkEngine(
  { docker }: Configuration,
  port: Engine,
  machine: Machine,
  signal: AbortSignal,
): Promise<EngineResult> {
  const checks: DoctorCheck[] = [];
  const tell = (check: Omit<DoctorCheck, "area">): void => void checks.push({ area: "engine", ...check });
  const engine = await port.info(signal).catch((cause: unknown) => tell(describeError(cause)));
  if (engine) {
    const { version, platform, cgroupVersion, dataDirectory } = engine;
    tell({ status: "ok", what: `Docker ${version} at ${docker.socket} (${platform}, cgroup v${cgroupVersion})` });
    const { paths } = await machine.read({ paths: [dataDirectory, docker.socket], commands: [], ports: [], gpus: false }, signal);
    const disk = paths[dataDirectory]?.disk;
    const about = `images and volumes in ${dataDirectory}`;
    for (const judged of disk === undefined ? [] : judgeFreeSpace(about, disk, DATA_SPACE)) tell(judged);
    if (((paths[docker.socket]?.mode ?? 0) & 0o002) !== 0) {
      const fix = `\`chmod o-rw ${docker.socket}\``;
      tell({ status: "warning", what: `everybody on this host can use ${docker.socket}, and so become root`, fix });
    }
  }
  const composeVersion = await openCompose({ socket: docker.socket })
    .version(signal)
    .catch((cause: unknown) => tell(describeError(cause)));
  if (composeVersion !== undefined) tell(judgeCompose(composeVersion));
  return { checks, ...(engine ? { engine } : {}), ...(composeVersion ? { composeVersion } : {}) };
}

function judgeCompose(version: string): Omit<DoctorCheck, "area"> {
  const what = `Docker Compose ${version}`;
  if (isInRange(version, COMPOSE_VERSIONS) !== false) return { status: "ok", what };
  const fix = "upgrade it: `apt-get install docker-compose-plugin`";
  return { status: "error", what, expected: COMPOSE_VERSIONS, actual: version, fix };
}
