import { holdfastError } from "../model/error.ts";

// What git check-ref-format refuses: among it everything that could leave the refs directory or end a protocol line.
const forbidden = /^[/.-]|\.\.|\/\/|\/\.|@\{|[\u0000- \u007f~^:?*[\\]|\.lock(\/|$)|[/.]$/;

/** The full ref of a branch, `refs/heads/main`. Throws `configuration-invalid` for a name that Git does not allow. */
export function branchRef(branch: string): string {
  if (branch === "" || branch === "@" || forbidden.test(branch) || branch.startsWith("refs/")) {
    throw holdfastError("configuration-invalid", `repository.branch is not the name of a branch: ${JSON.stringify(branch)}`, {
      handling: "stalled",
      hint: "give its short name, like main",
    });
  }
  return `refs/heads/${branch}`;
}
