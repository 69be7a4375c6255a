import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openEngine } from "../../agent/engine/open-engine.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import type { ExecProbe, HttpProbe, ProbeResult } from "../../agent/model/probe.ts";
import type { Prober } from "../../agent/ports/prober.ts";
import { openProber } from "../../agent/probe/open-prober.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";

const never = new AbortController().signal;
const IMAGE = "busybox:1.35";
const INSIDE = join(import.meta.dirname, "probe-inside.ts");

describe("probes in containers", () => {
  let real: Engine;
  let engine: ReturnType<typeof openEngine>;
  let prober: Prober;
  before(async () => {
    real = await startEngine();
    await loadImages(real.socket, [IMAGE]);
    engine = openEngine({ socket: real.socket, timeoutMs: 10_000 });
    prober = openProber({ engine });
    await real.docker(["network", "create", "--internal", "inside"]);
    await real.docker(["network", "create", "other"]);
    await serve("web-1", ["--network", "inside"], "one");
    await serve("web-2", ["--network", "inside"], "two");
    await real.docker(["network", "connect", "other", "web-2"]);
    await serve("hosted-1", ["--network", "host"], "host", 8088);
    await serve("lonely-1", ["--network", "none"], "none");
  });
  after(() => real.stop());

  /** A container of a service that serves one page: `web-1` belongs to `web`. */
  async function serve(name: string, options: readonly string[], page: string, port = 80): Promise<void> {
    const [service, number] = name.split("-");
    const compose = "com.docker.compose";
    const labels = [`${compose}.project=app`, `${compose}.service=${service}`, `${compose}.container-number=${number}`];
    const script = `mkdir /www && echo page ${page} > /www/index.html && exec httpd -f -p ${port} -h /www`;
    const argv = ["run", "--detach", "--init", "--name", name, ...labels.flatMap((label) => ["--label", label]), ...options];
    await real.docker([...argv, IMAGE, "sh", "-c", script]);
  }

  /** A container's addresses are reached from its host only, so the prober runs there. */
  async function fromHost(...probes: HttpProbe[]): Promise<ProbeResult[]> {
    const argv = [process.execPath, INSIDE, real.socket, ...probes.map((probe) => JSON.stringify(probe))];
    return JSON.parse((await real.exec(argv)).stdout) as ProbeResult[];
  }
  const http = (service: string, port: number, contains: string): HttpProbe => ({
    ...{ kind: "http", target: { service, port, path: "/index.html" }, contains, timeoutMs: 10_000 },
  });

  it("a service must be asked at the addresses of all its containers, whatever their networks", async () => {
    await waitUntil("the servers listen", async () =>
      (await fromHost(http("web", 80, "page"), http("hosted", 8088, "page"))).every(({ ok }) => ok),
    );
    const [web, half, hosted, lonely, closed] = await fromHost(
      http("web", 80, "page"),
      http("web", 80, "page one"),
      http("hosted", 8088, "page host"),
      http("lonely", 80, "page"),
      http("web", 81, "page"),
    );
    assert.deepEqual([web?.ok, web?.detail], [true, 'web-1: 200 OK with "page"']);
    assert.deepEqual(
      [half?.ok, half?.detail],
      [false, 'web-2: expected any 2xx with "page one", got 200 OK without it in 9 bytes'],
    );
    assert.deepEqual([hosted?.ok, hosted?.detail], [true, '200 OK with "page host"']);
    assert.deepEqual(
      [lonely?.ok, lonely?.detail],
      [false, "expected an answer of lonely, got no network of it that the host reaches"],
    );
    assert.deepEqual(
      [closed?.ok, closed?.detail],
      [false, 'web-1: expected any 2xx with "page", got nothing: the connection was refused'],
    );
  });

  const exec = (script: string, more: Partial<ExecProbe> = {}): ExecProbe => ({
    ...{ kind: "exec", service: "hosted", command: ["sh", "-c", script], timeoutMs: 10_000 },
    ...more,
  });
  async function see(probe: ExecProbe): Promise<string> {
    const { ok, detail } = await prober.probe(probe, { containers: await engine.listContainers(never) }, never);
    return `${ok ? "ok" : "failed"}: ${detail}`;
  }

  it("a command must pass when it exits 0, and show the end of what it wrote", async () => {
    assert.equal(await see(exec("true")), "ok: exit code 0");
    assert.equal(await see(exec("echo GPU 0")), "ok: exit code 0: GPU 0");
    assert.equal(
      await see(exec("for i in 1 2 3 4; do echo $i; done; exit 3")),
      "failed: expected exit code 0, got exit code 3: 2 / 3 / 4",
    );
    assert.ok((await see(exec("yes | head -c 100000"))).length < 400);
    assert.match(
      await see(exec("", { command: ["nvidia-smi", "-L"] })),
      /^failed: expected exit code 0, got .*nvidia-smi.*not found/,
    );
  });

  it("a service that does not run must fail its probes, and a paused one too", async () => {
    assert.equal(await see(exec("true", { service: "gone" })), "failed: expected an answer of gone, got no container that runs");
    await real.docker(["pause", "web-1"]);
    assert.match(await see(exec("true", { service: "web" })), /^ok: /, "the other one runs");
    const containers = (await engine.listContainers(never)).filter(({ name }) => name === "web-1");
    const { ok, detail } = await prober.probe(exec("true", { service: "web" }), { containers }, never);
    assert.deepEqual([ok, detail], [false, "expected an answer of web, got no container that runs"]);
    // It was paused after it had been listed.
    const stale = containers.map((container) => ({ ...container, state: "running" as const }));
    const late = await prober.probe(exec("true", { service: "web" }), { containers: stale }, never);
    assert.match(late.detail, /^expected exit code 0, got engine cannot run a command in the container: .*paused/);
    await real.docker(["unpause", "web-1"]);
  });

  it("a command that does not end must not be started again beside itself", async () => {
    const probe = exec("echo run >> /runs; while [ ! -e /done ]; do sleep 0.1; done", { timeoutMs: 300 });
    const runs = async () => (await real.docker(["exec", "hosted-1", "cat", "/runs"])).stdout.trim().split("\n").length;
    assert.equal(await see(probe), "failed: expected exit code 0, got no end within 0.3 s");
    assert.equal(await see(probe), "failed: expected exit code 0, got no end of the run before, which still goes on");
    assert.equal(await runs(), 1);
    await real.docker(["exec", "hosted-1", "touch", "/done"]);
    await waitUntil("the command has ended", async () => (await see(probe)) === "ok: exit code 0");
    assert.equal(await runs(), 2);
  });

  it("an engine that does not answer must not count as a failure of the service", async () => {
    const containers = await engine.listContainers(never);
    const impatient = openProber({ engine: openEngine({ socket: real.socket, timeoutMs: 300 }) });
    real.freeze();
    try {
      for (const probe of [exec("true", { timeoutMs: 300 }), http("web", 80, "page")])
        await assert.rejects(
          impatient.probe(probe, { containers }, never),
          (error: unknown) => isHoldfastError(error) && error.code === "engine-unreachable",
        );
    } finally {
      real.thaw();
    }
  });

  it("a probe that is interrupted must say nothing of the service", async () => {
    const containers = await engine.listContainers(never);
    const stop = new AbortController();
    const running = prober.probe(exec("sleep 1000", { timeoutMs: 60_000 }), { containers }, stop.signal);
    setImmediate(() => stop.abort());
    await assert.rejects(running, (error: unknown) => isHoldfastError(error) && error.code === "aborted");
  });
});
