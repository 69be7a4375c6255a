import { holdfastError } from "../model/error.ts";
import type { Proof } from "../model/kept.ts";
import type { Tip } from "../ports.ts";
import { hashObject } from "./hash-tree.ts";
import { describeSigners, judgeTip } from "./judge-tip.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { SourceTrust } from "./source-options.ts";

/** What a fetched tip was trusted for: the commit as it is signed, and the tag that leads to it. */
export async function readProof({ revision, ref, tag }: Tip, reader: ObjectReader): Promise<Proof> {
  const read = async (oid: string, type: "commit" | "tag"): Promise<string> =>
    Buffer.from(await reader.readSigned(oid, type)).toString("base64");
  const commit = await read(revision, "commit");
  return tag === undefined ? { ref, commit } : { ref, commit, tag: { oid: tag, content: await read(tag, "tag") } };
}

/** Why a revision must not be gone back to under who may sign now, in one line; undefined when it may. Needs no repository. */
export async function judgeProof(
  revision: string,
  proof: Proof | undefined,
  trust: SourceTrust,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (proof === undefined) return describeSigners(trust) === undefined ? undefined : "who signed it was not kept";
  const { ref, commit, tag } = proof;
  const tip: Tip = { revision, ref, ...(tag === undefined ? {} : { tag: tag.oid }) };
  const readSigned: ObjectReader["readSigned"] = async (oid, type) => {
    const content = Buffer.from((type === "commit" ? commit : tag?.content) ?? "", "base64");
    // What stands on the disk is taken for the commit only if it has its name.
    if (hashObject(type, content) === oid) return content;
    throw holdfastError("revision-rejected", `what was kept of ${oid} is not that ${type}`, { handling: "stalled" });
  };
  const peel = async (oid: string): Promise<string> => {
    if (oid !== tag?.oid) return oid;
    return /^object ([0-9a-f]{40})$/m.exec(Buffer.from(await readSigned(oid, "tag")).toString("utf8"))?.[1] ?? oid;
  };
  const options = { trust, reader: { readSigned, peel }, readBoundary: async () => new Set<string>(), deepen: async () => false };
  return judgeTip(tip, undefined, options, signal);
}
