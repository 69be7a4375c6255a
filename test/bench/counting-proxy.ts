import { rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from "node:net";

export interface CountedRequest {
  /** `GET /v1.45/containers/json?all=1`. */
  readonly line: string;
  /** By `performance.now()`. */
  readonly atMs: number;
  /** What was sent with it, as far as it arrived in the same piece. */
  readonly start: string;
}

export interface CountingProxy {
  /** The port on the loopback address; 0 behind a Unix socket. */
  readonly port: number;
  /** Every request since the start or `reset`. */
  readonly requests: readonly CountedRequest[];
  reset(): void;
  close(): Promise<void>;
}

const REQUEST_LINE = /^((?:GET|HEAD|POST|PUT|DELETE) \S+) HTTP\/1\.1\r$/gm;

/**
 * Stands before a server that speaks HTTP/1.1 and writes down each request. It passes bytes on and looks at them, so that
 * streams and upgraded connections go through as they are.
 */
export async function startCountingProxy(
  listen: { readonly path: string } | { readonly port: 0 },
  target: NetConnectOpts,
): Promise<CountingProxy> {
  const requests: CountedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target, allowHalfOpen: true });
    client.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      const atMs = performance.now();
      for (const match of text.matchAll(REQUEST_LINE))
        requests.push({ line: match[1] ?? "", atMs, start: text.slice(match.index) });
    });
    join(client, upstream, sockets);
  });
  if ("path" in listen) rmSync(listen.path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen("path" in listen ? { path: listen.path } : { port: 0, host: "127.0.0.1" }, resolve);
  });
  server.unref();
  const address = server.address() as AddressInfo | string;
  return {
    port: typeof address === "string" ? 0 : address.port,
    requests,
    reset: () => {
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function join(client: Socket, upstream: Socket, sockets: Set<Socket>): void {
  client.pipe(upstream);
  upstream.pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  }
}
