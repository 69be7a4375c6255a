import { type Dialect, shorten, textAt } from "./dialect.ts";

const MOST_DESCRIPTION = 255;

export interface GitlabOptions {
  /** `group/name`, or the project's number. */
  readonly repository: string;
  readonly number: number;
  /** The pipeline that a status belongs to; without it GitLab chooses one, or makes one. */
  readonly pipeline?: string;
}

/** GitLab's REST API, version 4: a merge request's notes, and statuses of commits. */
export function gitlabDialect({ repository, number, pipeline }: GitlabOptions): Dialect {
  const project = `/projects/${encodeURIComponent(repository)}`;
  const request = `${project}/merge_requests/${number}`;
  return {
    title: "GitLab",
    authorize: ({ value, isJobToken }) => ({ [isJobToken ? "job-token" : "private-token"]: value }),
    self: "/user",
    pullRequest: request,
    comments: `${request}/notes`,
    firstComments: `${request}/notes?per_page=100&sort=asc&order_by=created_at`,
    editComment: { method: "PUT", path: (id) => `${request}/notes/${encodeURIComponent(id)}` },
    statuses: (commit) => `${project}/statuses/${commit}`,
    describeStatus: ({ state, context, description, targetUrl }) => ({
      state: state === "success" ? "success" : "failed",
      name: context,
      description: shorten(description, MOST_DESCRIPTION),
      ...(targetUrl === undefined ? {} : { target_url: targetUrl }),
      ...(pipeline === undefined ? {} : { pipeline_id: Number(pipeline) }),
    }),
    readPullRequest: (answer) => ({ head: textAt(answer, "sha"), base: textAt(answer, "diff_refs", "base_sha") }),
    readComment: (answer) => ({
      id: textAt(answer, "id"),
      body: textAt(answer, "body"),
      authorId: textAt(answer, "author", "id"),
      isRobot: false,
    }),
  };
}
