/** `50%` of a host's stacks, or a number of them. */
export type RemovalLimit = number | string;

export interface RemovalRequest {
  /** Stacks that Holdfast converged on this host. */
  readonly managed: readonly string[];
  /** Those of them that the new revision no longer has for it. */
  readonly removed: readonly string[];
  /** Of the revision that is in force and of the new one: the stricter holds. */
  readonly limits: readonly RemovalLimit[];
  /** Stacks whose removal somebody confirmed; `all` for every one. */
  readonly confirmed: readonly string[] | "all";
}

export const DEFAULT_REMOVAL_LIMIT: RemovalLimit = "50%";

/** Why a revision that removes stacks is held until somebody confirms it, in one line; undefined when it may go on. */
export function guardRemovals(request: RemovalRequest): string | undefined {
  const { managed, removed, limits, confirmed } = request;
  if (removed.length === 0 || confirmed === "all") return undefined;
  const unconfirmed = removed.filter((name) => !confirmed.includes(name));
  if (unconfirmed.length === 0) return undefined;
  const names = [...removed].sort().join(", ");
  const most = Math.min(...limits.map((limit) => countAllowed(limit, managed.length)));
  if (removed.length >= managed.length) return `it would remove the last of this host's stacks (${names})`;
  if (removed.length <= most) return undefined;
  return `it would remove ${removed.length} of this host's ${managed.length} stacks (${names}), more than ${describeLimit(limits)} (prune.maxRemovals)`;
}

/** The stacks that commit messages confirm to be removed: `Holdfast-Allow-Removal: web, db`. */
export function readConfirmations(messages: readonly string[]): string[] {
  const lines = messages.flatMap((message) => [...message.matchAll(/^holdfast-allow-removal:(.*)$/gim)]);
  return [...new Set(lines.flatMap(([, names = ""]) => names.split(/[\s,]+/)).filter((name) => name !== ""))].sort();
}

function countAllowed(limit: RemovalLimit, managed: number): number {
  if (typeof limit === "number") return limit;
  return Math.floor((Number(limit.replace("%", "")) / 100) * managed);
}

function describeLimit(limits: readonly RemovalLimit[]): string {
  return [...new Set(limits.map(String))].join(" or ");
}
