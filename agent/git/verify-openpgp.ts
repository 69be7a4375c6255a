import { join } from "node:path";
import { oneLine } from "../lib/one-line.ts";
import type { CommandResult } from "../lib/run-command.ts";
import { type Keyring, readKeyring } from "./read-keyring.ts";
import { cannotTell, runSignatureTool, withFiles } from "./signature-tool.ts";
import type { SignedObject } from "./split-signature.ts";

const gpgv = { command: "gpgv", from: "GnuPG's gpgv (gpgv, or gnupg2 on Fedora)" };

/** One line of GnuPG's status: a keyword and its arguments (doc/DETAILS in GnuPG's source). */
type Status = readonly string[];

const verdicts = ["GOODSIG", "BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"];
/** A detached signature of bytes, or of text, which some forges make; all others are of keys. */
const dataClasses = ["00", "01"];
/** MD5, SHA-1 and RIPEMD-160: two objects of one hash can be made. */
const weakHashes = ["1", "2", "3"];
const noPublicKey = "9";

/**
 * Why an OpenPGP signature is not a valid one of a key in `keyringFile`, as the end of a sentence; undefined when it is. Throws
 * `source-refused` when it cannot be told. Runs `gpgv`, which trusts what it is given: no agent, no network, no trust database.
 */
export async function findOpenPgpFlaw(
  { payload, atSeconds }: SignedObject,
  signature: string,
  keyringFile: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const keyring = await readKeyring(keyringFile);
  const result = await withFiles({ signature, keyring: keyring.bytes }, (directory) => {
    const [keys, file] = [join(directory, "keyring"), join(directory, "signature")];
    const args = ["--homedir", directory, "--status-fd", "1", "--keyring", keys, "--", file, "-"];
    return runSignatureTool(gpgv, args, payload, signal);
  });
  return judge(result, keyring, keyringFile, atSeconds);
}

/** By what GnuPG says, not by its exit code, which is 0 for a revoked key. */
function judge(result: CommandResult, keyring: Keyring, keyringFile: string, atSeconds: number): string | undefined {
  const status = readStatus(result.stdout);
  const [verdict, another] = status.filter(([name = ""]) => verdicts.includes(name));
  if (verdict === undefined) return "has an OpenPGP signature that cannot be read";
  if (another !== undefined) return "has more than one OpenPGP signature";
  const [name, keyId = ""] = verdict;
  if (name === "BADSIG") return `has a signature of ${keyId} that does not fit it`;
  if (name === "ERRSIG") return judgeUnchecked(verdict, result, keyringFile);
  const [, key = keyId, , madeAt, endsAt, , , , hash = "", kind = "", primary = key] = find(status, "VALIDSIG") ?? [];
  if (!dataClasses.includes(kind)) return "has an OpenPGP signature that is not one of data";
  if (weakHashes.includes(hash)) return `has a signature of ${key} by a hash that can be forged; sign it again with SHA-256`;
  if (name === "EXPSIG") return `has a signature of ${key} that was good until ${formatDay(Number(endsAt))} only`;
  // GnuPG calls a key that has expired and is revoked an expired one.
  if (name === "REVKEYSIG" || keyring.revoked.has(key) || keyring.revoked.has(primary))
    return `is signed by the key ${key}, which is revoked in ${keyringFile}; sign it again with another key`;
  if (name === "EXPKEYSIG") return judgeExpired(status, key, Math.max(atSeconds, Number(madeAt)));
  return result.exitCode === 0 ? undefined : `has a signature of ${key} that gpgv does not accept`;
}

/** As Git does with SSH keys: what was signed while the key was good stays good. */
function judgeExpired(status: readonly Status[], key: string, atSeconds: number): string | undefined {
  // One line per key that was looked at, its owner's included; 0: this one has no end of its own.
  const ends = status.filter(([name]) => name === "KEYEXPIRED").map(([, end]) => Number(end));
  const end = Math.min(...ends.filter((seconds) => seconds > 0));
  if (atSeconds < end && Number.isFinite(end)) return undefined;
  const when = Number.isFinite(end) ? ` on ${formatDay(end)}` : "";
  return `is signed by the key ${key}, which had expired${when}; extend the key and export it again, or sign with another`;
}

function judgeUnchecked([, keyId = "", , , , , reason, fingerprint]: Status, { stderr }: CommandResult, file: string): string {
  const key = fingerprint === undefined || fingerprint === "-" ? keyId : fingerprint;
  if (reason === noPublicKey)
    return `is signed by the key ${key}, which ${file} does not hold; if it may sign, add what gpg --export --armor ${keyId} prints`;
  // A clock that is wrong makes keys that are not yet valid: that passes.
  const said = stderr.split("\n").filter((line) => !/^gpgv: (Signature made| )|^$/.test(line));
  const words = oneLine(said.map((line) => line.replace(/^gpgv: /, "")).join("; "));
  throw cannotTell(
    `a signature of the key ${key} cannot be checked: ${words}`,
    "check this host's clock, and its version of gpgv",
  );
}

function readStatus(stdout: string): readonly Status[] {
  const prefix = "[GNUPG:] ";
  const lines = stdout.split("\n").filter((line) => line.startsWith(prefix));
  return lines.map((line) => line.slice(prefix.length).split(" "));
}

function find(status: readonly Status[], name: string): Status | undefined {
  return status.find(([first]) => first === name);
}

function formatDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
