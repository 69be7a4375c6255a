import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

export interface ProxiedRequest {
  /** `CONNECT` for a tunnel. */
  readonly method: string;
  /** What the request line names: `127.0.0.1:443`, or a whole address. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly host: string | undefined;
}

export interface HttpProxyOptions {
  /** `user:password` that every request must bring. */
  readonly credentials?: string;
  /** PEM texts: the proxy itself is spoken to over TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface HttpProxy {
  /** Without credentials and without a slash at its end. */
  readonly url: string;
  readonly requests: ProxiedRequest[];
  /** Answers every request itself: with this status, by closing the connection, or never; null: works. */
  fault: number | "close" | "hang" | null;
  /** Drops all tunnels, as a proxy does that finds them idle. */
  dropTunnels(): void;
  stop(): Promise<void>;
}

/** A forward proxy on the loopback address: tunnels by CONNECT, and plain requests that name a whole address. */
export async function startHttpProxy(options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const { credentials, tls } = options;
  const sockets = new Set<Duplex>();
  const tunnels = new Set<Duplex>();
  const keep = (socket: Duplex, set: Set<Duplex>): void => {
    set.add(socket);
    socket.on("error", () => undefined).on("close", () => set.delete(socket));
  };

  /** The status that the proxy refuses a request with, if it does. */
  function judge({ method, url, headers }: IncomingMessage): HttpProxy["fault"] {
    const authorization = headers["proxy-authorization"];
    proxy.requests.push({ method: method ?? "", target: url ?? "", authorization, host: headers.host });
    if (proxy.fault !== null) return proxy.fault;
    return credentials === undefined || authorization === `Basic ${btoa(credentials)}` ? null : 407;
  }

  const forward: RequestListener = (request, response) => {
    const fault = judge(request);
    if (fault === "hang") return;
    if (fault === "close") return void request.socket.destroy();
    if (fault !== null) return void response.writeHead(fault, { "content-type": "text/plain" }).end("the proxy says no\n");
    passOn(request, response);
  };
  const server: Server = tls === undefined ? createServer(forward) : createTlsServer(tls, forward);
  server.on("connection", (socket) => keep(socket, sockets));
  server.on("connect", (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const fault = judge(request);
    keep(client, sockets);
    if (fault === "hang") return;
    if (fault === "close") return void client.destroy();
    if (fault !== null) return void client.end(`HTTP/1.1 ${fault} No\r\nContent-Length: 4\r\n\r\nno.\n`);
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port === "" ? 80 : port), hostname.replace(/^\[(.*)\]$/, "$1"), () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    keep(upstream, tunnels);
    upstream.on("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const proxy: HttpProxy = {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    fault: null,
    dropTunnels: () => {
      for (const tunnel of tunnels) tunnel.destroy();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of [...tunnels, ...sockets]) socket.destroy();
      }),
  };
  return proxy;
}

function passOn(request: IncomingMessage, response: ServerResponse): void {
  const { "proxy-authorization": _secret, ...headers } = request.headers;
  const onward = httpRequest(new URL(request.url ?? ""), { method: request.method ?? "GET", headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  request.pipe(onward);
}
