import { oneLine } from "../lib/one-line.ts";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import type { Source } from "../ports.ts";
import { collectMessages, parentsOf } from "./collect-messages.ts";
import { flattenTree } from "./flatten-tree.ts";
import { fileSystem, loadIsomorphicGit } from "./load-isomorphic-git.ts";
import type { SourceLimits } from "./source-options.ts";

export type ObjectReader = Pick<Source, "readTree" | "readBlob" | "readInfo" | "readMessages" | "release"> & {
  /** Throws unless the commit and its root directory can be read. */
  check(revision: string): Promise<void>;
  /** The bytes of a commit or an annotated tag. */
  readSigned(oid: string, type: "commit" | "tag"): Promise<Uint8Array>;
  /** The parents that a commit names; undefined when it is not here. */
  readParents(oid: string): Promise<readonly string[] | undefined>;
  has(oid: string): Promise<boolean>;
  /** The object that an annotated tag leads to; any other object is itself. */
  peel(oid: string): Promise<string>;
};

interface ObjectReaderOptions {
  /** Bare repositories (absolute paths) that are asked one after the other; asked anew for each operation. */
  readonly directories: () => Promise<readonly string[]>;
  readonly limits: SourceLimits;
  /** What is read, for messages. */
  readonly shown: string;
  /** Whether this commit must be there, so that its absence is damage; by default any commit may be unknown. */
  readonly mustHave?: (revision: string) => Promise<boolean>;
  /** A cache of isomorphic-git's that is warm already, for the revision that is read first. */
  readonly warm?: HeldCache;
  /** Called when an object that must be there is missing or damaged. */
  readonly onDamage?: () => void;
}

/** isomorphic-git's cache of packs and their indexes, for one revision. */
export interface HeldCache {
  readonly revision: string | undefined;
  readonly cache: object;
}

interface FoundObject {
  readonly type: string;
  readonly content: Uint8Array;
}

/** Reads objects with isomorphic-git, which is loaded at the first use. Throws `source-*` and `revision-missing`. */
export function objectReader(options: ObjectReaderOptions): ObjectReader {
  const { limits, shown } = options;
  // isomorphic-git keeps packs and their indexes in here: 5 s become 50 ms for fifty files, and a pack stays in memory.
  let held = options.warm;
  // Every stack is looked up from the root on: commits and trees are small, and asked for once per stack.
  const seen = new Map<string, FoundObject>();

  function cacheOf(revision: string | undefined): object {
    if (held === undefined || (revision !== undefined && held.revision !== revision)) {
      held = { revision, cache: {} };
      seen.clear();
    }
    return held.cache;
  }

  /** The content of an object, or undefined when it is nowhere. */
  async function find(oid: string, cache: object): Promise<FoundObject | undefined> {
    const known = seen.get(oid);
    if (known !== undefined) return known;
    const { readObject } = await loadIsomorphicGit();
    for (const gitdir of await options.directories()) {
      try {
        const { type, object } = await readObject({ fs: fileSystem, gitdir, oid, format: "content", cache });
        const found = { type, content: object as Uint8Array };
        if (type !== "blob") seen.set(oid, found);
        return found;
      } catch (error) {
        if (!isNotFound(error)) throw damaged(`${oid} in ${shown} cannot be read: ${reasonOf(error)}`, error);
      }
    }
    return undefined;
  }

  async function read(oid: string, type: string, cache: object): Promise<Uint8Array> {
    const found = await find(oid, cache);
    if (found === undefined) throw damaged(`the ${type} ${oid} is missing in ${shown}`);
    if (found.type !== type) {
      throw holdfastError("source-refused", `${oid} in ${shown} is a ${found.type}, not a ${type}`, { handling: "stalled" });
    }
    return found.content;
  }

  async function readCommit(revision: string, cache: object): Promise<string> {
    const found = /^[0-9a-f]{40}$/.test(revision) ? await find(revision, cache) : undefined;
    if (found?.type !== "commit") {
      if (await options.mustHave?.(revision)) throw damaged(`the commit ${revision} is missing in ${shown}`);
      throw holdfastError("revision-missing", `there is no commit ${oneLine(revision)} in ${shown}`, { handling: "stalled" });
    }
    return Buffer.from(found.content).toString("utf8");
  }

  function damaged(message: string, cause?: unknown): HoldfastError {
    options.onDamage?.();
    return holdfastError("source-corrupt", message, { handling: "transient", cause });
  }

  async function readRootTree(revision: string, cache: object): Promise<string> {
    return /^tree ([0-9a-f]{40})$/m.exec(await readCommit(revision, cache))?.[1] ?? "";
  }

  return {
    async readTree(revision, path) {
      const cache = cacheOf(revision);
      return flattenTree(await readRootTree(revision, cache), path, (oid) => read(oid, "tree", cache), limits);
    },
    async readBlob(oid) {
      const content = await read(oid, "blob", cacheOf(undefined));
      if (content.length <= limits.blobBytes) return content;
      throw holdfastError("source-too-large", `the file ${oid} has ${content.length} bytes, the limit is ${limits.blobBytes}`, {
        handling: "stalled",
        hint: "keep large files out of the desired state; let the container fetch them, or mount a volume",
      });
    },
    async readInfo(revision) {
      const text = await readCommit(revision, cacheOf(revision));
      const split = text.indexOf("\n\n");
      const headers = split < 0 ? text : text.slice(0, split);
      const author = /^author (.*?) ?<[^>]*> \d+ [+-]\d{4}$/m.exec(headers)?.[1] ?? "";
      const seconds = /^committer .* (\d+) [+-]\d{4}$/m.exec(headers)?.[1] ?? "0";
      const message = split < 0 ? "" : text.slice(split + 2).trimStart();
      const subject = oneLine(message.split("\n", 1)[0] ?? "");
      return { revision, author: oneLine(author), subject, committedAtMs: Number(seconds) * 1000 };
    },
    readMessages: (revision, since) =>
      collectMessages(revision, since, async (oid) => {
        const found = await find(oid, cacheOf(undefined));
        return found?.type === "commit" ? Buffer.from(found.content).toString("utf8") : undefined;
      }),
    async check(revision) {
      const cache = cacheOf(revision);
      await read(await readRootTree(revision, cache), "tree", cache);
    },
    readSigned: (oid, type) => read(oid, type, cacheOf(undefined)),
    async readParents(oid) {
      const found = await find(oid, cacheOf(undefined));
      if (found?.type !== "commit") return undefined;
      return parentsOf(Buffer.from(found.content).toString("latin1"));
    },
    has: async (oid) => (await find(oid, cacheOf(undefined))) !== undefined,
    async peel(oid) {
      let peeled = oid;
      // A tag may name a tag, and so on; Git itself knows no limit, but nobody does it twice.
      for (let hop = 0; hop < 5; hop += 1) {
        const found = await find(peeled, cacheOf(undefined));
        if (found?.type !== "tag") break;
        peeled = /^object ([0-9a-f]{40})$/m.exec(Buffer.from(found.content).toString("utf8"))?.[1] ?? peeled;
      }
      return peeled;
    },
    release() {
      held = undefined;
      seen.clear();
    },
  };
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "NotFoundError";
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? oneLine(error.message) : "unknown";
}
