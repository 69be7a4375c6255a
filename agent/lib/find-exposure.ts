import type { Stats } from "node:fs";

/** Who else than root and this process can read or change a file, in one line with the command that helps; undefined when nobody. */
export function findExposure({ uid, mode }: Pick<Stats, "uid" | "mode">, path: string): string | undefined {
  const own = process.getuid?.() ?? 0;
  if (uid !== 0 && uid !== own)
    return `the file belongs to user ${uid}, who could change it at any time; run: chown root ${path}`;
  if ((mode & 0o077) === 0) return undefined;
  const shown = (mode & 0o777).toString(8).padStart(3, "0");
  return `the file has mode ${shown}, so that others can read or change it; run: chmod 600 ${path}`;
}
