/** `unknown`: the history that is here ends before it tells. */
export type Descent = "descends" | "unrelated" | "unknown";

/** The parents that a commit names; undefined when it is not here. */
export type ReadParents = (oid: string) => Promise<readonly string[] | undefined>;

/** Whether `tip` has `ancestor` among its ancestors, or is it; `isBoundary`: nothing beyond this commit was fetched. */
export async function findDescent(
  tip: string,
  ancestor: string,
  readParents: ReadParents,
  isBoundary: (oid: string) => boolean,
): Promise<Descent> {
  const seen = new Set([tip]);
  let incomplete = false;
  // A set is walked in the order of insertion, what is added on the way included: the newest commits first.
  for (const oid of seen) {
    if (oid === ancestor) return "descends";
    const parents = isBoundary(oid) ? undefined : await readParents(oid);
    if (parents === undefined) incomplete = true;
    for (const parent of parents ?? []) seen.add(parent);
  }
  return incomplete ? "unknown" : "unrelated";
}
