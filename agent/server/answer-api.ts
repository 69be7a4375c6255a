import type { IncomingMessage, ServerResponse } from "node:http";
import { holdfastError, toHoldfastError } from "../model/error.ts";
import type { AgentApi } from "./agent-api.ts";
import { readBody } from "./read-body.ts";
import { readHoldRequest, readLimit, readRollbackRequest, readSyncRequest } from "./read-request.ts";

/** A request is a line or two. */
const BODY_BYTES = 65_536;
const BEAT_MS = 15_000;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Answers one request; whether who asks may do so has been found out before. Never throws. */
export async function answerApi(incoming: IncomingMessage, response: ServerResponse, api: AgentApi): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(`http://agent${normalize(incoming.url)}`);
    const method = incoming.method === "HEAD" ? "GET" : (incoming.method ?? "");
    const body = method === "POST" ? await readJson(incoming) : undefined;
    const asked: Asked = { method, path: pathname, query: searchParams, body };
    if (method === "POST" && pathname === "/v1/sync") return await answerSync(asked, response, api);
    const answer = await findAnswer(asked, api);
    if (answer === undefined) respond(response, 404, { error: "not found" });
    else respond(response, 200, answer);
  } catch (cause) {
    // A question must not end the agent: the store that it is answered from may be on a broken disk.
    const { code, message, hint } = toHoldfastError(cause);
    const status = STATUS_CODES[code] ?? 500;
    respond(response, status, { error: message, ...(hint === undefined ? {} : { hint }) });
  }
}

const STATUS_CODES: Readonly<Record<string, number>> = { "configuration-invalid": 400, "desired-state-invalid": 404 };

// A path is compared as it was sent: `..` leads nowhere.
function normalize(url: string | undefined): string {
  return url?.startsWith("/") && !url.includes("/.") && !url.includes("//") ? url : "/";
}

function findAnswer({ method, path, query, body }: Asked, api: AgentApi): object | Promise<object> | undefined {
  if (method === "GET" && path === "/v1/status") return api.status();
  if (method === "GET" && path === "/v1/history") {
    const stack = query.get("stack");
    return api.history({ ...(stack === null ? {} : { stack }), limit: readLimit(query.get("limit")) });
  }
  if (method === "GET" && path === "/v1/fleet") return api.fleet();
  const [, rolled] = /^\/v1\/stacks\/([^/]+)\/rollback$/.exec(path) ?? [];
  if (method === "POST" && rolled !== undefined) return api.rollback(rolled, readRollbackRequest(body));
  const [, stack, action] = /^\/v1(?:\/stacks\/([^/]+))?\/(suspend|resume)$/.exec(path) ?? [];
  if (method !== "POST" || action === undefined) return undefined;
  return action === "suspend" ? api.suspend(stack, readHoldRequest(body)) : api.resume(stack);
}

/** A line of JSON for whatever happens, and a last one for what came of it. */
async function answerSync({ body }: Asked, response: ServerResponse, api: AgentApi): Promise<void> {
  const request = readSyncRequest(body);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  let begun = false;
  const write = (line: object): void => {
    if (!begun) response.writeHead(200, { "content-type": "application/x-ndjson" });
    begun = true;
    response.write(`${JSON.stringify(line)}\n`);
  };
  // An empty line now and then, so that nobody between takes a long wait for the end.
  const beat = setInterval(() => (begun ? void response.write("\n") : undefined), BEAT_MS);
  try {
    const answer = await api.sync(request, write, gone.signal);
    write({ event: "finished", ...answer });
  } catch (cause) {
    if (!begun) throw cause;
    const { message, hint } = toHoldfastError(cause);
    write({ event: "broken", error: message, ...(hint === undefined ? {} : { hint }) });
  } finally {
    clearInterval(beat);
  }
  response.end();
}

function respond(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const body = await readBody(incoming, { mostBytes: BODY_BYTES, keepBytes: BODY_BYTES }, () => undefined);
  if (body.tooLarge) throw refused(`the request has more than ${BODY_BYTES} bytes`);
  const text = body.content?.toString("utf8") ?? "";
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw refused("the request is no JSON");
  }
}

function refused(message: string): Error {
  return holdfastError("configuration-invalid", message, { handling: "stalled" });
}
