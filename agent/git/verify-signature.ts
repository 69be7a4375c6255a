import { access, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runCommand } from "../lib/run-command.ts";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import { fingerprintOf, isSshSignature, type SignedObject } from "./split-signature.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const TIMEOUT_MS = 20_000;

/**
 * Why an object does not carry a valid SSH signature of an allowed signer, as the end of a sentence ("is not signed"); undefined
 * when it does. Throws `source-refused` when it cannot be told. Runs `ssh-keygen`, which knows everything that the file may say.
 */
export async function findSignatureFlaw(
  { signature, payload, atSeconds }: SignedObject,
  allowedSigners: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (signature === undefined) return "is not signed";
  if (!isSshSignature(signature)) return "has no SSH signature, and others are not checked";
  await access(allowedSigners, constants.R_OK).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw cannotTell(`${allowedSigners} cannot be read (${code})`, "check repository.allowedSigners and who may read it");
  });
  const directory = await mkdtemp(join(tmpdir(), "holdfast-signature-"));
  try {
    const file = join(directory, "signature");
    await writeFile(file, signature, { mode: 0o600 });
    // As Git does: a signature stays good after its key's time is over; to revoke a key, its line is removed.
    const common = ["-f", allowedSigners, "-s", file, `-Overify-time=${formatTime(atSeconds)}`];
    const found = await keygen(["-Y", "find-principals", ...common], undefined, signal);
    const principals = found.exitCode === 0 ? found.stdout.split("\n").filter((line) => line !== "") : [];
    if (principals.length === 0)
      return `is signed by the key ${fingerprintOf(signature)}, which ${allowedSigners} does not allow`;
    for (const principal of principals) {
      const verified = await keygen(["-Y", "verify", ...common, "-n", "git", "-I", principal], payload, signal);
      if (verified.exitCode === 0) return undefined;
    }
    return `has a signature of ${fingerprintOf(signature)} that does not fit it`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function keygen(args: readonly string[], input: Uint8Array | undefined, signal: AbortSignal): Promise<CommandResult> {
  const env = { PATH, LC_ALL: "C", TZ: "UTC" };
  const given = input === undefined ? {} : { input };
  try {
    const result = await runCommand({ command: "ssh-keygen", args, env, timeoutMs: TIMEOUT_MS, signal, ...given });
    if (!result.timedOut) return result;
  } catch (error) {
    if (signal.aborted) throw holdfastError("aborted", "checking a signature was stopped", { handling: "transient" });
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw cannotTell("a signature cannot be checked: ssh-keygen is not installed", "install OpenSSH's client (openssh-client)");
  }
  throw cannotTell(`a signature cannot be checked: ssh-keygen took longer than ${TIMEOUT_MS / 1000} s`);
}

/** `YYYYMMDDHHMMSS`; what ssh-keygen cannot be told is the beginning of time, when no limited key was valid. */
function formatTime(seconds: number): string {
  const year9999 = 253_402_300_799;
  return new Date(Math.min(seconds, year9999) * 1000).toISOString().replace(/\.\d+Z$|[-:T]/g, "");
}

function cannotTell(message: string, hint?: string): HoldfastError {
  return holdfastError("source-refused", message, { handling: "transient", ...(hint === undefined ? {} : { hint }) });
}
