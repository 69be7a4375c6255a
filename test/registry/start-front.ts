import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestPlain,
  type ServerResponse,
} from "node:http";
import { request as requestTls } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Stands before a real registry: sees what is asked, and answers what real registries answer only elsewhere. */
export interface Front {
  readonly url: string;
  /** As image references name it. */
  readonly host: string;
  readonly requests: SeenRequest[];
  /** `HEAD /v2/app/manifests/1`, in order, since the last look. */
  take(): string[];
  /** Answers instead of the registry while it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Changes the headers of the registry's answers. */
  alter: (headers: OutgoingHttpHeaders) => OutgoingHttpHeaders;
}

/** Starts a front before the registry at `target`, until the test ends; it speaks plain http itself. */
export async function startFront(t: TestContext, target: string): Promise<Front> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    front.requests.push({ method, path: url, headers });
    if (front.intercept(request, response)) return;
    const forward = target.startsWith("https:") ? requestTls : requestPlain;
    const forwarded = forward(new URL(url, target), { method, headers, agent: false });
    forwarded.once("error", () => response.destroy());
    forwarded.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 0, front.alter({ ...answer.headers }));
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const front: Front = {
    url: `http://${host}`,
    host,
    requests: [],
    take: () => front.requests.splice(0).map(({ method, path }) => `${method} ${path}`),
    intercept: () => false,
    alter: (headers) => headers,
  };
  return front;
}
