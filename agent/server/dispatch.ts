import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../ports.ts";
import type { HostCheck } from "./check-host.ts";
import type { TokenCheck } from "./check-token.ts";
import { type Answer, plainText, type Route } from "./route.ts";
import type { TellSeldom } from "./tell-seldom.ts";

export interface DispatchOptions {
  readonly routes: readonly Route[];
  readonly checkHost: HostCheck;
  /** What a reader has to pass; left out where everybody who gets through may read. */
  readonly checkReader?: TokenCheck;
  readonly log: Log;
  readonly tellSeldom: TellSeldom;
}

/** Nothing of an answer is to be guessed at, framed, kept or loaded from elsewhere. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
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
    .then((answer) => send(answer, incoming, response))
    .catch(() => response.destroy());
}

async function decide(incoming: IncomingMessage, options: DispatchOptions): Promise<Answer> {
  const { routes, checkHost, checkReader, tellSeldom } = options;
  const { host } = incoming.headers;
  // Of several Host headers Node.js keeps the first, and a proxy may have looked at another.
  if ((incoming.headersDistinct["host"]?.length ?? 0) > 1 || !checkHost(host, incoming.socket.localAddress)) {
    tellSeldom({ host, remote: incoming.socket.remoteAddress }, "request for another host refused; see allowedHosts");
    return plainText(421, "the Host header names neither `listen` nor one of `allowedHosts` of agent.yaml");
  }
  const path = incoming.url?.split("?")[0];
  const route = routes.find((one) => one.path === path);
  if (route === undefined) return plainText(404, "not found");
  const methods = route.method === "GET" ? ["GET", "HEAD"] : [route.method];
  if (!methods.includes(incoming.method ?? "")) return plainText(405, "method not allowed", { allow: methods.join(", ") });
  const refusal = route.access === "reader" ? await checkReader?.(incoming) : undefined;
  return refusal ?? route.answer(incoming);
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
