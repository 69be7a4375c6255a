import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { holdfastError } from "../model/error.ts";
import type { Clock } from "../ports.ts";
import { type DispatchOptions, dispatch } from "./dispatch.ts";
import { formatAddress, type ListenAddress } from "./listen-address.ts";
import type { TlsFiles } from "./tls-files.ts";
import type { Warnings } from "./warnings.ts";

/** What strangers may use up; durations in milliseconds. */
export interface HttpLimits {
  /** From the first byte of a request, or of the TLS handshake, to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** To the end of the body. */
  readonly requestTimeoutMs: number;
  /** How often the two are looked at. */
  readonly checkEveryMs: number;
  /** Between two requests of a connection. */
  readonly keepAliveTimeoutMs: number;
  /** A connection on which nothing moves, such as one whose client does not read. */
  readonly idleTimeoutMs: number;
  readonly headerBytes: number;
  /** At once; those beyond are closed. */
  readonly connections: number;
}

const LIMITS: HttpLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  checkEveryMs: 5_000,
  keepAliveTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
  headerBytes: 16 * 1024,
  connections: 128,
};

export interface HttpServerOptions extends DispatchOptions {
  readonly listen: ListenAddress;
  readonly tls?: TlsFiles;
  readonly clock: Clock;
  readonly warnings: Warnings;
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpServer {
  /** `http://127.0.0.1:9616`, with the port that was taken. */
  readonly url: string;
  /** Ends it, with the requests that are under way. */
  close(): Promise<void>;
}

/** Listens and answers. Throws a `waiting` error when it cannot listen, which may be otherwise later. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { listen, tls, tellSeldom } = options;
  const limits = { ...LIMITS, ...options.limits };
  const server = await create(options, limits);
  server.maxConnections = limits.connections;
  server.setTimeout(limits.idleTimeoutMs);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(explain(listen, cause)));
    server.listen({ port: listen.port, ...(listen.host === "" ? {} : { host: listen.host }) }, resolve);
  });
  // From here on an error is one of accepting a connection, and without a listener it would end the agent.
  server
    .removeAllListeners("error")
    .on("error", ({ message }) => tellSeldom({ error: message }, "a connection was not accepted"));
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://${formatAddress(address, port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function create(options: HttpServerOptions, limits: HttpLimits): Promise<Server> {
  const { tls, clock, warnings } = options;
  const timeouts = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.headerBytes,
  };
  const listener: RequestListener = (incoming, response) => dispatch(incoming, response, options);
  if (tls === undefined) return createServer(timeouts, listener);
  // Loaded only where it is used: Node.js's own TLS takes some memory.
  const [https, { followTls, readTls }] = await Promise.all([import("node:https"), import("./tls-files.ts")]);
  const certificate = await readTls(tls).catch((cause: Error) => {
    throw holdfastError("configuration-invalid", cause.message, { handling: "waiting", cause });
  });
  const server = https.createServer(
    { ...timeouts, ...certificate, handshakeTimeout: limits.headersTimeoutMs, ALPNProtocols: ["http/1.1"] },
    listener,
  );
  followTls(server, tls, { clock, warnings });
  return server;
}

function explain({ host, port }: ListenAddress, cause: NodeJS.ErrnoException): Error {
  const address = formatAddress(host, port);
  const [reason, hint] = REASONS[cause.code ?? ""] ?? [cause.message];
  return holdfastError("configuration-invalid", `${address}: ${reason}`, {
    handling: "waiting",
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  EADDRINUSE: ["another program listens there", "end it (`ss -ltnp` names it), or choose another port with listen"],
  EADDRNOTAVAIL: ["this machine has no such address", "bring up its interface, or choose another address with listen"],
  ENOTFOUND: ["there is no such name", "correct listen, or use an address"],
  EACCES: ["the agent may not listen there", "choose a port above 1023 with listen, or run the agent as root"],
};
