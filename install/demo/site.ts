import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStartTicks } from "../../test/engine/processes.ts";
import { removeLeftovers } from "../../test/engine/remove-leftovers.ts";

/** One directory holds all of the demo. It is always the same, so that its documentation can name it. */
export const DIRECTORY = "/var/lib/holdfast-demo";

/** Where the example host keeps its data; on this machine it exists for the demo's engine only. */
export const STORAGE = "/cold-storage";

/** Where everything of the demo stands. */
export interface Site {
  readonly directory: string;
  /** The agent's configuration. */
  readonly configuration: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly hostEnvDir: string;
  /** What containers write, the example host's /cold-storage. */
  readonly storage: string;
  /** Password of the Git server, 600. */
  readonly tokenFile: string;
  /** Commands for people who look at the demo: holdfast, on-host. */
  readonly bin: string;
  /** Sourced by people who look at the demo. */
  readonly environmentFile: string;
  readonly gitRoot: string;
  /** The working tree that the demo pushes from. */
  readonly clone: string;
  readonly agentLog: string;
}

/** What a demo that was killed leaves to the next one. */
interface SiteRecord {
  readonly pid: number;
  readonly startTicks: string;
  /** STORAGE did not exist: it is the demo's, an empty directory to mount on. */
  readonly madeStorage: boolean;
  /** The engine that was given with --engine. */
  readonly engine?: string;
}

const SITE: Site = {
  directory: DIRECTORY,
  configuration: join(DIRECTORY, "agent.yaml"),
  stateDir: join(DIRECTORY, "state"),
  runtimeDir: join(DIRECTORY, "run"),
  hostEnvDir: join(DIRECTORY, "host-env"),
  storage: join(DIRECTORY, "storage"),
  tokenFile: join(DIRECTORY, "git-token"),
  bin: join(DIRECTORY, "bin"),
  environmentFile: join(DIRECTORY, "env"),
  gitRoot: join(DIRECTORY, "git"),
  clone: join(DIRECTORY, "clone"),
  agentLog: join(DIRECTORY, "agent.log"),
};
const RECORD = join(DIRECTORY, "demo.json");

/** Takes the demo's directory, after removing what a killed demo left. Throws when a demo runs. */
export async function claimSite(engine: string | undefined, removeStacks: (socket: string) => Promise<void>): Promise<Site> {
  await removeOldSite(removeStacks);
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 });
  const own = engine === undefined;
  const record: SiteRecord = {
    pid: process.pid,
    startTicks: readStartTicks(process.pid) ?? "",
    madeStorage: own && !existsSync(STORAGE),
    ...(own ? {} : { engine }),
  };
  writeFileSync(RECORD, JSON.stringify(record));
  if (record.madeStorage) mkdirSync(STORAGE);
  for (const path of [SITE.stateDir, SITE.runtimeDir, SITE.hostEnvDir, SITE.storage, SITE.bin, SITE.gitRoot])
    mkdirSync(path, { mode: 0o700 });
  writeSecrets();
  return SITE;
}

/** Removes the directory, and the mount point when it is the demo's. Containers and daemons have to be gone. */
export function leaveSite(): void {
  const record = readRecord();
  if (record?.madeStorage) removeEmpty(STORAGE);
  rmSync(DIRECTORY, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

async function removeOldSite(removeStacks: (socket: string) => Promise<void>): Promise<void> {
  if (!existsSync(DIRECTORY)) return;
  const record = readRecord();
  if (record === undefined && readdirSync(DIRECTORY).length > 0) throw new Error(`${DIRECTORY} is in use and not by this demo`);
  if (record !== undefined && readStartTicks(record.pid) === record.startTicks)
    throw new Error(`the demo runs already, as process ${record.pid}`);
  if (record?.engine !== undefined) await removeStacks(record.engine).catch(() => undefined);
  removeLeftovers();
  leaveSite();
}

function readRecord(): SiteRecord | undefined {
  return existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, "utf8")) as SiteRecord) : undefined;
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // somebody put something there in the meantime: it is theirs
  }
}

/** The secrets that stay on the host, and the Git server's: random, and readable by root only. */
function writeSecrets(): void {
  const write = (path: string, content: string) => writeFileSync(path, content, { mode: 0o600 });
  const secret = () => randomBytes(24).toString("base64url");
  write(join(SITE.hostEnvDir, "ai.env"), `WEBUI_SECRET_KEY=${secret()}\n`);
  write(join(SITE.hostEnvDir, "pihole.env"), `PIHOLE_PASSWORD=${secret()}\n`);
  write(SITE.tokenFile, `${secret()}\n`);
}
