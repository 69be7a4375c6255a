/** A commit as Git stores it; undefined when it is not here. */
export type ReadCommit = (oid: string) => Promise<string | undefined>;

/**
 * The messages of the commits that lead to `tip` and not to `since`, newest first, as far as they are here. Where `since` is not
 * among its ancestors only the tip's own: what was said of another history was not said of this one.
 */
export async function collectMessages(tip: string, since: string | undefined, read: ReadCommit): Promise<readonly string[]> {
  const messages: string[] = [];
  const own = [messageOf((await read(tip)) ?? "")];
  if (since === undefined) return own;
  // What is merged after `since` may have begun before it: its own ancestors were converged already.
  const old = new Set([since]);
  for (const oid of old) for (const parent of parentsOf((await read(oid)) ?? "")) old.add(parent);
  const seen = new Set([tip]);
  for (const oid of seen) {
    const commit = old.has(oid) ? undefined : await read(oid);
    if (commit === undefined) continue;
    messages.push(messageOf(commit));
    for (const parent of parentsOf(commit)) seen.add(parent);
  }
  return seen.has(since) ? messages : own;
}

/** The parents that a commit names. */
export function parentsOf(commit: string): string[] {
  const headers = commit.split("\n\n", 1)[0] ?? "";
  return [...headers.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, parent = ""]) => parent);
}

function messageOf(commit: string): string {
  const split = commit.indexOf("\n\n");
  return split < 0 ? "" : commit.slice(split + 2);
}
