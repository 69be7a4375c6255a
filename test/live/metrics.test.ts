import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { METRICS } from "../../agent/plan/metrics/metric-table.ts";
import { type CountingProxy, startCountingProxy } from "../bench/counting-proxy.ts";
import { type Holdfast, startHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { runCommand } from "../engine/run-command.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { readDashboard } from "../install/read-dashboard.ts";
import { type Alertmanager, startAlertmanager } from "../servers/alertmanager.ts";
import type { GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { type Prometheus, startPrometheus } from "../servers/prometheus.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose } from "./start-host.ts";

const MAY_BE_EMPTY = /^(?:Differences by|Steps|Certificates)/;
const RULES = join(import.meta.dirname, "../../install/alerting/holdfast.rules.yaml");
const PATIENCE = { timeoutMs: 40_000 };

describe("a running agent that the real Prometheus scrapes", () => {
  const directory = createTemporaryDirectory("hf-metrics-");
  let engine: Engine;
  let proxy: CountingProxy;
  let git: GitServer;
  let repository: GitRepository;
  let alertmanager: Alertmanager;
  let agent: Holdfast;
  let address: string;
  let prometheus: Prometheus;

  before(async () => {
    engine = await startEngine();
    await loadImages(engine.socket, ["busybox:1.35"]);
    const socket = join(directory, "docker.sock");
    proxy = await startCountingProxy({ path: socket }, { path: engine.socket });
    git = await startGitServer();
    repository = await git.createRepository("infra");
    alertmanager = await startAlertmanager();
    await repository.commit({
      "desired-state/fleet.yaml": `interval: 10s\nalerts: {heartbeat: true, alertmanager: [{url: "${alertmanager.url}"}]}\n`,
      "desired-state/hosts/box.yaml": `requires: {disk: [{path: ${directory}, free: 1MiB}]}\n`,
      "desired-state/stacks/web/stack.yaml":
        "hosts: all\nverify: {probes: [{exec: {service: app, command: [test, -e, /bin/sh]}}, {exec: {service: app, command: [test, -e, /none]}}]}\n",
      "desired-state/stacks/web/compose.yaml": compose({ app: "stop_grace_period: 0s" }),
    });
    const environment = {
      HOLDFAST_HOST: "box",
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: socket,
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
      HOLDFAST_LISTEN: "127.0.0.1:0",
    };
    agent = startHoldfast({ args: ["run"], environment });
    address = new URL(String((await agent.logged("it listens", ({ msg }) => msg === "listening"))["url"])).host;
    prometheus = await startPrometheus({ targets: [address], ruleFiles: [RULES] });
  });
  after(async () => {
    agent.kill("SIGKILL");
    await agent.ended;
    await Promise.allSettled([prometheus.stop(), alertmanager.stop(), git.stop(), engine.stop(), proxy.close()]);
  });

  const becomes = (expression: string, fits: (value: number) => boolean): Promise<unknown> =>
    waitUntil(
      expression,
      async () => {
        const [series] = await prometheus.query(expression);
        return series !== undefined && fits(Number(series.value[1]));
      },
      PATIENCE,
    );
  const metrics = async (accept = ""): Promise<Response> => fetch(`http://${address}/metrics`, { headers: { accept } });

  it("must be up, and tell what it has done", async () => {
    await becomes('up{job="holdfast"}', (value) => value === 1);
    await becomes('holdfast_steps_total{action="up",result="success"}', (value) => value === 1);
    await becomes('holdfast_probe_success{probe=~".*/none"}', (value) => value === 0);
    await becomes('holdfast_probe_success{probe=~".*/bin/sh"}', (value) => value === 1);
    await becomes('holdfast_stack_containers{stack="web"}', (value) => value === 1);
    await becomes("sum(holdfast_reconciliations_total)", (value) => value > 0);
    await becomes("holdfast_poll_bytes_total", (value) => value > 100);
    await becomes('holdfast_poll_duration_seconds_count{result="success"}', (value) => value > 0);
    await becomes("holdfast_engine_events_connected", (value) => value === 1);
    await becomes('holdfast_alert_deliveries_total{result="success"}', (value) => value > 0);
    await becomes('holdfast_alerts_firing{alertname="HoldfastHeartbeat"}', (value) => value === 1);
    await becomes("holdfast_disk_free_bytes - holdfast_disk_required_bytes", (value) => value > 0);
    await becomes("process_resident_memory_bytes", (value) => value > 20_000_000);
    const [series] = await prometheus.query("holdfast_revision_info");
    assert.equal(series?.metric["revision"], await repository.resolve("main"));
    const [delivery] = await prometheus.query("holdfast_alert_deliveries_total");
    assert.equal(delivery?.metric["receiver"], new URL(alertmanager.url).host);
  });

  it("must be as promtool wants it, and the same for who reads OpenMetrics", async () => {
    const text = await (await metrics()).text();
    const file = join(directory, "metrics.txt");
    writeFileSync(file, text);
    const { stdout, stderr, exitCode } = await runCommand(["sh", "-c", 'promtool check metrics <"$1"', "sh", file], {
      allowFailure: true,
    });
    assert.deepEqual([exitCode, stdout + stderr], [0, ""]);
    const response = await metrics("application/openmetrics-text;version=1.0.0");
    assert.equal(response.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert.match(await response.text(), /# TYPE holdfast_steps counter\n(.*\n)*# EOF\n$/);
    const scraped = (await prometheus.get("metadata")) as Readonly<Record<string, readonly { readonly type: string }[]>>;
    for (const [name, { type }] of Object.entries(METRICS)) {
      // One without a value is not told; Prometheus reads OpenMetrics, where a counter's family has no suffix.
      const known = scraped[name] ?? scraped[name.replace(/_total$/, "")];
      if (known !== undefined) assert.equal(known[0]?.type, type, name);
    }
    assert.equal(scraped["holdfast_steps"]?.[0]?.type, "counter");
  });

  it("must ask the engine nothing for it, nor the repository", async () => {
    await waitUntil(
      "nothing goes on",
      async () => {
        proxy.reset();
        const polls = git.requests.length;
        for (let round = 0; round < 20; round += 1) assert.equal((await metrics()).status, 200);
        // A probe in a container is a request of its own, and polls go on.
        return proxy.requests.every(({ line }) => /\/exec/.test(line)) && git.requests.length === polls;
      },
      PATIENCE,
    );
  });

  it("must give every expression of the dashboard an answer, and the rules be evaluated", async () => {
    // A rate needs two scrapes.
    await becomes("rate(process_cpu_seconds_total[1m])", (value) => value > 0);
    for (const { title, expressions } of readDashboard()) {
      for (const expression of expressions) {
        const series = await prometheus.query(expression);
        // What is empty while all is well, and certificates, of which this agent has none.
        if (!MAY_BE_EMPTY.test(title)) assert.ok(series.length > 0, `${title}: ${expression}`);
      }
    }
    const { groups } = (await prometheus.get("rules")) as { groups: { rules: { name: string; health: string }[] }[] };
    const evaluated = groups.flatMap(({ rules }) => rules);
    assert.ok(evaluated.length >= 12);
    for (const { name, health } of evaluated) assert.equal(health, "ok", name);
  });

  it("must tell of a container that was removed, of drift and of a revision that is refused", async () => {
    await engine.docker(["rm", "-f", "web-app-1"]);
    await becomes('holdfast_steps_total{action="up",result="success"}', (value) => value === 2);
    await becomes('holdfast_alerts_firing{alertname="HoldfastDrift"}', (value) => value === 1);
    await repository.commit({ "desired-state/stacks/web/compose.yaml": "services: [" });
    await becomes("holdfast_revision_current", (value) => value === 0);
    await becomes('holdfast_stack_condition{stack="web",condition="invalid"}', (value) => value === 1);
    await becomes('holdfast_reconciliations_total{result="invalid"}', (value) => value > 0);
  });

  it("must hold no secret, and no label that grows with time", async () => {
    const text = await (await metrics()).text();
    const labels = new Set([...text.matchAll(/[{,]([a-z]+)="/g)].map((match) => match[1]));
    const known = ["version", "revision", "result", "le", "stack", "condition", "kind", "action", "probe"];
    for (const label of labels)
      assert.ok([...known, "alertname", "severity", "receiver", "path", "file"].includes(label ?? ""), label);
  });
});
