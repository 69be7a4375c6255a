import { distance } from "fastest-levenshtein";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import type { Tip } from "../ports.ts";
import { oneLine } from "./http-failure.ts";
import type { Transport } from "./transport.ts";

const branches = "refs/heads/";

/** The tip of the branch `ref` by one request; where it is missing, a second one tells what there is instead. */
export async function findTip(transport: Transport, ref: string, signal: AbortSignal): Promise<Tip> {
  const refs = await transport.listRefs(ref, signal);
  // A prefix: refs/heads/b1 also lists refs/heads/b10.
  const found = refs.find(({ name }) => name === ref);
  if (found !== undefined) return { revision: found.oid, ref };
  const others = await transport.listRefs(branches, signal);
  throw branchMissing(
    ref,
    transport.shown,
    others.map(({ name }) => name),
  );
}

/** Says that the branch `ref` is missing among `names` (full names), and which five are named most like it. */
export function branchMissing(ref: string, shown: string, names: readonly string[]): HoldfastError {
  const wanted = ref.slice(branches.length);
  const existing = names.filter((name) => name.startsWith(branches)).map((name) => name.slice(branches.length));
  if (existing.length === 0) {
    return holdfastError("source-refused", `${shown} is empty: it has no branch yet`, {
      handling: "stalled",
      hint: `push the desired state to the branch ${wanted}`,
    });
  }
  const alike = existing
    .map((name) => ({ name, distance: distance(name, wanted) }))
    .sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
    .slice(0, 5)
    .map(({ name }) => oneLine(name));
  return holdfastError("source-refused", `${shown} has no branch ${wanted}; it has ${alike.join(", ")}`, {
    handling: "stalled",
    hint: "check repository.branch",
  });
}
