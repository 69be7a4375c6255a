import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { cannotTell, runSignatureTool, withFiles } from "./signature-tool.ts";
import { fingerprintOf, type SignedObject } from "./split-signature.ts";

const keygen = { command: "ssh-keygen", from: "OpenSSH's client (openssh-client)" };

/**
 * Why an SSH signature is not a valid one of an allowed signer, as the end of a sentence; undefined when it is. Throws
 * `source-refused` when it cannot be told. Runs `ssh-keygen`, which knows everything that the file may say.
 */
export async function findSshFlaw(
  { payload, atSeconds }: SignedObject,
  signature: string,
  allowedSigners: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  await access(allowedSigners, constants.R_OK).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw cannotTell(`${allowedSigners} cannot be read (${code})`, "check repository.allowedSigners and who may read it");
  });
  return withFiles({ signature }, async (directory) => {
    // As Git does: a signature stays good after its key's time is over; to revoke a key, its line is removed.
    const common = ["-f", allowedSigners, "-s", join(directory, "signature"), `-Overify-time=${formatTime(atSeconds)}`];
    const found = await runSignatureTool(keygen, ["-Y", "find-principals", ...common], undefined, signal);
    const principals = found.exitCode === 0 ? found.stdout.split("\n").filter((line) => line !== "") : [];
    if (principals.length === 0)
      return `is signed by the key ${fingerprintOf(signature)}, which ${allowedSigners} does not allow`;
    for (const principal of principals) {
      const args = ["-Y", "verify", ...common, "-n", "git", "-I", principal];
      const verified = await runSignatureTool(keygen, args, payload, signal);
      if (verified.exitCode === 0) return undefined;
    }
    return `has a signature of ${fingerprintOf(signature)} that does not fit it`;
  });
}

/** `YYYYMMDDHHMMSS`; what ssh-keygen cannot be told is the beginning of time, when no limited key was valid. */
function formatTime(seconds: number): string {
  const year9999 = 253_402_300_799;
  return new Date(Math.min(seconds, year9999) * 1000).toISOString().replace(/\.\d+Z$|[-:T]/g, "");
}
