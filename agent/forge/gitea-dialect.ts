import { type Dialect, textAt } from "./dialect.ts";
import { githubDialect } from "./github-dialect.ts";

/** The API of Gitea and Forgejo, version 1: GitHub's in most of what is asked here. */
export function giteaDialect(title: "Gitea" | "Forgejo", repository: string, number: number): Dialect {
  const github = githubDialect(repository, number);
  return {
    ...github,
    title,
    authorize: ({ value }) => ({ authorization: `token ${value}`, accept: "application/json" }),
    // All comments come at once; where they ever do not, the next page is linked as usual.
    firstComments: github.comments,
    readPullRequest: (answer) => ({
      head: textAt(answer, "head", "sha"),
      base: textAt(answer, "merge_base") || textAt(answer, "base", "sha"),
    }),
    readComment: (answer) => ({
      ...github.readComment(answer),
      // Workflows write as an account that is built in, whose id is below zero.
      isRobot: textAt(answer, "user", "id").startsWith("-"),
    }),
  };
}
