import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DesiredStack } from "../model/desired.ts";
import { holdfastError } from "../model/error.ts";
import type { Workspace } from "../ports.ts";

/**
 * What Holdfast keeps below its runtime directory, on tmpfs: everything that may hold a secret in plain text. Directories
 * are 0700 and files 0600. What another version of the program desired is not taken up.
 */
export function openWorkspace(runtimeDir: string, version: string): Workspace {
  const stackFile = (stack: string, name: string): string => join(runtimeDir, "stacks", stack, name);

  return {
    async stage(files, use) {
      const parent = join(runtimeDir, "render");
      await mkdir(parent, { recursive: true, mode: 0o700 });
      const directory = await mkdtemp(join(parent, "stage-"));
      try {
        for (const { path, content } of files) await writePrivate(join(directory, path), content);
        return await use(directory);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },

    async writeModel(stack, model) {
      const path = stackFile(stack, "compose.json");
      await replacePrivate(path, JSON.stringify(model));
      return path;
    },

    async readDesired(stack) {
      const text = await readFile(stackFile(stack, "desired.json"), "utf8").catch(() => undefined);
      return text === undefined ? undefined : parseDesired(text, version);
    },

    async writeDesired(stack) {
      await replacePrivate(stackFile(stack.name, "desired.json"), JSON.stringify({ version, stack }));
    },
  };
}

async function writePrivate(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, content, { mode: 0o600 });
  } catch (cause) {
    throw holdfastError("state-failed", `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      handling: "transient",
      hint: "the runtime directory has to be writable and not full",
      cause,
    });
  }
}

async function replacePrivate(path: string, content: string): Promise<void> {
  await writePrivate(`${path}.new`, content);
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}

// A cache: half a file is none, and another version's may lack what this one needs.
function parseDesired(text: string, version: string): DesiredStack | undefined {
  try {
    const kept = JSON.parse(text) as { readonly version?: string; readonly stack?: DesiredStack };
    return kept.version === version ? kept.stack : undefined;
  } catch {
    return undefined;
  }
}
