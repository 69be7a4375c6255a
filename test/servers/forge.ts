import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export type Kind = "github" | "gitea" | "gitlab";

/** Who asks: a person's token, a workflow's own one that may write or only read, or a GitLab job's. */
export type Role = "person" | "robot" | "reader" | "job";

export interface StoredComment {
  readonly id: number;
  body: string;
  readonly author: number;
}

export interface StoredStatus {
  readonly commit: string;
  readonly [property: string]: unknown;
}

export interface ForgeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answered instead of what would be. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
  /** Done all the same, though the answer says otherwise. */
  readonly afterwards?: boolean;
  times: number;
}

export interface StandInForge {
  /** Address of the API. */
  readonly url: string;
  readonly comments: StoredComment[];
  readonly statuses: StoredStatus[];
  readonly requests: ForgeRequest[];
  readonly faults: Fault[];
  /** Somebody writes a comment. */
  say(body: string, author: number): StoredComment;
  stop(): Promise<void>;
}

export interface ForgeOptions {
  readonly kind: Kind;
  readonly tokens: Readonly<Record<string, Role>>;
  /** The commits of the one pull request, number 7. */
  readonly head?: string;
  readonly base?: string;
  /** At most so many comments in a page. */
  readonly pageSize?: number;
}

export const NUMBER = 7;
export const REPOSITORY = "me/infra";
export const PERSON = 11;
const ROOTS: Readonly<Record<Kind, string>> = { github: "/api/v3", gitea: "/api/v1", gitlab: "/api/v4" };
const ROBOTS: Readonly<Record<Kind, number>> = { github: 41898282, gitea: -2, gitlab: 99 };
/** As the forges document it. */
const LONGEST: Readonly<Record<Kind, number>> = { github: 65_536, gitea: 1_000_000, gitlab: 1_000_000 };

