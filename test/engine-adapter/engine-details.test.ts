import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openEngine } from "../../agent/engine/open-engine.ts";
import type { ExecResult } from "../../agent/model/engine.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";

const never = new AbortController().signal;
const IMAGE = "busybox:1.35";

describe("of a real engine, the adapter must", () => {
  let real: Engine;
  let engine: ReturnType<typeof openEngine>;
  before(async () => {
    real = await startEngine();
    await loadImages(real.socket, [IMAGE]);
    engine = openEngine({ socket: real.socket, timeoutMs: 5_000 });
  });
  after(() => real.stop());

  /** Starts a container that sleeps; returns its id. */
  async function run(...options: string[]): Promise<string> {
    const { stdout } = await real.docker(["run", "--detach", "--init", ...options, IMAGE, "sleep", "1000"]);
    return stdout.trim();
  }
  const exec = (containerId: string, command: readonly string[], timeoutMs = 10_000, outputBytes = 1000): Promise<ExecResult> =>
    engine.exec({ containerId, command, timeoutMs, outputBytes }, never);
  const shell = (id: string, script: string, timeoutMs?: number, outputBytes?: number): Promise<ExecResult> =>
    exec(id, ["sh", "-c", script], timeoutMs, outputBytes);
  const fails = (work: Promise<unknown>, code: string, message: RegExp): Promise<void> =>
    assert.rejects(work, (error: unknown) => {
      assert.ok(isHoldfastError(error), String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });

  test("tell the networks, volumes and ports that are taken", async () => {
    await real.docker(["network", "create", "outside"]);
    await real.docker(["volume", "create", "data"]);
    await run("--name", "plain", "--publish", "127.0.0.1:8080:80", "--publish", "5353:53/udp");
    await run("--name", "shop-web-1", "--label", "com.docker.compose.project=shop", "--publish", "127.0.0.1:8081:80");
    const { containers, networks, volumes, published } = await engine.survey(never);
    assert.deepEqual(containers.map(({ name, project }) => `${name} ${project}`).sort(), ["plain undefined", "shop-web-1 shop"]);
    for (const { id } of containers) assert.match(id, /^[0-9a-f]{64}$/);
    assert.deepEqual(networks, ["bridge", "host", "none", "outside"]);
    assert.deepEqual(volumes, ["data"]);
    const ipv4 = published.filter((port) => port.address !== "::").sort((a, b) => a.port - b.port);
    assert.deepEqual(ipv4, [
      { address: "0.0.0.0", port: 5353, protocol: "udp", container: "plain" },
      { address: "127.0.0.1", port: 8080, protocol: "tcp", container: "plain" },
      { address: "127.0.0.1", port: 8081, protocol: "tcp", container: "shop-web-1", project: "shop" },
    ]);
  });

  test("tell an image's platform, and that an image is not here", async () => {
    assert.match((await engine.imagePlatform(IMAGE, never)) ?? "", /^linux\/(amd64|arm64)$/);
    assert.equal(await engine.imagePlatform("registry.lan:5000/not/here:1", never), undefined);
  });

  test("find the addresses of a container", async () => {
    await real.docker(["network", "create", "--internal", "inside"]);
    const id = await run("--network", "outside");
    await real.docker(["network", "connect", "inside", id]);
    const addresses = await engine.addressesOf(id, never);
    assert.equal(addresses.length, 2);
    for (const address of addresses) assert.match(address, /^172\.\d+\.\d+\.\d+$/);
    assert.deepEqual(await engine.addressesOf(await run("--network", "host"), never), ["127.0.0.1"]);
    assert.deepEqual(await engine.addressesOf(await run("--network", `container:${id}`), never), addresses);
    assert.deepEqual(await engine.addressesOf(await run("--network", "none"), never), []);
    await fails(engine.addressesOf("0123456789ab", never), "engine-refused", /No such container/);
  });

  test("run a command, and tell its exit code and what it wrote", async () => {
    const id = await run();
    const both = await shell(id, "echo out; echo err >&2");
    // Two streams: which of them comes first nobody promises.
    assert.deepEqual([both.ended, both.output.split("\n").sort()], [true, ["", "err", "out"]]);
    assert.deepEqual(await shell(id, "echo no; exit 3"), { ended: true, exitCode: 3, output: "no\n" });
    assert.deepEqual(await exec(id, ["echo", "$HOME; exit 1"]), { ended: true, exitCode: 0, output: "$HOME; exit 1\n" });
    assert.deepEqual(await exec(id, ["true"]), { ended: true, exitCode: 0, output: "" });
  });

  test("keep only the end of what a command writes", async () => {
    const result = await shell(await run(), "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done", 30_000, 22);
    assert.deepEqual(result, { ended: true, exitCode: 0, output: "line 19998\nline 19999\n" });
  });

  test("not wait longer than asked for a command, and tell when it has ended", async () => {
    const id = await run();
    const result = await shell(id, "echo begun; while [ ! -e /done ]; do sleep 0.1; done", 500);
    assert.ok(!result.ended);
    assert.equal(result.output, "begun\n");
    assert.equal(await engine.isExecRunning(result.execId, never), true);
    await shell(id, "touch /done");
    await waitUntil("the command has ended", async () => !(await engine.isExecRunning(result.execId, never)));
    assert.equal(await engine.isExecRunning("0".repeat(64), never), false, "an engine that was restarted has forgotten it");
  });

  test("wait for a command that closes its output and goes on", async () => {
    const result = await shell(await run(), "exec >/dev/null 2>&1; sleep 0.3; exit 4");
    assert.deepEqual(result, { ended: true, exitCode: 4, output: "" });
  });

  test("say why a command cannot be run", async () => {
    const id = await run();
    const missing = await exec(id, ["no-such-command"]).catch((error: unknown) => error);
    const text = isHoldfastError(missing) ? missing.message : JSON.stringify(missing);
    assert.match(text, /no-such-command.*not found/);
    await fails(exec("0123456789ab", ["true"]), "engine-refused", /No such container/);
    await real.docker(["stop", "--time", "1", id]);
    await fails(exec(id, ["true"]), "engine-refused", /is not running/);
  });

  test("end at once when it is interrupted", async () => {
    const id = await run();
    const stop = new AbortController();
    const command = ["sh", "-c", "echo begun > /begun; sleep 1000"];
    const running = engine.exec({ containerId: id, command, timeoutMs: 60_000, outputBytes: 100 }, stop.signal);
    await waitUntil("the command runs", async () => (await real.docker(["exec", id, "cat", "/begun"])).stdout === "begun\n");
    stop.abort();
    await fails(running, "aborted", /interrupted/);
  });

  test("say that an engine does not answer, and not that a command is slow", async () => {
    const id = await run();
    real.freeze();
    try {
      await fails(exec(id, ["true"], 500), "engine-unreachable", /does not answer/);
      await fails(engine.imagePlatform(IMAGE, never), "engine-unreachable", /does not answer/);
    } finally {
      real.thaw();
    }
  });
});
