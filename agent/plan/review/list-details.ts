import type { ServiceReview, StackReview } from "../../model/generated/review.ts";

/** One thing to be told of a stack: what it is, and names and values, which are written as code. */
export interface Detail {
  readonly title: string;
  /** Written as code. */
  readonly names?: readonly string[];
  /** Plain words. */
  readonly words?: string;
}

/** What is to be told of a stack besides its services, in the order of its importance. */
export function listDetails(stack: StackReview): Detail[] {
  const { held, notes, portsOpened, portsClosed, data, filesPlaced, filesRemoved, unpinned, untouched } = stack;
  const named = (title: string, names: readonly string[]): Detail[] => (names.length === 0 ? [] : [{ title, names }]);
  const worded = (title: string, lines: readonly string[]): Detail[] => lines.map((words) => ({ title, words }));
  return [
    ...worded("held", held === undefined ? [] : [held]),
    ...worded("note", notes),
    ...named("ports opened", portsOpened),
    ...named("ports closed", portsClosed),
    ...worded("data", data),
    ...named("files placed", filesPlaced),
    ...named("files removed", filesRemoved),
    ...named("images not pinned", unpinned),
    ...named("untouched", untouched),
  ];
}

const CHANGES: Readonly<Record<StackReview["change"], string>> = {
  added: "new",
  changed: "changed",
  settings: "no container is touched",
  removed: "removed; its volumes and data stay",
  invalid: "invalid",
  unknown: "depends on files of the host",
};

/** What happens to a stack, in a few words. */
export function describeChange({ change }: StackReview): string {
  return CHANGES[change];
}

/** `recreate web`. */
export function describeEffect({ effect, service }: ServiceReview): string {
  return `${effect} ${service}`;
}

/** A commit as people write it. */
export function shortenRevision(revision: string): string {
  return /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 12) : revision;
}
