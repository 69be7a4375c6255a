import { distance } from "fastest-levenshtein";
import { oneLine } from "../lib/one-line.ts";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import type { Tip } from "../ports.ts";
import { type Followed, literalPrefix } from "./followed.ts";
import type { RemoteRef, Transport } from "./transport.ts";

const branches = "refs/heads/";
const tags = "refs/tags/";
const shownNames = 5;

/** The tip of what is followed by one request; where it is missing, a second one tells what there is instead. */
export async function findTip(transport: Transport, followed: Followed, signal: AbortSignal): Promise<Tip> {
  const prefix = followed.kind === "branch" ? followed.ref : tags + literalPrefix(followed.pattern);
  const tip = await chooseTip(await transport.listRefs(prefix, signal), followed);
  if (tip !== undefined) return tip;
  const others = await transport.listRefs(followed.kind === "branch" ? branches : tags, signal);
  throw tipMissing(
    followed,
    transport.shown,
    others.map(({ name }) => name),
  );
}

async function chooseTip(refs: readonly RemoteRef[], followed: Followed): Promise<Tip | undefined> {
  // A prefix: refs/heads/b1 also lists refs/heads/b10.
  const name = followed.kind === "branch" ? followed.ref : await chooseTag(refs, followed.pattern);
  const found = refs.find((ref) => ref.name === name);
  if (found === undefined) return undefined;
  const { oid, peeled } = found;
  return peeled === undefined ? { revision: oid, ref: found.name } : { revision: peeled, ref: found.name, tag: oid };
}

/** The full name of the tag to follow among `refs`. */
export async function chooseTag(refs: readonly { readonly name: string }[], pattern: string): Promise<string | undefined> {
  // The order of versions costs 3 MB of memory, which who follows a branch does not pay.
  const { selectTag } = await import("./select-tag.ts");
  const names = refs.filter(({ name }) => name.startsWith(tags)).map(({ name }) => name.slice(tags.length));
  const name = selectTag(pattern, names);
  return name === undefined ? undefined : tags + name;
}

/** Says that what is followed is missing among `names` (full names), and which there are. */
export function tipMissing(followed: Followed, shown: string, names: readonly string[]): HoldfastError {
  return followed.kind === "branch" ? branchMissing(followed.ref, shown, names) : tagMissing(followed.pattern, shown, names);
}

function branchMissing(ref: string, shown: string, names: readonly string[]): HoldfastError {
  const wanted = ref.slice(branches.length);
  const existing = shortNames(names, branches);
  if (existing.length === 0) {
    return refused(`${shown} is empty: it has no branch yet`, `push the desired state to the branch ${wanted}`);
  }
  return refused(`${shown} has no branch ${wanted}; it has ${alike(wanted, existing)}`, "check repository.branch");
}

function tagMissing(pattern: string, shown: string, names: readonly string[]): HoldfastError {
  const existing = shortNames(names, tags);
  if (existing.length === 0) {
    return refused(`${shown} has no tag yet`, `tag a commit with a version that matches ${pattern}, and push the tag`);
  }
  return refused(
    `${shown} has no tag that matches ${pattern} and is a version; it has ${alike(pattern, existing)}`,
    "check repository.tag; a version has three numbers, like v1.2.3, and one like v1.2.3-rc.1 is followed only when the pattern asks for it (v*-rc*)",
  );
}

function shortNames(names: readonly string[], prefix: string): readonly string[] {
  return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

function alike(wanted: string, existing: readonly string[]): string {
  return existing
    .map((name) => ({ name, distance: distance(name, wanted) }))
    .sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
    .slice(0, shownNames)
    .map(({ name }) => oneLine(name))
    .join(", ");
}

function refused(message: string, hint: string): HoldfastError {
  return holdfastError("source-refused", message, { handling: "stalled", hint });
}
