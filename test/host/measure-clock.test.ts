import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { measureClock } from "../../agent/host/measure-clock.ts";
import { findFreePort } from "../servers/free-port.ts";

const never = new AbortController().signal;

describe("the clock must be compared with a server's", () => {
  let offsetMs: number | undefined = 0;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.sendDate = false;
    if (offsetMs !== undefined) response.setHeader("date", new Date(Date.now() + offsetMs).toUTCString());
    response.writeHead(401).end();
  });
  let url = new URL("http://127.0.0.1/");
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = new URL(`http://me:secret@127.0.0.1:${(server.address() as AddressInfo).port}/infra.git`);
  });
  after(() => server.close());

  for (const seconds of [0, 3600, -3600])
    test(`that is ${seconds} s ahead`, async () => {
      offsetMs = seconds * 1000;
      const skewMs = await measureClock(url, undefined, never);
      assert.ok(skewMs !== undefined && Math.abs(skewMs + seconds * 1000) < 5_000, String(skewMs));
    });
  test("without credentials", () => assert.equal(asked[0], "HEAD / undefined"));
  test("and not at all where it does not tell, or does not answer", async () => {
    offsetMs = undefined;
    assert.equal(await measureClock(url, undefined, never), undefined);
    assert.equal(await measureClock(new URL(`http://127.0.0.1:${await findFreePort()}/`), undefined, never), undefined);
    assert.equal(await measureClock(url, "/nonexistent/ca.pem", never), undefined);
    assert.equal(await measureClock(url, undefined, AbortSignal.abort()), undefined);
  });
});
