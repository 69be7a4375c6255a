// The cluster's web API. Node.js built-ins only: the container runs this folder as it is, nothing is installed or built.
import { createServer } from "node:http";
import { connect } from "node:net";

const PORT = Number(process.env.PORT ?? 3000);
const SERVER_NAME = process.env.SERVER_NAME ?? "unnamed";
const DB_HOST = process.env.DB_HOST ?? "127.0.0.1";
const DB_PORT = Number(process.env.DB_PORT ?? 3306);
const DB_TIMEOUT_MS = 2_000;

/** Opens and closes a TCP connection to the database. Never rejects. */
function checkDatabase() {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: DB_HOST, port: DB_PORT, timeout: DB_TIMEOUT_MS });
    const finish = (reachable) => {
      socket.destroy();
      resolve({ reachable, connectMs: Math.round(performance.now() - startedAt) });
    };
    socket.once("connect", () => finish(true));
    socket.once("timeout", () => finish(false));
    socket.once("error", () => finish(false));
  });
}

function describeServer() {
  return {
    server: SERVER_NAME,
    uptimeSeconds: Math.round(process.uptime()),
    memoryBytes: process.memoryUsage().rss,
    time: new Date().toISOString(),
  };
}

function send(response, status, body) {
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(JSON.stringify(body));
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405, { error: "method not allowed" });
  switch (pathname) {
    case "/":
    case "/api/":
      return send(response, 200, { message: "Pi cluster API", ...describeServer() });
    case "/health":
      return send(response, 200, { status: "ok", ...describeServer() });
    case "/api/health": {
      const database = await checkDatabase();
      const status = database.reachable ? "ok" : "degraded";
      return send(response, database.reachable ? 200 : 503, { status, database, ...describeServer() });
    }
    default:
      return send(response, 404, { error: "not found" });
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    send(response, 500, { error: "internal error" });
  });
});
server.listen(PORT, () => console.log(`${SERVER_NAME} listens on ${PORT}, database ${DB_HOST}:${DB_PORT}`));

// Requests that have begun are answered; idle connections of the load balancer would keep the server open.
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
