import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { bundleProgram } from "../../install/bundle.ts";
import { TARGETS } from "../../install/release/targets.ts";
import { runCommand } from "../engine/run-command.ts";

const CACHE = process.env["HOLDFAST_TEST_CACHE"] ?? "/var/cache/holdfast-test";
const ROOT = join(import.meta.dirname, "../..");
/** Everything besides the program itself that the bytes of a release depend on. */
const MAKERS = ["install/release", "install/install.sh", "systemd", "package-lock.json", "LICENSE"];

const KEPT = 3;

/** What releases of tests say they were made from. */
export const SOURCE = { commit: "0123456789ab", date: "2026-01-02T03:04:05+00:00" };

/** The command line that makes a release into a directory, in the repository or in a copy of it. */
export function releaseCommand(output: string): string[] {
  const source = `${SOURCE.commit},${SOURCE.date}`;
  return [process.execPath, "install/release/main.ts", "--no-measure", "--commit", source, "--output", output];
}

/**
 * The directory of a release of the present sources: made once, used by all tests. Tests of several files that run at the same
 * time wait for each other.
 */
export async function ensureRelease(): Promise<string> {
  const { text } = await bundleProgram({ format: "cjs", commit: SOURCE.commit });
  const hash = createHash("sha256").update(text).update(JSON.stringify(TARGETS));
  for (const maker of MAKERS) for (const file of listFiles(join(ROOT, maker))) hash.update(readFileSync(file));
  const directory = join(CACHE, `release-${hash.digest("hex").slice(0, 12)}`);
  mkdirSync(CACHE, { recursive: true });
  const script = 'test -e "$0/SHA256SUMS" || { rm -rf "$0.new" && "$@" && mv "$0.new" "$0"; }';
  const command = ["sh", "-c", script, directory, ...releaseCommand(`${directory}.new`)];
  await runCommand(["flock", join(CACHE, "release.lock"), ...command], { cwd: ROOT, timeoutMs: 600_000 });
  forgetReleases(directory);
  return directory;
}

/** A release is 300 MB: only those that were used last stay, and never just one, because tests of other sources may run now. */
function forgetReleases(used: string): void {
  const now = new Date();
  utimesSync(used, now, now);
  const releases = readdirSync(CACHE).filter((name) => /^release-[0-9a-f]{12}$/.test(name));
  const byAge = releases.map((name) => join(CACHE, name)).toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of byAge.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}

/** A file, or every file below a directory; what is not there has none. */
function listFiles(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => listFiles(join(path, name)));
}
