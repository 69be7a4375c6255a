import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

/** Where an administrator's commands are, whatever PATH the agent was started with. */
const DIRECTORIES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/snap/bin"];

/** Absolute path of an installed command; undefined when it is not there, or no executable file. */
export async function findCommand(name: string, directories: readonly string[] = DIRECTORIES): Promise<string | undefined> {
  const candidates = isAbsolute(name) ? [name] : name.includes("/") ? [] : directories.map((directory) => join(directory, name));
  for (const path of candidates) if (await isExecutable(path)) return path;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
