import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { type Http, type Reply, STATUS, startHttp } from "./start-http.ts";

describe("the agent's HTTP server", () => {
  const started: Http[] = [];
  afterEach(async () => {
    for (const http of started.splice(0)) await http.stop();
  });
  async function start(...args: Parameters<typeof startHttp>): Promise<Http> {
    const http = await startHttp(...args);
    started.push(http);
    return http;
  }
  const told = ({ status, body }: Reply): string => `${status} ${body.trim()}`;

  it("must tell everybody that it lives, and that it is ready once a reconciliation has finished, however it ended", async () => {
    const http = await start();
    assert.equal(told(await http.ask("/healthz")), "200 ok");
    assert.equal(told(await http.ask("/readyz")), "503 no reconciliation has finished since the start");
    http.memory.last = { result: "failed", atMs: 1, durationMs: 1 };
    assert.equal(told(await http.ask("/readyz?verbose=1")), "200 ready");
  });

  it("must tell the status of the moment as JSON", async () => {
    const http = await start();
    const { status, headers, body } = await http.ask("/v1/status");
    assert.deepEqual([status, headers["content-type"], JSON.parse(body)], [200, "application/json", STATUS]);
    http.status = () => ({ ...STATUS, healthy: false });
    assert.equal(JSON.parse((await http.ask("/v1/status")).body).healthy, false);
  });

  it("a status that cannot be told must be an error of that request, in the log and not in the answer", async () => {
    const http = await start();
    http.status = () => {
      throw new Error("disk I/O error at /var/lib");
    };
    assert.equal(told(await http.ask("/v1/status")), "500 something went wrong; the agent's log says what");
    assert.deepEqual(
      http.log.filter(({ level }) => level === "error").map(({ msg, error }) => [msg, error]),
      [["request failed", "Error: disk I/O error at /var/lib"]],
    );
    assert.equal(told(await http.ask("/healthz")), "200 ok");
  });

  it("HEAD must be a GET without its content", async () => {
    const http = await start();
    for (const path of ["/healthz", "/readyz", "/v1/status"]) {
      const [get, head] = [await http.ask(path), await http.ask(path, { method: "HEAD" })];
      assert.equal(head.body, "");
      assert.deepEqual([head.status, head.headers["content-length"]], [get.status, String(get.body.length)]);
    }
  });

  for (const [method, path, status, allow] of [
    ["POST", "/healthz", 405, "GET, HEAD"],
    ["DELETE", "/v1/status", 405, "GET, HEAD"],
    ["OPTIONS", "/readyz", 405, "GET, HEAD"],
    ["GET", "/index.html", 404, undefined],
    ["GET", "/healthz/", 404, undefined],
    ["GET", "//healthz", 404, undefined],
    ["GET", "/v1/../healthz", 404, undefined],
    ["GET", "/%68ealthz", 404, undefined],
    ["GET", "http://127.0.0.1/healthz", 404, undefined],
    ["POST", "/hooks/git", 404, undefined],
    ["GET", "/hooks/git", 404, undefined],
  ] as const) {
    it(`${method} ${path} must be a ${status}`, async () => {
      const http = await start();
      const reply = await http.ask(path, { method });
      assert.deepEqual([reply.status, reply.headers["allow"]], [status, allow]);
    });
  }

  it("every answer must forbid to be guessed at, framed, kept and taken apart", async () => {
    const http = await start();
    for (const path of ["/healthz", "/nothing", "/v1/status"]) {
      const { headers } = await http.ask(path);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["x-frame-options"], "DENY");
      assert.equal(headers["cache-control"], "no-store");
      assert.equal(headers["referrer-policy"], "no-referrer");
      assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
      assert.equal(headers["access-control-allow-origin"], undefined);
    }
  });
});
