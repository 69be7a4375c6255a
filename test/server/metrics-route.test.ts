import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import type { MetricFamily } from "../../agent/model/metric.ts";
import { openHostCheck } from "../../agent/server/check-host.ts";
import { openTokenCheck } from "../../agent/server/check-token.ts";
import { dispatch } from "../../agent/server/dispatch.ts";
import { parseListen } from "../../agent/server/listen-address.ts";
import { metricsRoute } from "../../agent/server/metrics-route.ts";
import { openWarnings } from "../../agent/server/warnings.ts";
import { type LogLine, recordLog } from "../reconcile/fake-ports.ts";
import { writeSecret } from "./write-secret.ts";

const FAMILY: MetricFamily = { name: "x_total", type: "counter", help: "X.", samples: [{ labels: {}, value: 1 }] };

describe("GET /metrics", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** Serves nothing else, to readers with this token. */
  async function serve(token?: string): Promise<string> {
    const log: LogLine[] = [];
    const recorder = recordLog(log);
    const options = {
      routes: [metricsRoute(async () => [FAMILY])],
      checkHost: openHostCheck(parseListen("127.0.0.1:0"), []),
      ...(token === undefined ? {} : { checkReader: openTokenCheck(writeSecret(token), openWarnings(recorder)) }),
      ...{ log: recorder, tellSeldom: () => undefined },
    };
    const server = createServer((incoming, response) => dispatch(incoming, response, options)).listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  }

  it("must be Prometheus's text format, and OpenMetrics for who prefers it", async () => {
    const url = await serve();
    const plain = await fetch(url);
    assert.equal(plain.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(await plain.text(), "# HELP x_total X.\n# TYPE x_total counter\nx_total 1\n");
    const open = await fetch(url, { headers: { accept: "application/openmetrics-text; version=1.0.0, */*;q=0.1" } });
    assert.equal(open.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert.match(await open.text(), /# TYPE x counter\nx_total 1\n# EOF\n$/);
  });

  it("must need the token where reading needs it, and take nothing else than GET", async () => {
    const url = await serve("the-token-of-readers-1");
    assert.equal((await fetch(url)).status, 401);
    assert.equal((await fetch(url, { headers: { authorization: "Bearer wrong" } })).status, 401);
    assert.equal((await fetch(url, { headers: { authorization: "Bearer the-token-of-readers-1" } })).status, 200);
    assert.equal((await fetch(url, { method: "POST" })).status, 405);
  });
});
