import { constants } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeEnvFile } from "../../desired/write-env-file.ts";
import { holdfastError } from "../../model/error.ts";
import type { ImportedProject } from "./read-project.ts";

export interface StackTarget {
  /** Directory of the desired state. */
  readonly directory: string;
  readonly host: string;
  readonly hostEnvDir: string;
  readonly adopt: boolean;
}

/**
 * Writes a stack, complete or not at all, and the values that stay on the host; what exists is never changed. Returns the paths
 * below the stack's directory. Throws `configuration-invalid` in words when something else stands there.
 */
export async function writeStack(project: ImportedProject, target: StackTarget): Promise<readonly string[]> {
  const { name, composeFiles, copies, values } = project;
  const stacks = join(target.directory, "stacks");
  if (await stat(join(stacks, name)).catch(() => undefined))
    throw refuse(`${join(stacks, name)} exists already`, "remove it to import the project anew");
  if (Object.keys(values).length > 0) await writeValues(join(target.hostEnvDir, `${name}.env`), writeEnvFile(values));
  await mkdir(stacks, { recursive: true });
  const draft = await mkdtemp(join(stacks, ".import-"));
  try {
    const contents = new Map([["stack.yaml", describeStack(project, target)], ...composeFiles]);
    for (const [path, text] of contents) await writeFile(join(draft, path), text, { flag: "wx" });
    for (const [path, source] of copies) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await copyFile(source, join(draft, path), constants.COPYFILE_EXCL);
    }
    // What mkdtemp makes is for its owner only.
    await chmod(draft, 0o755);
    await rename(draft, join(stacks, name));
    return [...contents.keys(), ...copies.keys()];
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function describeStack({ name, composeFiles, profiles, values }: ImportedProject, { host, adopt }: StackTarget): string {
  const files = [...composeFiles.keys()];
  const compose = [
    ...(files.join() === "compose.yaml" ? [] : [`files: [${files.map(quote).join(", ")}]`]),
    ...(profiles.length === 0 ? [] : [`profiles: [${profiles.map(quote).join(", ")}]`]),
  ];
  return [
    `hosts: {names: [${host}]}`,
    ...(adopt
      ? ["# The containers that run already are taken over: each is made anew once, volumes and data stay.", "adopt: true"]
      : []),
    ...(compose.length === 0 ? [] : [`compose: {${compose.join(", ")}}`]),
    ...(Object.keys(values).length === 0 ? [] : [`hostEnvFiles: [${name}.env]`]),
    "",
  ].join("\n");
}

/** A word as YAML reads it back: JSON is YAML. */
function quote(word: string): string {
  return /^[a-z][\w.-]*$/i.test(word) && !/^(true|false|null|yes|no|on|off)$/i.test(word) ? word : JSON.stringify(word);
}

async function writeValues(path: string, text: string): Promise<void> {
  const present = await readFile(path, "utf8").catch(() => undefined);
  if (present === text) return;
  if (present !== undefined)
    throw refuse(`${path} exists already and holds something else`, "move it away to import the project");
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { flag: "wx", mode: 0o600 });
}

function refuse(message: string, hint: string): Error {
  return holdfastError("configuration-invalid", message, { handling: "stalled", hint });
}
