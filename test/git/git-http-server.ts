import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Called by its path: by way of `git` each request would cost twice as much. */
const backend = join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-http-backend");

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly protocol: string | undefined;
}

export interface GitHttpServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Connections that were opened. */
  connections(): number;
  /** Bytes on the wire in both directions, headers included. */
  bytes(): number;
  /** Answers instead of git while it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface GitHttpServerOptions {
  /** Directory of the repositories. */
  readonly root: string;
  /** Only requests with this user name and password are answered. */
  readonly credentials?: string;
  /** As a server, or a proxy before it, that does not know protocol version 2. */
  readonly version1?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Serves repositories with the real `git http-backend` until the test ends. */
export async function startGitHttpServer(t: TestContext, options: GitHttpServerOptions): Promise<GitHttpServer> {
  const sockets: Socket[] = [];
  const open = new Set<Socket>();
  const listener: RequestListener = (request, response) => {
    const { authorization } = request.headers;
    const protocol = request.headers["git-protocol"]?.toString();
    server.requests.push({ method: request.method ?? "", url: request.url ?? "", authorization, protocol });
    if (server.intercept(request, response)) return;
    if (options.credentials !== undefined && authorization !== `Basic ${btoa(options.credentials)}`) {
      request.resume();
      response.writeHead(401, { "www-authenticate": "Basic", "content-type": "text/plain" }).end("Unauthorized");
      return;
    }
    runBackend(options, request, response);
  };
  const http = options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  http.keepAliveTimeout = 60_000;
  http.on("connection", (socket: Socket) => {
    sockets.push(socket);
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => {
    http.close();
    for (const socket of open) socket.destroy();
  });
  const scheme = options.tls === undefined ? "http" : "https";
  const server: GitHttpServer = {
    url: `${scheme}://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests: [],
    connections: () => sockets.length,
    bytes: () => sockets.reduce((sum, socket) => sum + socket.bytesRead + socket.bytesWritten, 0),
    intercept: () => false,
  };
  return server;
}

function runBackend(options: GitHttpServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://unused");
  const protocol = options.version1 ? undefined : request.headers["git-protocol"]?.toString();
  const child = spawn(backend, [], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env["PATH"],
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_PROJECT_ROOT: options.root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: request.headers["content-length"] ?? "",
      ...(protocol === undefined ? {} : { GIT_PROTOCOL: protocol }),
    },
  });
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);
  response.on("close", () => child.kill());
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (head === undefined) {
      if (!response.write(chunk)) {
        child.stdout.pause();
        response.once("drain", () => child.stdout.resume());
      }
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const lines = head.toString("latin1", 0, end).split("\r\n");
    const pairs = lines.map((line) => line.split(": ", 2) as [string, string]);
    const headers = Object.fromEntries(pairs.filter(([name]) => name !== "Status"));
    const status = Number.parseInt(pairs.find(([name]) => name === "Status")?.[1] ?? "200", 10);
    response.writeHead(status, headers);
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  child.stdout.on("end", () => response.end());
}
