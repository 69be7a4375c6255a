import type { HostReview } from "../../model/generated/review.ts";

/** Hosts on which a change does the same. */
export interface HostGroup {
  readonly names: readonly string[];
  /** The review of any of them. */
  readonly review: HostReview;
}

/** Hosts that have the same to tell are told of once; those on which nothing changes come last. */
export function groupHosts(hosts: readonly HostReview[]): HostGroup[] {
  const groups = new Map<string, { names: string[]; review: HostReview }>();
  for (const review of hosts) {
    // What is untouched is no difference to whoever reads where nothing changes.
    const { host, untouched, ...rest } = review;
    const key = JSON.stringify(isQuiet(review) ? rest : [rest, untouched]);
    const group = groups.get(key) ?? { names: [], review };
    group.names.push(host);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  return [...all.filter(({ review }) => !isQuiet(review)), ...all.filter(({ review }) => isQuiet(review))];
}

/** Whether there is nothing to tell of a host but that. */
export function isQuiet({ stacks, rejected, leaves, notes }: HostReview): boolean {
  return stacks.length === 0 && rejected === undefined && leaves === undefined && notes.length === 0;
}
