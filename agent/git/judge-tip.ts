import type { Revision } from "../model/desired.ts";
import { isHoldfastError } from "../model/error.ts";
import type { Tip } from "../ports.ts";
import { type Descent, findDescent } from "./find-descent.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { SourceTrust } from "./source-options.ts";
import { splitCommit, splitTag } from "./split-signature.ts";
import { findSignatureFlaw } from "./verify-signature.ts";

export interface JudgeOptions {
  readonly trust: SourceTrust;
  readonly reader: Pick<ObjectReader, "readSigned" | "peel"> & Partial<Pick<ObjectReader, "readParents">>;
  /** The commits whose parents were not fetched. */
  readonly readBoundary: () => Promise<ReadonlySet<string>>;
  /** Fetches more of the history; false when there is no more to be had. Throws `source-too-large`. */
  readonly deepen: (tip: Tip, attempt: number, signal: AbortSignal) => Promise<boolean>;
}

/**
 * Why a tip that was fetched must not be converged, in one line: its signature, or that it does not descend from `accepted`.
 * Undefined when it may be. Throws `source-*` when it cannot be told now.
 */
export async function judgeTip(
  tip: Tip,
  accepted: Revision | undefined,
  options: JudgeOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const settings = describeSigners(options.trust);
  const { allowForcePush = settings === undefined } = options.trust;
  const flaw = settings === undefined ? undefined : await judgeSignature(tip, settings, options, signal);
  if (flaw !== undefined || allowForcePush || accepted === undefined) return flaw;
  return judgeDescent(tip, accepted, options, signal);
}

/** The settings that say who may sign; undefined when nobody has to. */
export function describeSigners({ allowedSigners, gpgKeyring }: SourceTrust): string | undefined {
  const names = [
    ...(allowedSigners === undefined ? [] : ["repository.allowedSigners"]),
    ...(gpgKeyring === undefined ? [] : ["repository.gpgKeyring"]),
  ];
  return names.length === 0 ? undefined : names.join(", ");
}

async function judgeSignature(
  tip: Tip,
  settings: string,
  { trust, reader }: JudgeOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const isTag = tip.ref.startsWith("refs/tags/");
  const name = tip.ref.replace(/^refs\/(tags|heads)\//, "");
  const what = isTag ? `the tag ${name}` : `the commit ${tip.revision.slice(0, 12)}`;
  if (isTag && tip.tag === undefined) return `${what} is not signed: it is no annotated tag (${settings})`;
  const content = await reader.readSigned(tip.tag ?? tip.revision, isTag ? "tag" : "commit");
  if (isTag) {
    // Otherwise a signed tag of an old version would pass for that of a new one.
    const own = /^tag (.*)$/m.exec(Buffer.from(content).toString("utf8").split("\n\n", 1)[0] ?? "")?.[1];
    // What the server says of where a tag leads is not signed; the tag is.
    const target = await reader.peel(tip.tag ?? tip.revision);
    if (target !== tip.revision) return `${what} leads to ${target.slice(0, 12)}, and the server said otherwise`;
    if (own !== name) return `${what} is the tag object of ${own ?? "another tag"} (${settings})`;
  }
  const flaw = await findSignatureFlaw(isTag ? splitTag(content) : splitCommit(content), trust, signal);
  return flaw === undefined ? undefined : `${what} ${flaw} (${settings})`;
}

async function judgeDescent(
  tip: Tip,
  accepted: Revision,
  options: JudgeOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { reader, readBoundary, deepen } = options;
  const [head, base] = [tip.revision.slice(0, 12), accepted.slice(0, 12)];
  let descent: Descent = "unknown";
  for (let attempt = 0; descent === "unknown"; attempt += 1) {
    const boundary = await readBoundary();
    descent = await findDescent(tip.revision, accepted, reader.readParents ?? (async () => undefined), (oid) =>
      boundary.has(oid),
    );
    if (descent !== "unknown") break;
    try {
      if (!(await deepen(tip, attempt, signal))) return `whether ${head} descends from ${base} cannot be told from what is here`;
    } catch (error) {
      if (!isHoldfastError(error) || error.code !== "source-too-large") throw error;
      return `whether ${head} descends from ${base}, which was accepted last, cannot be told: ${error.message}`;
    }
  }
  if (descent === "descends") return undefined;
  return `${head} does not descend from ${base}, which was accepted last: the history was rewritten (repository.allowForcePush)`;
}
