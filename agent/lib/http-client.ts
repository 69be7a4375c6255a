import type { Agent as UndiciAgent } from "undici";
// The whole of undici costs 26 MB of resident memory and most of it is fetch, WebSocket, caches and mocks; these two
// parts cost 13 MB, of which 8 MB are Node's own TLS.
import request from "undici/lib/api/api-request.js";
import Agent from "undici/lib/dispatcher/agent.js";

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
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
  readonly connectTimeoutMs: number;
  /** From the last byte of the request to the first of the answer. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the content. */
  readonly idleTimeoutMs: number;
}

/** Requests over HTTP(S) with timeouts and kept-alive connections; follows no redirect, reads no environment. */
export interface HttpClient {
  /** Rejects with the error of undici or Node.js; its `code` tells what happened. */
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
  const agent: UndiciAgent = new Agent({
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
    connect: { timeout: options.connectTimeoutMs, ...(options.ca === undefined ? {} : { ca: options.ca }) },
  });

  async function sendOnce({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const response = await request.call(agent, {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers,
      body: body ?? null,
      signal,
    });
    return {
      status: response.statusCode,
      header(name) {
        const value = response.headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
      body: response.body,
      discard: () => response.body.dump({ limit: discardBytes }),
    };
  }

  return {
    async send(request) {
      try {
        return await sendOnce(request);
      } catch (error) {
        // A server may close an idle connection at the moment when we use it: once more, on a new one.
        if (request.signal.aborted || !staleConnection.has(errorCode(error))) throw error;
        return await sendOnce(request);
      }
    },
    close: () => agent.destroy(),
  };
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
