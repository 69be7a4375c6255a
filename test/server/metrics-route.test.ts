import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { MetricFamily } from "../../agent/model/metric.ts";
import { type ServedHost, startAgent } from "./start-agent.ts";

const FAMILY: MetricFamily = { name: "x_total", type: "counter", help: "X.", samples: [{ labels: {}, value: 1 }] };

describe("GET /metrics", () => {
  let agent: ServedHost | undefined;
  afterEach(() => agent?.stop());
  async function serve(flags: Readonly<Record<string, string>> = {}): Promise<ServedHost> {
    agent = await startAgent({ flags, metrics: async () => [FAMILY] });
    return agent;
  }

  it("must be Prometheus's text format, and OpenMetrics for who prefers it", async () => {
    const { ask } = await serve();
    const plain = await ask("/metrics");
    assert.equal(plain.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(plain.body, "# HELP x_total X.\n# TYPE x_total counter\nx_total 1\n");
    const open = await ask("/metrics", { headers: { accept: "application/openmetrics-text; version=1.0.0, */*;q=0.1" } });
    assert.equal(open.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert.match(open.body, /# TYPE x counter\nx_total 1\n# EOF\n$/);
  });

  it("must need the token where reading needs it, and take nothing else than GET", async () => {
    const { ask, askWithToken } = await serve({ listen: "0.0.0.0:0" });
    assert.equal((await ask("/metrics")).status, 401);
    assert.equal((await ask("/metrics", { headers: { authorization: "Bearer wrong" } })).status, 401);
    assert.equal((await askWithToken("/metrics")).status, 200);
    assert.equal((await askWithToken("/metrics", { method: "POST" })).status, 405);
  });
});
