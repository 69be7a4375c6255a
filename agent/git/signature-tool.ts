import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runCommand } from "../lib/run-command.ts";
import { type HoldfastError, holdfastError } from "../model/error.ts";

export interface SignatureTool {
  /** Looked up in the usual directories only, whatever PATH the agent was started with. */
  readonly command: string;
  /** What to install where it is missing. */
  readonly from: string;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const TIMEOUT_MS = 20_000;

/**
 * Runs a program that knows signatures, with English messages and none of anybody's configuration. Throws `source-refused` when it
 * cannot be run.
 */
export async function runSignatureTool(
  { command, from }: SignatureTool,
  args: readonly string[],
  input: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<CommandResult> {
  const env = { PATH, LC_ALL: "C", TZ: "UTC" };
  const given = input === undefined ? {} : { input };
  try {
    const result = await runCommand({ command, args, env, timeoutMs: TIMEOUT_MS, signal, ...given });
    if (!result.timedOut) return result;
  } catch (error) {
    if (signal.aborted) throw holdfastError("aborted", "checking a signature was stopped", { handling: "transient" });
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw cannotTell(`a signature cannot be checked: ${command} is not installed`, `install ${from}`);
  }
  throw cannotTell(`a signature cannot be checked: ${command} took longer than ${TIMEOUT_MS / 1000} s`);
}

/** Writes files to a private directory that is gone when `use` has ended. */
export async function withFiles<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-signature-"));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content, { mode: 0o600 });
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whether a signature is good cannot be told now; it is tried again at the next poll. */
export function cannotTell(message: string, hint?: string): HoldfastError {
  return holdfastError("source-refused", message, { handling: "transient", ...(hint === undefined ? {} : { hint }) });
}
