import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { holdfastError } from "../model/error.ts";
import type { CommittedFile, KeptRevision } from "../model/kept.ts";
import type { Kept } from "../ports.ts";
import { openDirectory } from "./open-directory.ts";

/** How many verified revisions of a stack are kept: the one in force, and two to go back to. */
const KEPT_LIMIT = 3;
const META = "kept.json";

/**
 * Verified revisions below `<stateDir>/kept/<stack>/<inputs>/`: the tree as committed, so that a stack can go back without a
 * network, a Git server or the history that it came from.
 */
export function openKept({ stateDir }: { readonly stateDir: string }): Kept {
  const directoryOf = (stack: string): string => join(stateDir, "kept", checkName(stack));
  const placeOf = ({ stack, inputs }: Pick<KeptRevision, "stack" | "inputs">): string =>
    join(directoryOf(stack), checkName(inputs));

  async function list(stack: string): Promise<readonly KeptRevision[]> {
    const names = await readdir(directoryOf(stack)).catch(() => []);
    const found = await Promise.all(names.map((name) => readMeta(join(directoryOf(stack), name))));
    return found
      .filter((item) => item !== undefined && item.stack === stack)
      .filter((item) => item !== undefined)
      .sort((a, b) => b.verifiedAtMs - a.verifiedAtMs);
  }

  return {
    list,

    async keep(revision, files) {
      const place = placeOf(revision);
      const fresh = `${place}.new`;
      try {
        await rm(fresh, { recursive: true, force: true });
        for (const file of files) await writeCommitted(join(fresh, "tree"), file);
        await writeMeta(fresh, revision);
        // What is half-written has another name; a revision is there or it is not.
        await rm(place, { recursive: true, force: true });
        await rename(fresh, place);
        const dropped = (await list(revision.stack)).slice(KEPT_LIMIT);
        for (const old of dropped) await rm(placeOf(old), { recursive: true, force: true });
        return dropped;
      } catch (cause) {
        await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
        throw unwritable(place, cause);
      }
    },

    async note(revision) {
      const place = placeOf(revision);
      await writeMeta(place, revision).catch((cause: unknown) => {
        throw unwritable(place, cause);
      });
    },

    open: (revision) => openDirectory(join(placeOf(revision), "tree")),

    async remove(stack) {
      const kept = await list(stack);
      await rm(directoryOf(stack), { recursive: true, force: true });
      return kept;
    },
  };
}

async function readMeta(place: string): Promise<KeptRevision | undefined> {
  try {
    return JSON.parse(await readFile(join(place, META), "utf8")) as KeptRevision;
  } catch {
    // Interrupted while it was written, or not ours.
    return undefined;
  }
}

async function writeMeta(place: string, revision: KeptRevision): Promise<void> {
  await writeFile(join(place, `${META}.new`), JSON.stringify(revision), { mode: 0o600 });
  await rename(join(place, `${META}.new`), join(place, META));
}

async function writeCommitted(root: string, { path, executable, content }: CommittedFile): Promise<void> {
  if (path.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw holdfastError("state-failed", `${JSON.stringify(path)} is not a path below a directory`, { handling: "stalled" });
  const absolute = join(root, path);
  await mkdir(dirname(absolute), { recursive: true, mode: 0o700 });
  await writeFile(absolute, content, { mode: executable ? 0o700 : 0o600 });
}

// Both are made by Holdfast; this is for a caller that was told them by somebody else.
function checkName(name: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,127}$/.test(name)) return name;
  throw holdfastError("state-failed", `${JSON.stringify(name)} cannot be the name of a directory`, { handling: "stalled" });
}

function unwritable(place: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return holdfastError("state-failed", `the verified revision cannot be kept at ${place}: ${reason}`, {
    handling: "transient",
    hint: "the state directory has to be writable and not full",
    cause,
  });
}
