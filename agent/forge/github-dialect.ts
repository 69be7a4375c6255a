import type { CommitStatus } from "../ports/forge.ts";
import { at, type Dialect, shorten, textAt } from "./dialect.ts";

/** A longer description is refused. */
const MOST_DESCRIPTION = 140;

/** GitHub's REST API, version 2022-11-28. `repository`: `owner/name`. */
export function githubDialect(repository: string, number: number): Dialect {
  const base = `/repos/${repository.split("/").map(encodeURIComponent).join("/")}`;
  return {
    title: "GitHub",
    authorize: ({ value }) => ({
      authorization: `Bearer ${value}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    }),
    self: "/user",
    pullRequest: `${base}/pulls/${number}`,
    comments: `${base}/issues/${number}/comments`,
    firstComments: `${base}/issues/${number}/comments?per_page=100`,
    editComment: { method: "PATCH", path: (id) => `${base}/issues/comments/${encodeURIComponent(id)}` },
    statuses: (commit) => `${base}/statuses/${commit}`,
    describeStatus,
    readPullRequest: (answer) => ({ head: textAt(answer, "head", "sha"), base: textAt(answer, "base", "sha") }),
    readComment: (answer) => ({
      id: textAt(answer, "id"),
      body: textAt(answer, "body"),
      authorId: textAt(answer, "user", "id"),
      // The token of a workflow cannot ask who it is; its comments are written by an app's account.
      isRobot: at(answer, "user", "type") === "Bot",
      ...(textAt(answer, "html_url") === "" ? {} : { url: textAt(answer, "html_url") }),
    }),
  };
}

/** As GitHub and Gitea take it. */
export function describeStatus({ state, context, description, targetUrl }: CommitStatus): object {
  const address = targetUrl === undefined ? {} : { target_url: targetUrl };
  return { state, context, description: shorten(description, MOST_DESCRIPTION), ...address };
}