interface Reply {
  readonly status: number;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts a server that answers what `holdfast review` asks as GitHub, Gitea and GitLab document it. */
export async function startForge(options: ForgeOptions): Promise<StandInForge> {
  const { kind, head = "b".repeat(40), base = "a".repeat(40) } = options;
  const sockets = new Set<Socket>();
  let lastId = 100;

  function say(body: string, author: number): StoredComment {
    lastId += 1;
    const comment = { id: lastId, body, author };
    forge.comments.push(comment);
    return comment;
  }

  function roleOf({ headers }: ForgeRequest): Role | undefined | "unknown" {
    const given =
      kind === "gitlab"
        ? (headers["private-token"] ?? headers["job-token"])
        : new RegExp(`^${kind === "github" ? "Bearer" : "token"} (.*)$`).exec(headers.authorization ?? "")?.[1];
    if (given === undefined) return headers.authorization === undefined ? undefined : "unknown";
    const role = options.tokens[String(given)];
    return role === undefined || (role === "job") !== (headers["job-token"] !== undefined) ? "unknown" : role;
  }

  function describeComment({ id, body, author }: StoredComment): object {
    const url = `https://forge.test/${REPOSITORY}/pulls/${NUMBER}#comment-${id}`;
    if (kind === "gitlab") return { id, body, author: { id: author, username: `user-${author}` }, system: false };
    return {
      id,
      body,
      html_url: url,
      user: { id: author, login: `user-${author}`, type: author === ROBOTS.github ? "Bot" : "User" },
    };
  }

  function list(url: URL): Reply {
    const all = forge.comments.map(describeComment);
    // Gitea has no pages for comments.
    if (kind === "gitea" && options.pageSize === undefined) return { status: 200, body: all };
    const size = Math.min(Number(url.searchParams.get("per_page") ?? 30), options.pageSize ?? 100);
    const page = Number(url.searchParams.get("page") ?? 1);
    const last = Math.max(1, Math.ceil(all.length / size));
    const link = (number: number, rel: string): string => {
      const address = new URL(url);
      address.searchParams.set("page", String(number));
      return `<${address.href}>; rel="${rel}"`;
    };
    const links = [...(page < last ? [link(page + 1, "next")] : []), link(last, "last"), link(1, "first")];
    return { status: 200, body: all.slice((page - 1) * size, page * size), headers: { link: links.join(", ") } };
  }

  function write(request: ForgeRequest, existing: StoredComment | undefined, author: number): Reply {
    const body = request.body["body"];
    if (typeof body !== "string" || body === "")
      return { status: kind === "gitlab" ? 400 : 422, body: { message: "body is missing" } };
    if (body.length > LONGEST[kind]) {
      if (kind === "gitlab") return { status: 400, body: { message: { note: ["is too long (maximum is 1000000 characters)"] } } };
      const errors = [
        {
          resource: "IssueComment",
          code: "unprocessable",
          field: "data",
          message: "body is too long (maximum is 65536 characters)",
        },
      ];
      return { status: 422, body: { message: "Validation Failed", errors } };
    }
    if (existing !== undefined) existing.body = body;
    const comment = existing ?? say(body, author);
    return { status: existing === undefined ? 201 : 200, body: describeComment(comment) };
  }

  function setStatus(request: ForgeRequest, commit: string): Reply {
    const { state, description } = request.body;
    const states =
      kind === "gitlab" ? ["pending", "running", "success", "failed", "canceled"] : ["error", "failure", "pending", "success"];
    const longest = kind === "gitlab" ? 255 : 140;
    if (!states.includes(String(state))) return { status: 422, body: { message: `state ${String(state)} is unknown` } };
    if (String(description ?? "").length > longest) return { status: 422, body: { message: "description is too long" } };
    if (commit !== head)
      return { status: kind === "gitlab" ? 404 : 422, body: { message: `No commit found for SHA: ${commit}` } };
    forge.statuses.push({ commit, ...request.body });
    return { status: 201, body: { id: 1 } };
  }

  function answer(request: ForgeRequest, url: URL): Reply {
    const role = roleOf(request);
    if (kind === "github" && request.headers["user-agent"] === undefined)
      return {
        status: 403,
        body: "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
      };
    if (role === "unknown") return { status: 401, body: { message: kind === "github" ? "Bad credentials" : "401 Unauthorized" } };
    const path = url.pathname.slice(ROOTS[kind].length);
    const author = role === "person" ? PERSON : ROBOTS[kind];
    if (path === "/user") {
      if (role === "person" || (role !== undefined && kind === "gitlab" && role !== "job"))
        return { status: 200, body: { id: author } };
      return role === undefined
        ? { status: 401, body: { message: "Requires authentication" } }
        : { status: 403, body: { message: "Resource not accessible by integration" } };
    }
    const writes = request.method !== "GET";
    if (writes && role === undefined) return { status: 401, body: { message: "Requires authentication" } };
    if (writes && role === "reader") return { status: 403, body: { message: "Resource not accessible by integration" } };
    if (role === "job" && !path.includes("/statuses/")) return { status: 401, body: { message: "401 Unauthorized" } };
    const places = describePlaces(kind);
    if (request.method === "GET" && path === places.pullRequest) {
      const body =
        kind === "gitlab"
          ? { iid: NUMBER, sha: head, diff_refs: { base_sha: base, head_sha: head } }
          : { number: NUMBER, head: { sha: head }, base: { sha: base } };
      return { status: 200, body };
    }
    if (path === places.comments) return request.method === "GET" ? list(url) : write(request, undefined, author);
    const id = new RegExp(`^${places.comment}/(\\d+)$`).exec(path)?.[1];
    if (id !== undefined && request.method === (kind === "gitlab" ? "PUT" : "PATCH")) {
      const existing = forge.comments.find((comment) => comment.id === Number(id));
      return existing === undefined ? { status: 404, body: { message: "Not Found" } } : write(request, existing, author);
    }
    const commit = new RegExp(`^${places.statuses}/([0-9a-f]{40})$`).exec(path)?.[1];
    if (commit !== undefined && request.method === "POST") return setStatus(request, commit);
    return { status: 404, body: { message: "Not Found" } };
  }

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of message) text += String(piece);
    const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    const url = new URL(message.url ?? "/", forge.url);
    const request = { method: message.method ?? "", path: `${url.pathname}${url.search}`, headers: message.headers, body };
    forge.requests.push(request);
    const fault = forge.faults.find((one) => one.times > 0 && one.method === request.method && one.path.test(request.path));
    if (fault !== undefined) fault.times -= 1;
    const reply = fault === undefined || fault.afterwards === true ? answer(request, url) : fault;
    const sent = fault ?? reply;
    if (sent.status === 0) return void response.destroy();
    const isText = typeof sent.body === "string";
    response
      .writeHead(sent.status, { "content-type": isText ? "text/plain" : "application/json", ...sent.headers })
      .end(isText ? sent.body : JSON.stringify(sent.body ?? {}));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const forge: StandInForge = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${ROOTS[kind]}`,
    comments: [],
    statuses: [],
    requests: [],
    faults: [],
    say,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return forge;
}

/** Where things are, below the API's address. */
function describePlaces(kind: Kind) {
  if (kind === "gitlab") {
    const request = `/projects/${encodeURIComponent(REPOSITORY)}/merge_requests/${NUMBER}`;
    const statuses = `/projects/${encodeURIComponent(REPOSITORY)}/statuses`;
    return { pullRequest: request, comments: `${request}/notes`, comment: `${request}/notes`, statuses };
  }
  const base = `/repos/${REPOSITORY}`;
  const comments = `${base}/issues/${NUMBER}/comments`;
  return { pullRequest: `${base}/pulls/${NUMBER}`, comments, comment: `${base}/issues/comments`, statuses: `${base}/statuses` };
}
