import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock, Log } from "../ports.ts";
import type { HostCheck } from "./check-host.ts";
import { findRoute } from "./find-route.ts";
import { type Access, tooMany } from "./open-access.ts";
import type { Budget } from "./open-budget.ts";
import { type Answer, type Handover, plainText, type Route } from "./route.ts";
import { redirectToLogin } from "./sign-in-first.ts";
import type { TellSeldom } from "./tell-seldom.ts";

export interface DispatchOptions {
  readonly routes: readonly Route[];
  readonly checkHost: HostCheck;
  readonly access: Access;
  /** How many requests an address may send. */
  readonly budget: Budget;
  readonly log: Log;
  readonly clock: Clock;
  readonly tellSeldom: TellSeldom;
}

/** Nothing of an answer is to be guessed at, framed, kept or loaded from elsewhere. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Answers a request by the table of routes; never throws, whatever the request is. */
export function dispatch(incoming: IncomingMessage, response: ServerResponse, options: DispatchOptions): void {
  const { log } = options;
  decide(incoming, options)
    .catch((cause: unknown) => {
      // Who hung up in the middle gets no answer; anything else must be seen, and must not end the agent.
      if (!incoming.destroyed) log.error({ path: incoming.url?.slice(0, 200), error: String(cause) }, "request failed");
      return plainText(500, "something went wrong; the agent's log says what");
    })
    .then((answer) => ("take" in answer ? handOver(answer, response) : send(answer, incoming, response)))
    .catch(() => response.destroy());
}

async function decide(incoming: IncomingMessage, options: DispatchOptions): Promise<Answer | Handover> {
  const { routes, checkHost, access, budget, tellSeldom } = options;
  const { host } = incoming.headers;
  const { localAddress, remoteAddress } = incoming.socket;
  // Of several Host headers Node.js keeps the first, and a proxy may have looked at another.
  if ((incoming.headersDistinct["host"]?.length ?? 0) > 1 || !checkHost(host, localAddress)) {
    tellSeldom({ host, remote: remoteAddress }, "request for another host refused; see allowedHosts");
    return plainText(421, "the Host header names neither `listen` nor one of `allowedHosts` of agent.yaml");
  }
  const [path = "", query = ""] = (incoming.url ?? "").split(/\?(.*)/s);
  const found = findRoute(routes, incoming.method ?? "", path);
  if (!("route" in found)) {
    const { allowed } = found;
    return allowed.length === 0
      ? plainText(404, "not found")
      : plainText(405, "method not allowed", { allow: allowed.join(", ") });
  }
  const { route, parameters } = found;
  if (!route.isUncounted) {
    const waitMs = budget.waitMs(remoteAddress);
    if (waitMs > 0) return tooMany(waitMs, "too many requests from this address");
    budget.spend(remoteAddress);
  }
  const { refusal, session } = await access.check(incoming, route.access);
  if (refusal !== undefined) return route.isPage && refusal.status === 401 ? redirectToLogin(incoming) : refusal;
  const named = session === undefined ? {} : { session };
  return route.answer(incoming, { parameters, query: new URLSearchParams(query), ...named });
}

function handOver({ take }: Handover, response: ServerResponse): void | Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  return take(response);
}

function send({ status, body, type, headers }: Answer, incoming: IncomingMessage, response: ServerResponse): void {
  const content = Buffer.from(body);
  response.writeHead(status, {
    ...HEADERS,
    "content-type": type ?? "text/plain; charset=utf-8",
    "content-length": content.length,
    // What is left of a body that nobody read is not to be taken for the next request, nor waited for.
    ...(incoming.complete ? {} : { connection: "close" }),
    ...headers,
  });
  response.end(content);
}
