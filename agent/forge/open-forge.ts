import type { Environment } from "../lib/select-proxy.ts";
import { holdfastError, isHoldfastError } from "../model/error.ts";
import type { Comment, Forge, WrittenComment } from "../ports/forge.ts";
import type { Dialect, ForgeToken, FoundComment } from "./dialect.ts";
import { type ForgeClock, openForgeClient } from "./forge-client.ts";
import { giteaDialect } from "./gitea-dialect.ts";
import { githubDialect } from "./github-dialect.ts";
import { gitlabDialect } from "./gitlab-dialect.ts";

export type ForgeKind = "github" | "gitea" | "forgejo" | "gitlab";

export interface ForgeOptions {
  readonly kind: ForgeKind;
  /** Address of the API. */
  readonly api: URL;
  /** `owner/name`; GitLab also takes the project's number. */
  readonly repository: string;
  readonly number: number;
  readonly token?: ForgeToken;
  /** GitLab's pipeline that a status belongs to. */
  readonly pipeline?: string;
  /** All waiting that the forge may ask for, milliseconds; 2 min by default. */
  readonly patienceMs?: number;
  readonly environment: Environment;
  readonly clock: ForgeClock;
}

const PATIENCE_MS = 120_000;
/** What GitHub takes, less some room; the others take more, and nobody reads it. */
const COMMENT_LIMIT = 65_000;
/** So often a text is halved that the forge calls too long. */
const MOST_HALVINGS = 4;
/** With a hundred comments each: nobody reads more, and a server that links in a circle is left. */
const MOST_PAGES = 100;
const PAUSES_MS = [1_000, 3_000] as const;

/** A pull request of GitHub, Gitea, Forgejo or GitLab, by the forge's REST API. */
export function openForge(options: ForgeOptions): Forge & { close(): Promise<void> } {
  const { api, token, environment, clock, patienceMs = PATIENCE_MS } = options;
  const dialect = chooseDialect(options);
  const { title } = dialect;
  const headers = token === undefined ? {} : dialect.authorize(token);
  const client = openForgeClient({ title, api, headers, token: token?.value, patienceMs, environment, clock });

  async function identify(signal: AbortSignal): Promise<string | undefined> {
    const answer = await client.send({ method: "GET", path: dialect.self, expected: [401, 403, 404] }, signal);
    return answer.status === 200 ? String((answer.content as { readonly id?: unknown }).id) : undefined;
  }

  /** Its own comment: anybody can write the marker. */
  async function findOwn(marker: string, signal: AbortSignal): Promise<FoundComment | undefined> {
    let self: string | undefined;
    let isAsked = false;
    let path: string | undefined = dialect.firstComments;
    for (let page = 0; path !== undefined && page < MOST_PAGES; page += 1) {
      const answer = await client.send({ method: "GET", path }, signal);
      for (const comment of (Array.isArray(answer.content) ? answer.content : []).map(dialect.readComment)) {
        if (!comment.body.startsWith(marker)) continue;
        if (!isAsked) self = await identify(signal);
        isAsked = true;
        if (self === undefined ? comment.isRobot : comment.authorId === self) return comment;
      }
      path = answer.next;
    }
    return undefined;
  }

  async function write(comment: Comment, signal: AbortSignal): Promise<WrittenComment> {
    const own = await findOwn(comment.marker, signal);
    const written = own === undefined ? undefined : await put(comment, own, signal);
    if (written !== undefined) return written;
    return (comment.create ? await put(comment, undefined, signal) : undefined) ?? { outcome: "none" };
  }

  /** Creates or replaces the comment, shorter where the forge wants it; undefined when what was to be replaced is gone. */
  async function put(
    { marker, render }: Comment,
    own: FoundComment | undefined,
    signal: AbortSignal,
  ): Promise<WrittenComment | undefined> {
    const request =
      own === undefined
        ? { method: "POST" as const, path: dialect.comments }
        : { method: dialect.editComment.method, path: dialect.editComment.path(own.id) };
    let limit = COMMENT_LIMIT;
    for (let halved = 0; ; halved += 1) {
      const body = `${marker}\n${render(limit - marker.length - 1)}`;
      if (own !== undefined && normalize(own.body) === normalize(body)) return describeWritten("unchanged", own);
      const expected = [...(halved < MOST_HALVINGS ? [413, 422] : []), ...(own === undefined ? [] : [404])];
      const { status, content } = await client.send({ ...request, body: { body }, expected }, signal);
      if (status === 404) return undefined;
      if (status < 300) return describeWritten(own === undefined ? "created" : "updated", dialect.readComment(content));
      limit = Math.floor(limit / 2);
    }
  }

  return {
    title,
    readPullRequest: (signal) =>
      insist(clock, signal, async () => {
        const { content } = await client.send({ method: "GET", path: dialect.pullRequest }, signal);
        const found = dialect.readPullRequest(content);
        if ([found.head, found.base].every((commit) => /^[0-9a-f]{40}$/.test(commit))) return found;
        throw holdfastError("forge-failed", `${title} does not tell the commits of ${dialect.pullRequest}`, {
          handling: "stalled",
          hint: "give --base and --head",
        });
      }),
    // Tried again as a whole: what was created although no answer came is found.
    writeComment: (comment, signal) => insist(clock, signal, () => write(comment, signal)),
    writeStatus: (status, signal) =>
      insist(clock, signal, async () => {
        const path = dialect.statuses(status.commit);
        await client.send({ method: "POST", path, body: dialect.describeStatus(status) }, signal);
      }),
    close: () => client.close(),
  };
}

function chooseDialect({ kind, repository, number, pipeline }: ForgeOptions): Dialect {
  switch (kind) {
    case "github":
      return githubDialect(repository, number);
    case "gitea":
      return giteaDialect("Gitea", repository, number);
    case "forgejo":
      return giteaDialect("Forgejo", repository, number);
    case "gitlab":
      return gitlabDialect({ repository, number, ...(pipeline === undefined ? {} : { pipeline }) });
  }
}

function describeWritten(outcome: WrittenComment["outcome"], { url }: FoundComment): WrittenComment {
  return { outcome, ...(url === undefined ? {} : { url }) };
}

/** Forges keep line ends and trailing space in their own way. */
function normalize(text: string): string {
  return text.replaceAll("\r\n", "\n").trimEnd();
}

/** What failed on the way is tried twice more. */
async function insist<T>(clock: ForgeClock, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await task();
    } catch (cause) {
      if (!isHoldfastError(cause) || cause.code !== "forge-failed" || cause.handling !== "transient") throw cause;
      await clock.wait(pauseMs, signal);
    }
  }
  return task();
}
