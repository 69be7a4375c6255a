import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
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
  if (
    await readStatus(path).then(
      () => true,
      () => false,
    )
  ) {
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

/** Asks the agent behind a socket for its status; rejects when none answers. */
export function readStatus(path: string): Promise<Status> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: path, path: "/v1/status", timeout: 5000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")) as Status));
    });
    asking.on("error", reject);
    asking.on("timeout", () => asking.destroy(new Error("no answer within 5 s")));
    asking.end();
  });
}

function answer(incoming: IncomingMessage, response: ServerResponse, status: () => Status): void {
  if (incoming.method !== "GET" || incoming.url !== "/v1/status") {
    response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}');
    return;
  }
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(status()));
}
