// What all stand-ins share: answer GET requests from a table of paths, and end at once on SIGTERM.
import { createServer } from "node:http";

const servers = [];

/** Keeps a server so that SIGTERM closes it. */
export function keep(server) {
  servers.push(server);
  return server;
}

/** Serves `routes`: path -> text (HTML) or any other value (JSON), or a function that gives one of those. */
export function serve(port, routes, create = createServer) {
  const listener = (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const route = routes[path];
    if (route === undefined) return void response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    const body = typeof route === "function" ? route(request) : route;
    const isText = typeof body === "string";
    response.writeHead(200, { "content-type": isText ? "text/html; charset=utf-8" : "application/json" });
    response.end(request.method === "HEAD" ? undefined : isText ? body : JSON.stringify(body));
  };
  const server = keep(create(listener));
  server.listen(port, "0.0.0.0", () => console.log(`listening on ${port}`));
  return server;
}

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections?.();
    }
    process.exit(0);
  });
}
