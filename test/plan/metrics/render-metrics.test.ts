import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createHistogram, describeHistogram, observe } from "../../../agent/plan/metrics/histogram.ts";
import { chooseExposition, renderMetrics } from "../../../agent/plan/metrics/render-metrics.ts";

const COUNTER = {
  name: "x_total",
  type: "counter",
  help: "How\nmany \\ things.",
  samples: [
    { labels: { a: 'say "hi"\n\\', b: "ünï" }, value: 1.5 },
    { labels: {}, value: Number.POSITIVE_INFINITY },
  ],
} as const;

describe("metrics as text", () => {
  test("must be escaped as Prometheus reads them", () => {
    assert.equal(
      renderMetrics([COUNTER, { ...COUNTER, name: "nothing", samples: [] }], "text"),
      '# HELP x_total How\\nmany \\\\ things.\n# TYPE x_total counter\nx_total{a="say \\"hi\\"\\n\\\\",b="ünï"} 1.5\nx_total +Inf\n',
    );
  });

  test("must name a counter's family without its suffix for who reads OpenMetrics, and say where it ends", () => {
    const text = renderMetrics([COUNTER], "openmetrics");
    assert.match(text, /^# HELP x How.*\n# TYPE x counter\nx_total\{/);
    assert.match(text, /\n# EOF\n$/);
  });

  test("must be OpenMetrics only for who prefers it", () => {
    const cases: [string | undefined, string][] = [
      [undefined, "text"],
      ["*/*", "text"],
      ["text/html", "text"],
      [
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "openmetrics",
      ],
      ["application/openmetrics-text;q=0.3,text/plain;q=0.5", "text"],
      ["application/openmetrics-text;q=nonsense", "text"],
      ["Application/OpenMetrics-Text", "openmetrics"],
    ];
    for (const [accept, expected] of cases) assert.equal(chooseExposition(accept), expected, accept);
  });

  test("a histogram must count each value in every bucket that is large enough, and a clock that was set back for nothing", () => {
    const histogram = createHistogram();
    for (const seconds of [0.001, 0.1, 400, -5]) observe(histogram, seconds);
    const values = Object.fromEntries(
      describeHistogram(histogram, { r: "x" }).map(({ suffix, labels, value }) => [`${suffix}${labels["le"] ?? ""}`, value]),
    );
    assert.deepEqual(
      [values["_bucket0.005"], values["_bucket0.1"], values["_bucket300"], values["_bucket+Inf"], values["_count"]],
      [2, 3, 3, 4, 4],
    );
    assert.ok(Math.abs((values["_sum"] ?? 0) - 400.101) < 1e-9);
  });
});
