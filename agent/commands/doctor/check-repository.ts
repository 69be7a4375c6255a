import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSource } from "../../git/open-source.ts";
import { measureClock } from "../../host/measure-clock.ts";
import { oneLine } from "../../lib/one-line.ts";
import type { Revision } from "../../model/desired.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import type { Source } from "../../ports.ts";
import { keys } from "../../reconcile/store-keys.ts";
import { openStore } from "../../state/open-store.ts";
import type { Configuration } from "../read-configuration.ts";
import { sourceOptions } from "../wire.ts";
import { describeError } from "./describe-error.ts";

export interface RepositoryResult {
  readonly checks: readonly DoctorCheck[];
  /** What can be read, and at which revision: the tip, or what was accepted last. */
  readonly readable?: { readonly source: Source; readonly revision: Revision };
  /** Names of the stacks that the agent has converged here. */
  readonly applied: readonly string[];
}

/** Alerts and signatures carry times. */
const MAX_SKEW_MS = 30_000;

/** Whether the repository can be read and its tip is trusted; without it, what the agent accepted last is read from its own copy. */
export async function checkRepository(
  configuration: Configuration,
  scratch: string,
  signal: AbortSignal,
): Promise<RepositoryResult> {
  const checks: DoctorCheck[] = [];
  const tell = (check: Omit<DoctorCheck, "area">): void => void checks.push({ area: "repository", ...check });
  const { accepted, applied } = readMemory(configuration);
  try {
    // A copy of its own: the agent's may be in use.
    const source = openSource({ ...sourceOptions(configuration), gitDirectory: join(scratch, "git") });
    const tip = await source.readTip(signal);
    await source.fetch(tip, signal);
    const { subject } = await source.readInfo(tip.revision);
    const name = tip.ref.replace(/^refs\/(heads|tags)\//, "");
    const where = `${name} is at ${tip.revision.slice(0, 12)} "${oneLine(subject)}"`;
    const objection = await source.judge(tip, accepted, signal);
    if (objection === undefined) {
      const { allowedSigners, gpgKeyring } = configuration.repository;
      const isSigned = allowedSigners !== undefined || gpgKeyring !== undefined;
      tell({ status: "ok", what: `${where}${isSigned ? ", signed by an allowed key" : ""}` });
    } else {
      const fix = "sign it with an allowed key, or see `allowedSigners`, `gpgKeyring` and `allowForcePush` in agent.yaml";
      tell({ status: "error", what: `${where}, which is not converged: ${objection}`, fix });
    }
    for (const check of await checkClock(configuration, signal)) tell(check);
    if (objection === undefined) return { checks, applied, readable: { source, revision: tip.revision } };
  } catch (cause) {
    if (signal.aborted) throw cause;
    tell(describeError(cause));
  }
  return { checks, applied, ...(await readOwnCopy(configuration, accepted, tell)) };
}

/** What the agent remembers of this host. */
function readMemory({ stateDir }: Configuration): { readonly accepted?: Revision; readonly applied: readonly string[] } {
  const database = join(stateDir, "holdfast.db");
  if (!existsSync(database)) return { applied: [] };
  const store = openStore(database);
  try {
    const accepted = store.read<string>(keys.accepted);
    const prefix = keys.applied("");
    const applied = [...store.list(prefix).keys()].map((key) => key.slice(prefix.length));
    return { ...(accepted === undefined ? {} : { accepted }), applied };
  } finally {
    store.close();
  }
}

async function readOwnCopy(
  configuration: Configuration,
  accepted: Revision | undefined,
  tell: (check: Omit<DoctorCheck, "area">) => void,
): Promise<Pick<RepositoryResult, "readable">> {
  if (accepted === undefined) {
    tell({ status: "skipped", what: "no revision has been accepted here yet" });
    return {};
  }
  try {
    const source = openSource(sourceOptions(configuration));
    await source.readTree(accepted, configuration.repository.path);
    tell({ status: "ok", what: `${accepted.slice(0, 12)}, which was accepted last, stays in force and is checked here` });
    return { readable: { source, revision: accepted } };
  } catch {
    tell({ status: "skipped", what: `${accepted.slice(0, 12)} was accepted last, and cannot be read here` });
    return {};
  }
}

async function checkClock({ repository }: Configuration, signal: AbortSignal): Promise<Omit<DoctorCheck, "area">[]> {
  const { url, caFile } = repository;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return [];
  const skewMs = await measureClock(new URL(url), caFile, signal);
  if (skewMs === undefined) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return [{ status: "ok", what: "the clock agrees with that of the Git server" }];
  const fix = "set this host's clock: `timedatectl set-ntp true`";
  return [
    { status: "warning", what: `the clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} that of the Git server`, fix },
  ];
}
