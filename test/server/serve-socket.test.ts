import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { request, type Server } from "node:http";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Status } from "../../agent/model/generated/status.ts";
import type { AgentApi } from "../../agent/server/agent-api.ts";
import { readStatus } from "../../agent/server/ask-agent.ts";
import { serveSocket } from "../../agent/server/serve-socket.ts";
import { strict } from "../fakes/strict.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const STATUS: Status = { host: "box", version: "1", healthy: true, stacks: [], holds: [], drift: [], findings: [], alerts: [] };
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("the agent's socket", () => {
  const servers: { close(): void; closeAllConnections?: () => void }[] = [];
  let path: string;
  beforeEach(() => {
    path = join(createTemporaryDirectory("hf-socket-"), "run", "holdfast.sock");
  });
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections?.();
    }
  });

  async function serve(status: () => Status = () => STATUS): Promise<Server> {
    const server = await serveSocket({ path, api: strict<AgentApi>("the fake agent", { status }) });
    servers.push(server);
    return server;
  }

  /** Something else that listens there, and what it does with a connection. */
  async function occupy(receive: (socket: Socket) => void): Promise<void> {
    mkdirSync(join(path, ".."), { recursive: true });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      receive(socket);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    servers.push({ close: () => server.close(), closeAllConnections: () => sockets.forEach((socket) => void socket.destroy()) });
  }

  function ask(method: string, url: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const asking = request({ socketPath: path, path: url, method }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.on("error", reject);
      asking.end();
    });
  }

  it("must be for its owner and group only, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      await serve();
      assert.deepEqual([modeOf(path), modeOf(join(path, ".."))], ["660", "750"]);
    } finally {
      process.umask(before);
    }
  });

  it("must leave a directory that is there as it is", async () => {
    mkdirSync(join(path, ".."));
    chmodSync(join(path, ".."), 0o700);
    await serve();
    assert.equal(modeOf(join(path, "..")), "700");
  });

  it("must answer with the status of the moment", async () => {
    let healthy = true;
    await serve(() => ({ ...STATUS, healthy }));
    assert.deepEqual(await readStatus(path), STATUS);
    healthy = false;
    assert.equal((await readStatus(path)).healthy, false);
  });

  for (const [method, url] of [
    ["GET", "/"],
    ["GET", "/v1/status/"],
    ["GET", "/v1/../v1/status"],
    ["POST", "/v1/status"],
    ["DELETE", "/v1/status"],
    ["GET", "/v1/sync"],
    ["GET", "/v1/suspend"],
    ["POST", "/v1/stacks/web"],
    ["POST", "/v1/stacks/web/forget"],
    ["POST", "/v1/stacks//suspend"],
    ["POST", "/v1/stacks/a/b/suspend"],
  ] as const) {
    it(`must answer ${method} ${url} with 404`, async () => {
      await serve();
      assert.equal(await ask(method, url), 404);
    });
  }

  it("a status that cannot be told must be an error of that question, and the server goes on", async () => {
    let broken = true;
    await serve(() => {
      if (broken) throw new Error("the disk is full");
      return STATUS;
    });
    assert.equal(await ask("GET", "/v1/status"), 500);
    await assert.rejects(readStatus(path), { message: "the disk is full" });
    broken = false;
    assert.deepEqual(await readStatus(path), STATUS);
  });

  it("a second server at the same place must refuse, and the first one go on", async () => {
    await serve();
    await assert.rejects(serve(), { message: `another agent answers at ${path}`, code: "configuration-invalid" });
    assert.deepEqual(await readStatus(path), STATUS);
  });

  it("an agent that is too busy to answer must not be replaced", async () => {
    await occupy(() => undefined);
    await assert.rejects(serve(), /another agent/);
    assert.ok(existsSync(path));
  });

  it("what a killed agent left must be replaced", async () => {
    mkdirSync(join(path, ".."));
    writeFileSync(path, "");
    await serve();
    assert.deepEqual(await readStatus(path), STATUS);
  });

  it("must be gone when the server has ended, and a new one can start", async () => {
    const server = await serve();
    await new Promise((resolve) => server.close(resolve));
    assert.equal(existsSync(path), false);
    await assert.rejects(readStatus(path), { code: "ENOENT" });
    await serve();
  });

  for (const [name, receive, message] of [
    ["hangs", () => undefined, /no answer within 0\.05 s/],
    ["hangs up", (socket: Socket) => void socket.destroy(), /socket hang up|ECONNRESET|EPIPE/],
    ["speaks no HTTP", (socket: Socket) => void socket.end("hello\n"), /Parse Error/],
    ["answers no JSON", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), /JSON/],
    ["knows no status", (socket: Socket) => void socket.end("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}"), /status 404/],
    ["stops half-way", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"), /aborted/],
  ] as const) {
    it(`asking something that ${name} must fail readably`, async () => {
      await occupy(receive);
      await assert.rejects(readStatus(path, 50), message);
    });
  }
});
