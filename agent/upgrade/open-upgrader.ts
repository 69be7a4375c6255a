import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../lib/explain-network-error.ts";
import { oneLine } from "../lib/one-line.ts";
import { runCommand } from "../lib/run-command.ts";
import type { Environment } from "../lib/select-proxy.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";
import type { UpgradeTarget, UpgradeTrial } from "../model/upgrade.ts";
import type { Upgrader } from "../ports/upgrader.ts";
import { fetchExecutable } from "./fetch-executable.ts";

export interface UpgraderOptions {
  /** The version that runs. */
  readonly version: string;
  readonly platform: string;
  /** The executable that runs. */
  readonly program: string;
  /** Where upgrade.sh looks for what was fetched. */
  readonly directory: string;
  /** Certificates in PEM that are trusted besides the public ones. */
  readonly caFile?: string;
  /** Where HTTPS_PROXY and its like are looked up. */
  readonly environment: Environment;
}

const STATES = ["failed", "trial", "staged"] as const;
const VERSION_TIMEOUT_MS = 30_000;

/** The files that the agent and upgrade.sh pass to each other: systemd/upgrade.sh says what they mean. */
export function openUpgrader({ version, platform, program, directory, caFile, environment }: UpgraderOptions): Upgrader {
  const candidate = join(directory, "candidate");
  let identity: Promise<string> | undefined;

  async function check(target: UpgradeTarget, signal: AbortSignal): Promise<void> {
    await chmod(candidate, 0o700);
    const found = await askVersion(candidate, signal);
    if (found === undefined || found === target.version) return;
    throw failed(`what is at ${target.url} is version ${found}, and agent.version says ${target.version}`);
  }

  /** Written last, and whole: what it tells of is complete. */
  async function announce({ sha256, key, version: to }: UpgradeTarget): Promise<void> {
    const file = await open(join(directory, "staged.new"), "w", 0o600);
    try {
      await file.writeFile([sha256, key, to, version, ""].join("\n"));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(join(directory, "staged.new"), join(directory, "staged"));
  }

  return {
    version,
    platform,
    identify() {
      identity ??= hashFile(program);
      return identity;
    },
    async recall() {
      for (const state of STATES) {
        const text = await readFile(join(directory, state), "utf8").catch(() => undefined);
        if (text !== undefined) return parseTrial(state, text);
      }
      return undefined;
    },
    async stage(target, signal) {
      try {
        await rm(directory, { recursive: true, force: true });
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const url = `${target.url.replace(/\/+$/, "")}/holdfast-${platform}.gz`;
        const ca = caFile === undefined ? {} : { caFile };
        await fetchExecutable({ url, sha256: target.sha256, file: candidate, environment, ...ca }, signal);
        await check(target, signal);
        await announce(target);
      } catch (cause) {
        await rm(directory, { recursive: true, force: true }).catch(() => undefined);
        if (isHoldfastError(cause) || signal.aborted) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw holdfastError("upgrade-failed", `version ${target.version} cannot be fetched: ${reason}`, {
          handling: "transient",
          cause,
        });
      }
    },
    settle: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The version that an executable says it is; undefined where it may not be run, because of `noexec` for example. */
async function askVersion(file: string, signal: AbortSignal): Promise<string | undefined> {
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  try {
    const { exitCode, stdout, stderr } = await runCommand({
      ...{ command: file, args: ["version"], env, timeoutMs: VERSION_TIMEOUT_MS, signal },
    });
    if (exitCode === 0) return stdout.split(/\s/, 1)[0] ?? "";
    throw failed(`the executable does not run here: ${oneLine(stderr) || `exit code ${exitCode}`}`);
  } catch (cause) {
    if (isHoldfastError(cause) || signal.aborted) throw cause;
    if (errorCode(cause) === "EACCES") return undefined;
    throw failed(`the executable does not run here: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function failed(message: string): HoldfastError {
  return holdfastError("upgrade-failed", message, { handling: "stalled" });
}

function parseTrial(state: UpgradeTrial["state"], text: string): UpgradeTrial {
  const [sha256 = "", key = "", version = "", from = "", reason = ""] = text.split("\n");
  return { state, sha256, key, version, from, ...(reason === "" ? {} : { reason }) };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
