import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { holdfastError } from "../model/error.ts";
import type { Source } from "../ports.ts";
import { chooseTag, tipMissing } from "./find-tip.ts";
import type { Followed } from "./followed.ts";
import { identifySigners } from "./identify-signers.ts";
import { judgeTip } from "./judge-tip.ts";
import { listLocalRefs, openLocalRepository, readLocalRef } from "./local-repository.ts";
import { objectReader } from "./object-reader.ts";
import { judgeProof, readProof } from "./signed-proof.ts";
import type { SourceLimits, SourceTrust } from "./source-options.ts";

interface LocalSourceOptions {
  readonly path: string;
  readonly shown: string;
  readonly followed: Followed;
  readonly limits: SourceLimits;
  readonly trust: SourceTrust;
}

/** A repository on this machine, read where it is: nothing is copied, written or run. */
export function localSource(options: LocalSourceOptions): Source {
  const { path, shown, followed, limits } = options;
  const directories = async () => (await openLocalRepository(path)).objectDirectories;
  const reader = objectReader({ directories, limits, shown });
  let peeled: { readonly oid: string; readonly revision: string } | undefined;

  return {
    ...reader,
    signers: identifySigners(options.trust),
    prove: (tip) => readProof(tip, reader),
    judgeProof: (revision, proof, signal) => judgeProof(revision, proof, options.trust, signal),
    async readTip(signal) {
      if (signal.aborted) throw holdfastError("aborted", `reading ${shown} was stopped`, { handling: "transient" });
      const { directory } = await openLocalRepository(path);
      const ref = followed.kind === "branch" ? followed.ref : await findTag(directory, followed.pattern);
      const oid = ref === undefined ? undefined : await readLocalRef(directory, ref);
      if (ref === undefined || oid === undefined) {
        const names = await listLocalRefs(directory, followed.kind === "branch" ? "refs/heads" : "refs/tags");
        throw tipMissing(followed, shown, names);
      }
      if (followed.kind === "branch") return { revision: oid, ref };
      // Reading objects needs isomorphic-git: a poll that finds the same tag must not.
      if (peeled?.oid !== oid) peeled = { oid, revision: await reader.peel(oid) };
      return peeled.revision === oid ? { revision: oid, ref } : { revision: peeled.revision, ref, tag: oid };
    },
    async judge(tip, accepted, signal) {
      const readBoundary = async () => {
        const { directory } = await openLocalRepository(path);
        return new Set((await readFile(join(directory, "shallow"), "utf8").catch(() => "")).split("\n"));
      };
      return judgeTip(tip, accepted, { trust: options.trust, reader, readBoundary, deepen: async () => false }, signal);
    },
    async fetch() {
      for (const directory of await directories()) await checkPackSizes(directory, shown, limits.packBytes);
      // The repository may have been repacked since it was read.
      reader.release();
    },
  };
}

async function findTag(directory: string, pattern: string): Promise<string | undefined> {
  const names = await listLocalRefs(directory, "refs/tags");
  return chooseTag(
    names.map((name) => ({ name })),
    pattern,
  );
}

/** isomorphic-git reads a whole pack to find one file in it, so a pack is memory here as it is over the network. */
async function checkPackSizes(directory: string, shown: string, packBytes: number): Promise<void> {
  const folder = join(directory, "objects", "pack");
  for (const name of await readdir(folder).catch(() => [])) {
    const size = name.endsWith(".pack") ? ((await stat(join(folder, name)).catch(() => undefined))?.size ?? 0) : 0;
    if (size <= packBytes) continue;
    const limit = Math.floor(packBytes / 1024 / 1024);
    throw holdfastError("source-too-large", `${shown} has a pack of ${size} bytes, more than the ${limit} MiB that are read`, {
      handling: "stalled",
      hint: "a desired state is text: move it to a repository of its own, or read it over http, which takes the last 50 commits",
    });
  }
}
