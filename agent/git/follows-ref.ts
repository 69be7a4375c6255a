import type { Followed } from "./followed.ts";
import { matchTags } from "./match-tags.ts";

/** Tells whether a change of a ref, by its full name, can change what is followed. */
export function followsRef(followed: Followed): (ref: string) => boolean {
  if (followed.kind === "branch") return (ref) => ref === followed.ref;
  const matches = matchTags(followed.pattern);
  return (ref) => ref.startsWith("refs/tags/") && matches(ref.slice("refs/tags/".length));
}
