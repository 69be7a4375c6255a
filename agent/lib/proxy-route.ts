import type { Socket } from "node:net";
import type { buildConnector as BuildConnector, Agent as UndiciAgent } from "undici";
// undici's own ProxyAgent loses the status of a refusal, keeps connections for 4 s and finds its `connect` only when all of undici is
// loaded; its parts do the same. Loaded where a proxy is used only.
import connectMethod from "undici/lib/api/api-connect.js";
import buildConnector from "undici/lib/core/connect.js";
import Agent from "undici/lib/dispatcher/agent.js";
import Client from "undici/lib/dispatcher/client.js";
import { errorCode, explainNetworkError } from "./explain-network-error.ts";
import { oneLine } from "./one-line.ts";
import { isProxyError, type ProxyError, proxyError } from "./proxy-error.ts";
import type { SelectedProxy } from "./select-proxy.ts";

export interface ProxyRouteOptions {
  /** For the connections that carry requests, but `connect`. */
  readonly agent: Omit<UndiciAgent.Options, "connect">;
  /** For the TLS of the server behind the proxy, whose certificates `ca` are; the proxy's own are the public ones. */
  readonly ca?: string;
  /** As for `tls.connect`; true by default. */
  readonly rejectUnauthorized?: boolean;
  /** To the proxy, and again from there to the server. */
  readonly connectTimeoutMs: number;
}

/** Requests to servers of one scheme by way of one proxy. */
export interface ProxyRoute {
  /** The proxy's address without credentials. */
  readonly shown: string;
  readonly dispatcher: UndiciAgent;
  /** What a request over http needs besides, since the proxy reads it; nothing of it goes to a server over https. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether requests go to the proxy as they are, with the whole address, instead of through a tunnel. */
  readonly forwards: boolean;
  /** What an answer that the proxy itself made means; undefined for any other. */
  explainStatus(status: number): ProxyError | undefined;
  /** An error of a request, as the proxy's where it may be. */
  explainError(error: unknown): unknown;
  close(): Promise<void>;
}

type Connector = BuildConnector.connector;

/** A tunnel per connection (CONNECT) for https, whole addresses for http: what proxies allow by default. */
export function openProxyRoute(proxy: SelectedProxy, scheme: string, options: ProxyRouteOptions): ProxyRoute {
  const timeout = options.connectTimeoutMs;
  const authorization: Record<string, string> =
    proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization };
  const connectSocket = buildConnector({ timeout, allowH2: false });
  // Whatever undici asks for here, the server's name for TLS included, it is the proxy that is connected to.
  const reachProxy: Connector = (_target, callback) => {
    const { protocol, host, hostname, port } = proxy.url;
    connectSocket({ protocol, host, hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port }, (...[error, socket]) =>
      error === null ? callback(null, socket) : callback(failed(proxy, "cannot be reached", error), null),
    );
  };

  const opening = new Set<Client>();
  async function openTunnel(authority: string): Promise<Socket> {
    const client = new Client(proxy.url.origin, { headersTimeout: timeout, connect: reachProxy });
    opening.add(client);
    try {
      const headers = { ...authorization, host: authority };
      const { statusCode, socket } = await connectMethod.call(client, { path: authority, headers });
      if (statusCode === 200) return socket;
      socket.on("error", () => undefined).destroy();
      throw refusal(proxy, statusCode, authority);
    } catch (error) {
      throw isProxyError(error) ? error : failed(proxy, "opens no connection", error);
    } finally {
      opening.delete(client);
      // The socket of a tunnel is no longer the client's.
      void client.destroy();
    }
  }

  const { ca, rejectUnauthorized = true } = options;
  const connectTls = buildConnector({ timeout, allowH2: false, rejectUnauthorized, ...(ca === undefined ? {} : { ca }) });
  const reachServer: Connector = (target, callback) => {
    const { hostname, port } = target;
    const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port === "" ? "443" : port}`;
    openTunnel(authority).then(
      (httpSocket) => connectTls({ ...target, httpSocket }, callback),
      (error: Error) => callback(error, null),
    );
  };

  const forwards = scheme === "http:";
  const dispatcher = new Agent({ ...options.agent, connect: forwards ? reachProxy : reachServer });
  return {
    shown: proxy.shown,
    dispatcher,
    forwards,
    headers: forwards ? authorization : {},
    explainStatus: (status) => (forwards && status === 407 ? refusal(proxy, status, "") : undefined),
    explainError: (error) => (forwards && isOfNetwork(error) ? failed(proxy, "failed", error) : error),
    async close() {
      await Promise.all([dispatcher.destroy(), ...[...opening].map((client) => client.destroy())]);
    },
  };
}

/** An error of the connection, or an answer that is no HTTP. */
function isOfNetwork(error: unknown): boolean {
  return explainNetworkError(errorCode(error)) !== undefined || (error instanceof Error && error.name === "HTTPParserError");
}

function failed(proxy: SelectedProxy, what: string, cause: unknown): ProxyError {
  const message = cause instanceof Error ? oneLine(cause.message) : "";
  const reason = explainNetworkError(errorCode(cause))?.message ?? (message === "" ? errorCode(cause) : message);
  return proxyError(`the proxy ${proxy.shown} ${what}: ${reason}`, {
    lasting: false,
    hint: `check ${proxy.variable}, or name the host in NO_PROXY when it is to be reached directly`,
    cause,
  });
}

/** What a proxy that does not pass a request on means by its status. */
function refusal(proxy: SelectedProxy, status: number, authority: string): ProxyError {
  const { shown, variable, authorization } = proxy;
  if (status === 407) {
    return authorization === undefined
      ? proxyError(`the proxy ${shown} asks for a user name and a password (407)`, {
          lasting: true,
          hint: `give them in ${variable} as http://user:password@host:port; of the ways to send them, only Basic is known`,
        })
      : proxyError(`the proxy ${shown} refused the user name and password (407)`, {
          lasting: true,
          hint: `check them in ${variable}; of the ways to send them, only Basic is known`,
        });
  }
  return status >= 500
    ? proxyError(`the proxy ${shown} does not get through to ${authority} (${status})`, {
        lasting: false,
        hint: `check that the proxy reaches ${authority}, or name the host in NO_PROXY when it is to be reached directly`,
      })
    : proxyError(`the proxy ${shown} does not allow a connection to ${authority} (${status})`, {
        lasting: true,
        hint: "allow it at the proxy, or name the host in NO_PROXY when it is to be reached directly",
      });
}
