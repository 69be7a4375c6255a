import type { ForgeToken } from "../forge/dialect.ts";
import type { ForgeKind } from "../forge/open-forge.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a continuous-integration job knows of its pull request; what is absent has to be said or asked. */
export interface CiContext {
  readonly api?: string;
  readonly repository?: string;
  readonly number?: string;
  /** A commit of the branch that the change goes into. */
  readonly base?: string;
  /** The tip of what is proposed: the status belongs to it. */
  readonly head?: string;
  /** What would be there after merging, where that is checked out. */
  readonly merged?: { readonly base: string; readonly head: string };
  readonly token?: ForgeToken;
  /** Of the job, for people. */
  readonly jobUrl?: string;
  /** A file whose Markdown is shown with the job. */
  readonly summaryFile?: string;
  readonly pipeline?: string;
}

const TOKENS: Readonly<Record<ForgeKind, readonly string[]>> = {
  github: ["HOLDFAST_FORGE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"],
  gitea: ["HOLDFAST_FORGE_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN"],
  forgejo: ["HOLDFAST_FORGE_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN"],
  gitlab: ["HOLDFAST_FORGE_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN"],
};

/** The names of the variables in which a token is looked for, by what the forge is called. */
export function tokenVariables(title: string): readonly string[] {
  return TOKENS[title.toLowerCase() as ForgeKind] ?? [];
}

/** What the job's environment tells; `event` is the content of the file that GITHUB_EVENT_PATH names, when there is one. */
export function readCiEnvironment(kind: ForgeKind, environment: Environment, event: unknown): CiContext {
  const token = readToken(kind, environment);
  const context = kind === "gitlab" ? readGitlab(environment) : readActions(kind, environment, event);
  return dropEmpty({ ...context, ...(token === undefined ? {} : { token }) });
}

function readToken(kind: ForgeKind, environment: Environment): ForgeToken | undefined {
  const name = TOKENS[kind].find((variable) => environment[variable]);
  const value = name === undefined ? "" : (environment[name] ?? "").trim();
  return value === "" ? undefined : { value, isJobToken: name === "CI_JOB_TOKEN" };
}

/** GitHub Actions, and those of Gitea and Forgejo, which use the same names. */
function readActions(kind: ForgeKind, environment: Environment, event: unknown): Partial<CiContext> {
  const { GITHUB_API_URL, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_STEP_SUMMARY, GITHUB_REF } = environment;
  // GitHub's own address is only right there: elsewhere it would be sent another forge's token.
  const isOther = kind !== "github" && /^https:\/\/(api\.)?github\.com\b/.test(GITHUB_API_URL ?? "");
  const request = (event as { readonly pull_request?: EventPullRequest } | undefined)?.pull_request;
  // The merge's first parent is what is there now, whatever was pushed since the pull request was made.
  const isMerge = request !== undefined && /^refs\/pull\/\d+\/merge$/.test(GITHUB_REF ?? "");
  const runUrl =
    GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID
      ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
      : undefined;
  return {
    ...(isOther ? {} : pick({ api: GITHUB_API_URL })),
    ...pick({
      repository: GITHUB_REPOSITORY,
      number: request?.number?.toString() ?? /^refs\/pull\/(\d+)\//.exec(GITHUB_REF ?? "")?.[1],
      base: request?.base?.sha,
      head: request?.head?.sha,
      jobUrl: runUrl,
      summaryFile: GITHUB_STEP_SUMMARY,
    }),
    ...(isMerge ? { merged: { base: "HEAD~1", head: "HEAD" } } : {}),
  };
}

interface EventPullRequest {
  readonly number?: number;
  readonly head?: { readonly sha?: string };
  readonly base?: { readonly sha?: string };
}

function readGitlab(environment: Environment): Partial<CiContext> {
  const { CI_MERGE_REQUEST_IID, CI_COMMIT_SHA, CI_MERGE_REQUEST_TARGET_BRANCH_SHA } = environment;
  return {
    ...pick({
      api: environment["CI_API_V4_URL"],
      // A fork's pipeline runs in the fork; the merge request is in the project that it goes to.
      repository: environment["CI_MERGE_REQUEST_PROJECT_ID"] || environment["CI_PROJECT_ID"],
      number: CI_MERGE_REQUEST_IID,
      base: environment["CI_MERGE_REQUEST_DIFF_BASE_SHA"],
      head: CI_MERGE_REQUEST_IID ? environment["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"] || CI_COMMIT_SHA : undefined,
      jobUrl: environment["CI_JOB_URL"],
      pipeline: environment["CI_PIPELINE_ID"],
    }),
    // Only where the pipeline is about what would be there after merging.
    ...(CI_MERGE_REQUEST_TARGET_BRANCH_SHA ? { merged: { base: CI_MERGE_REQUEST_TARGET_BRANCH_SHA, head: "HEAD" } } : {}),
  };
}

function pick<T extends Readonly<Record<string, string | undefined>>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as { [K in keyof T]?: string };
}

function dropEmpty<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== "")) as T;
}
