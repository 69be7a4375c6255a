import type { Agent as UndiciAgent } from "undici";
// The whole of undici costs 26 MB of resident memory and most of it is fetch, WebSocket, caches and mocks; these two
// parts cost 13 MB, of which 8 MB are Node's own TLS.
import request from "undici/lib/api/api-request.js";
import Agent from "undici/lib/dispatcher/agent.js";
import { errorCode } from "./explain-network-error.ts";
import type { ProxyRoute } from "./proxy-route.ts";
import { type Environment, type SelectedProxy, selectProxy } from "./select-proxy.ts";

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** The address of a proxy that could read the exchange, and so may have answered itself; without credentials. */
  readonly via?: string;
  /** One header, by its lower-case name. */
  header(name: string): string | undefined;
  /** The content as it arrives; leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives up the rest of the content, and keeps the connection where little is left. */
  discard(): Promise<void>;
}

export interface HttpClientOptions {
  /** Certificates in PEM that are trusted instead of the public ones. */
  readonly ca?: string;
  /** Any certificate will do, also one of nobody's: for servers that are known not to have a better one. */
  readonly trustsAnyone?: true;
  readonly connectTimeoutMs: number;
  /** From the last byte of the request to the first of the answer. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the content. */
  readonly idleTimeoutMs: number;
  /** Where HTTPS_PROXY and its like are looked up (`selectProxy`); without it every request goes straight to its server. */
  readonly environment?: Environment;
}

/** Requests over HTTP(S) with timeouts and kept-alive connections; follows no redirect. */
export interface HttpClient {
  /** Rejects with a `ProxyError`, or the error of undici or Node.js, whose `code` tells what happened. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** Longer than the usual interval of a poll, so that one connection serves them all; a server may ask for less. */
const keepAliveMs = 10 * 60_000;

/** More than this is not read only to keep a connection. */
const discardBytes = 64 * 1024;

/** What a connection that the other side closed while it was idle looks like. */
const staleConnection = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** Makes a client with its own connections. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { environment, connectTimeoutMs } = options;
  const tls = {
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.trustsAnyone ? { rejectUnauthorized: false } : {}),
  };
  const agentOptions = {
    // HTTP/2 gains nothing for one request at a time, and its half of Node.js and undici would have to be loaded.
    allowH2: false,
    // One request at a time; with two, undici opens the second connection before it uses the first again.
    connections: 1,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.idleTimeoutMs,
    maxHeaderSize: 16 * 1024,
  };
  const direct: UndiciAgent = new Agent({ ...agentOptions, connect: { timeout: connectTimeoutMs, ...tls } });
  const routes = new Map<string, Promise<ProxyRoute>>();

  function openRoute(proxy: SelectedProxy, scheme: string): Promise<ProxyRoute> {
    const key = `${scheme} ${proxy.shown}`;
    const known = routes.get(key);
    if (known !== undefined) return known;
    const opened = import("./proxy-route.ts").then(({ openProxyRoute }) =>
      openProxyRoute(proxy, scheme, { agent: agentOptions, connectTimeoutMs, ...tls }),
    );
    routes.set(key, opened);
    return opened;
  }

  async function sendOnce({ method, url, headers, body, signal }: HttpRequest, route?: ProxyRoute): Promise<HttpResponse> {
    const path = `${url.pathname}${url.search}`;
    const response = await request.call(route?.dispatcher ?? direct, {
      origin: url.origin,
      path: route?.forwards ? `${url.origin}${path}` : path,
      method,
      headers: { ...headers, ...route?.headers },
      body: body ?? null,
      signal,
    });
    const discard = () => response.body.dump({ limit: discardBytes });
    const refused = route?.explainStatus(response.statusCode);
    if (refused !== undefined) {
      await discard();
      throw refused;
    }
    return {
      status: response.statusCode,
      ...(route?.forwards ? { via: route.shown } : {}),
      header(name) {
        const value = response.headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
      body: response.body,
      discard,
    };
  }

  async function sendTwice(request: HttpRequest, route?: ProxyRoute): Promise<HttpResponse> {
    try {
      return await sendOnce(request, route);
    } catch (error) {
      // A server may close an idle connection at the moment when we use it: once more, on a new one.
      if (request.signal.aborted || !staleConnection.has(errorCode(error))) throw error;
      return await sendOnce(request, route);
    }
  }

  async function sendByRoute(request: HttpRequest): Promise<HttpResponse> {
    const proxy = environment === undefined ? undefined : selectProxy(request.url, environment);
    if (proxy === undefined) return sendTwice(request);
    const route = await openRoute(proxy, request.url.protocol);
    try {
      return await sendTwice(request, route);
    } catch (error) {
      throw request.signal.aborted ? error : route.explainError(error);
    }
  }

  return {
    send: (request) => unlessAborted(request.signal, () => sendByRoute(request)),
    async close() {
      const opened = await Promise.all(routes.values());
      await Promise.all([direct.destroy(), ...opened.map((route) => route.close())]);
    },
  };
}

/** Rejects with the signal's reason as soon as it aborts: undici heeds a signal only when it has connected. */
function unlessAborted<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    task()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}
