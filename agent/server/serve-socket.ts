import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { holdfastError } from "../model/error.ts";
import type { AgentApi } from "./agent-api.ts";
import { answerApi } from "./answer-api.ts";

export interface SocketOptions {
  readonly path: string;
  readonly api: AgentApi;
}

/**
 * The agent's Unix socket, for `holdfast` commands on the same host: whoever may open it may ask for everything. Refuses to start
 * beside an agent that answers.
 */
export async function serveSocket({ path, api }: SocketOptions): Promise<Server> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  if (await isServed(path)) {
    throw holdfastError("configuration-invalid", `another agent answers at ${path}`, {
      handling: "stalled",
      hint: "one host runs one agent: `systemctl status holdfast`",
    });
  }
  await rm(path, { force: true });
  const server = createServer((incoming, response) => void answerApi(incoming, response, api));
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
