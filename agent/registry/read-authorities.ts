import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { refused } from "./registry-failure.ts";

/** The certificates in PEM that Docker trusts for a registry beside the public ones: every `*.crt` of `DIRECTORY/HOST:PORT/`. */
export async function readAuthorities(directory: string, registry: string): Promise<string[]> {
  const own = join(directory, registry);
  let shown = own;
  try {
    const names = (await readdir(own)).filter((name) => name.endsWith(".crt")).sort();
    const certificates: string[] = [];
    for (const name of names) {
      shown = join(own, name);
      certificates.push(await readFile(shown, "utf8"));
    }
    return certificates;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw refused(`${shown}, which holds the authorities for ${registry}, cannot be read (${code})`, "check who may read it");
  }
}
