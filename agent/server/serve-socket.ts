import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { holdfastError } from "../model/error.ts";
import type { Status } from "../model/generated/status.ts";

export interface SocketOptions {
  readonly path: string;
  readonly status: () => Status;
}

/** The agent's Unix socket, for `holdfast` commands on the same host. Refuses to start beside an agent that answers. */
export async function serveSocket({ path, status }: SocketOptions): Promise<Server> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  if (await isServed(path)) {
    throw holdfastError("configuration-invalid", `another agent answers at ${path}`, {
      handling: "stalled",
      hint: "one host runs one agent: `systemctl status holdfast`",
    });
  }
  await rm(path, { force: true });
  const server = createServer((incoming, response) => answer(incoming, response, status));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o660);
  return server;
}

/** Whether somebody listens there. An agent that is too busy to answer is one all the same. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Asks the agent behind a socket for its status; rejects when none answers, or what answers is no agent. */
export function readStatus(path: string, timeoutMs = 5_000): Promise<Status> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: path, path: "/v1/status" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(timer);
        try {
          const text = Buffer.concat(chunks).toString("utf8");
          if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}: ${text}`);
          resolve(JSON.parse(text) as Status);
        } catch (cause) {
          reject(cause);
        }
      });
    });
    const timer = setTimeout(() => asking.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const fail = (cause: unknown): void => {
      clearTimeout(timer);
      reject(cause);
    };
    asking.on("error", fail);
    asking.end();
  });
}

function answer(incoming: IncomingMessage, response: ServerResponse, status: () => Status): void {
  const [code, body] = describeAnswer(incoming, status);
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function describeAnswer(incoming: IncomingMessage, status: () => Status): [number, object] {
  if (incoming.method !== "GET" || incoming.url !== "/v1/status") return [404, { error: "not found" }];
  try {
    return [200, status()];
  } catch (cause) {
    // A question must not end the agent: the store that it is answered from may be on a broken disk.
    return [500, { error: cause instanceof Error ? cause.message : String(cause) }];
  }
}
