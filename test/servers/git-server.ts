import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createBareRepository, type GitRepository, gitEnvironment } from "./git-repository.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "./temporary-directory.ts";

export interface GitServerOptions {
  /** Where the repositories are; a temporary directory by default. */
  readonly root?: string;
  /** Required of every request when given (basic authentication). */
  readonly auth?: { readonly username: string; readonly password: string };
  /** PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface GitRequest {
  readonly method: string;
  /** Path and query, as requested. */
  readonly path: string;
  /** The Git-Protocol header, or "". */
  readonly protocol: string;
}

export interface GitServer {
  readonly url: string;
  readonly root: string;
  /** Every request since the start or `resetCounters`, refused ones included. */
  readonly requests: readonly GitRequest[];
  /** Bytes on the wire, headers included. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Answer every request with this status; null: work. */
  fail: number | null;
  /** Take requests and never answer. Those that hang are dropped when it becomes false. */
  hang: boolean;
  /** Wait this long before each answer. */
  delayMs: number;
  /** Drop the connection after this many bytes of an answer's body; null: never. */
  cutAfterBytes: number | null;
  resetCounters(): void;
  createRepository(name: string): Promise<GitRepository>;
  /** Refuse connections until `comeUp`, which listens on the same port. */
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  stop(): Promise<void>;
}

interface Faults {
  fail: number | null;
  hang: boolean;
  delayMs: number;
  cutAfterBytes: number | null;
}

function isAuthorized(request: IncomingMessage, auth: GitServerOptions["auth"]): boolean {
  if (auth === undefined) return true;
  const expected = Buffer.from(`${auth.username}:${auth.password}`).toString("base64");
  return request.headers.authorization === `Basic ${expected}`;
}

function describeRequest(request: IncomingMessage, root: string): NodeJS.ProcessEnv {
  const url = new URL(request.url ?? "/", "http://localhost");
  const header = (name: string) => String(request.headers[name] ?? "");
  return {
    ...gitEnvironment,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: "1",
    REQUEST_METHOD: request.method,
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: header("content-type"),
    ...(request.headers["content-length"] && { CONTENT_LENGTH: header("content-length") }),
    ...(request.headers["content-encoding"] && { HTTP_CONTENT_ENCODING: header("content-encoding") }),
    ...(request.headers["git-protocol"] && { GIT_PROTOCOL: header("git-protocol") }),
    REMOTE_USER: "test",
    REMOTE_ADDR: "127.0.0.1",
  };
}

/** Takes the CGI header off the front of git's output: status and header lines, then what is left of the body. */
function parseHeader(head: string, response: ServerResponse): void {
  let status = 200;
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else if (colon > 0) response.setHeader(name, value);
  }
  response.statusCode = status;
}

/** Runs `git http-backend` for one request. */
function serveGit(request: IncomingMessage, response: ServerResponse, root: string, faults: Faults): void {
  const backend = spawn("git", ["http-backend"], { env: describeRequest(request, root), stdio: ["pipe", "pipe", "ignore"] });
  let head = Buffer.alloc(0);
  let sentBytes = 0;
  const send = (chunk: Buffer) => {
    sentBytes += chunk.length;
    if (faults.cutAfterBytes === null || sentBytes <= faults.cutAfterBytes) return void response.write(chunk);
    response.write(chunk.subarray(0, chunk.length - (sentBytes - faults.cutAfterBytes)), () => response.destroy());
  };
  backend.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) return send(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    parseHeader(head.subarray(0, end).toString("latin1"), response);
    response.flushHeaders();
    send(head.subarray(end + 4));
  });
  backend.on("error", () => response.writeHead(500).end());
  backend.on("close", () => {
    if (!response.headersSent) response.statusCode = 500;
    response.end();
  });
  response.on("close", () => backend.kill());
  backend.stdin.on("error", () => undefined);
  request.pipe(backend.stdin);
}

/** Serves Git repositories over smart HTTP from the loopback address, reading and pushing, protocols 0 to 2. */
export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const root = options.root ?? createTemporaryDirectory("hf-git-");
  const sockets = new Set<Socket>();
  const closed = { received: 0, sent: 0 };
  const requests: GitRequest[] = [];
  const hanging = new Set<ServerResponse>();
  const faults: Faults = { fail: null, hang: false, delayMs: 0, cutAfterBytes: null };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push({
      method: request.method ?? "",
      path: request.url ?? "",
      protocol: String(request.headers["git-protocol"] ?? ""),
    });
    if (faults.hang) return void hanging.add(response);
    if (faults.delayMs > 0) await delay(faults.delayMs);
    if (faults.fail !== null)
      return void response.writeHead(faults.fail, { "content-type": "text/plain" }).end("switched off by the test\n");
    if (!isAuthorized(request, options.auth)) {
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("authentication required\n");
    }
    serveGit(request, response, root, faults);
  };
  const listener: RequestListener = (request, response) => {
    answer(request, response).catch(() => response.destroy());
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      closed.received += socket.bytesRead;
      closed.sent += socket.bytesWritten;
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  server.unref();
  const { port } = server.address() as AddressInfo;
  const url = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const counted = (name: "bytesRead" | "bytesWritten") => [...sockets].reduce((sum, socket) => sum + (socket[name] ?? 0), 0);
  const base = { received: 0, sent: 0 };
  const countReceived = () => closed.received + counted("bytesRead");
  const countSent = () => closed.sent + counted("bytesWritten");

  return {
    url,
    root,
    requests,
    get bytesReceived() {
      return countReceived() - base.received;
    },
    get bytesSent() {
      return countSent() - base.sent;
    },
    get fail() {
      return faults.fail;
    },
    set fail(status) {
      faults.fail = status;
    },
    get hang() {
      return faults.hang;
    },
    set hang(on) {
      faults.hang = on;
      if (on) return;
      for (const response of hanging) response.destroy();
      hanging.clear();
    },
    get delayMs() {
      return faults.delayMs;
    },
    set delayMs(milliseconds) {
      faults.delayMs = milliseconds;
    },
    get cutAfterBytes() {
      return faults.cutAfterBytes;
    },
    set cutAfterBytes(bytes) {
      faults.cutAfterBytes = bytes;
    },
    resetCounters: () => {
      requests.length = 0;
      base.received = countReceived();
      base.sent = countSent();
    },
    createRepository: (name) => createBareRepository(root, name, `${url}/${name}`),
    goDown: close,
    comeUp: () => listen(port),
    stop: async () => {
      if (server.listening) await close();
      if (options.root === undefined) removeTemporaryDirectory(root);
    },
  };
}
