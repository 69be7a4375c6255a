import { type HoldfastError, holdfastError } from "../model/error.ts";
import { branchRef } from "./branch-ref.ts";

/** What of a repository is followed: a branch, by its full ref, or the highest version among the tags that match. */
export type Followed = { readonly kind: "branch"; readonly ref: string } | { readonly kind: "tag"; readonly pattern: string };

/** What `repository.branch` and `repository.tag` ask for; `main` without either. Throws `configuration-invalid`. */
export function parseFollowed({ branch, tag }: { readonly branch?: string; readonly tag?: string }): Followed {
  if (tag === undefined) return { kind: "branch", ref: branchRef(branch ?? "main") };
  if (branch !== undefined) throw invalid("repository.branch and repository.tag exclude each other", "remove one of the two");
  // What is left of the rules for names when the wildcards have become letters.
  const name = tag.replace(/[*?]/g, "x");
  if (
    /^[/.-]|\.\.|\/\/|\/\.|@\{|[\u0000- \u007f~^:[\\]|\.lock(\/|$)|[/.]$/.test(name) ||
    name === "" ||
    tag.startsWith("refs/")
  ) {
    throw invalid(
      `repository.tag is not a pattern of tag names: ${JSON.stringify(tag)}`,
      'give one like v*, where * stands for any characters and ? for one: "v1.*", "infra-v*"',
    );
  }
  return { kind: "tag", pattern: tag };
}

/** The ref of the agent's own store; a store belongs to one repository, so that one name does for all its tags. */
export function storeRef(followed: Followed): string {
  return followed.kind === "branch" ? followed.ref : "refs/heads/followed-tag";
}

/** The characters before the first wildcard of a pattern of tags. */
export function literalPrefix(pattern: string): string {
  return /^[^*?]*/.exec(pattern)?.[0] ?? "";
}

function invalid(message: string, hint: string): HoldfastError {
  return holdfastError("configuration-invalid", message, { handling: "stalled", hint });
}
