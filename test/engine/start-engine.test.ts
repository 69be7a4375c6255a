import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { commitVariant, loadImages, tagImage } from "./load-images.ts";
import { isAlive } from "./processes.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
import { type Engine, pingEngine, startEngine } from "./start-engine.ts";
import { waitUntil } from "./wait-until.ts";

const BUSYBOX = "busybox:1.35";

describe("an engine", () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine({ addresses: ["100.64.0.5"] });
    await loadImages(engine.socket, [BUSYBOX]);
  });
  after(() => engine.stop());

  const docker = async (...argv: string[]) => (await engine.docker(argv)).stdout.trim();

  test("must publish a port on the namespace's address, and only there", async () => {
    const page = "echo hello >/index.html && exec httpd -f -p 80 -h /";
    await docker("run", "-d", "--name", "web", "-p", "100.64.0.5:80:80", "--runtime", "nvidia", BUSYBOX, "sh", "-c", page);
    const ask = async (address: string) =>
      engine.exec(["busybox", "wget", "-q", "-O", "-", `http://${address}/`], { allowFailure: true });
    const answer = await waitUntil("the page is served", async () => {
      const { stdout } = await ask("100.64.0.5");
      return stdout.trim();
    });
    assert.equal(answer, "hello");
    assert.notEqual((await ask("127.0.0.1")).exitCode, 0);
    await docker("rm", "-f", "web");
  });

  test("must stop a busybox container at once", async () => {
    await docker("run", "-d", "--name", "sleeper", "--memory", "32m", BUSYBOX, "sleep", "1000");
    const startedAt = performance.now();
    await docker("stop", "sleeper");
    assert.ok(performance.now() - startedAt < 3_000);
    assert.equal(await docker("inspect", "--format", "{{.State.ExitCode}}", "sleeper"), "143");
    await docker("rm", "sleeper");
  });

  test("must take another image under the same tag", async () => {
    const [old = ""] = Object.values(await loadImages(engine.socket, [BUSYBOX]));
    const id = await commitVariant(engine.socket, BUSYBOX, BUSYBOX, { environment: { COLOR: 'blue "sky"' } });
    assert.notEqual(id, old);
    assert.equal(await docker("image", "inspect", "--format", "{{.Id}}", BUSYBOX), id);
    assert.equal(await docker("run", "--rm", BUSYBOX, "sh", "-c", "echo $COLOR"), 'blue "sky"');
    await tagImage(engine.socket, old, BUSYBOX);
    assert.equal(await docker("image", "inspect", "--format", "{{.Id}}", BUSYBOX), old);
  });

  test("must answer again after a freeze, a crash and a power cut", async () => {
    await docker("run", "-d", "--name", "keeper", "--restart", "always", BUSYBOX, "sleep", "1000");
    engine.freeze();
    assert.equal(await pingEngine(engine.socket, 200), false);
    engine.thaw();
    assert.equal(await pingEngine(engine.socket, 5_000), true);
    await engine.endDaemon("SIGKILL");
    assert.equal(await pingEngine(engine.socket), false);
    await engine.startDaemon();
    engine.powerOff();
    await engine.startDaemon();
    await waitUntil("the container runs again", async () => (await docker("ps", "-q", "--filter", "name=keeper")) !== "");
  });
});

test("engines on one bridge must reach each other by address", async () => {
  const bridge = { name: `hfb${process.pid}`, hostAddress: "192.168.253.1/24" };
  const engines = await Promise.all(
    ["192.168.253.121", "192.168.253.122"].map((address) => startEngine({ addresses: [address], bridge })),
  );
  try {
    for (const [index, engine] of engines.entries()) {
      await loadImages(engine.socket, [BUSYBOX]);
      const command = ["run", "-d", "-p", `192.168.253.${121 + index}:80:80`, BUSYBOX, "sh", "-c"];
      await engine.docker([...command, `echo ${index} >/index.html && exec httpd -f -p 80 -h /`]);
    }
    // From a container of one, through its engine's address translation, to the other; and from the machine itself.
    const fetchOther = ["run", "--rm", BUSYBOX, "wget", "-q", "-O", "-", "http://192.168.253.122/"];
    const text = await waitUntil("the other engine answers", async () => (await engines[0]?.docker(fetchOther))?.stdout.trim());
    assert.equal(text, "1");
    assert.equal((await (await fetch("http://192.168.253.121/")).text()).trim(), "0");
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()));
  }
  assert.equal(existsSync(`/sys/class/net/${bridge.name}`), false);
});

test("a failed start must say why and leave nothing behind", async () => {
  const directory = createTemporaryDirectory("hf-bad-");
  await assert.rejects(startEngine({ directory, configuration: { "storage-driver": "nonsense" } }), /nonsense/);
  assert.deepEqual(readdirSync(directory), []);
});

test("an engine whose test process was killed must be removable", async () => {
  const directory = createTemporaryDirectory("hf-dead-");
  mkdirSync(directory, { recursive: true });
  const program = `
    const { startEngine } = await import(${JSON.stringify(join(import.meta.dirname, "start-engine.ts"))});
    const { loadImages } = await import(${JSON.stringify(join(import.meta.dirname, "load-images.ts"))});
    const engine = await startEngine({ directory: ${JSON.stringify(directory)} });
    await loadImages(engine.socket, ["${BUSYBOX}"]);
    await engine.docker(["run", "-d", "${BUSYBOX}", "sleep", "1000"]);
    console.log(JSON.stringify({ pid: engine.pid(), netns: engine.netns }));
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of owner.stdout) {
    output += String(chunk);
    if (output.includes("\n")) break;
  }
  const { pid, netns } = JSON.parse(output) as { pid: number; netns: string };
  owner.kill("SIGKILL");
  await waitUntil("the owner is gone", () => owner.signalCode !== null);
  assert.ok(isAlive(pid), "the engine outlives its owner");
  assert.ok(removeLeftovers().includes(netns.slice(3)));
  assert.equal(isAlive(pid), false);
  assert.equal(existsSync(`/run/netns/${netns}`), false);
  assert.deepEqual(readdirSync(directory), []);
  assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(directory));
});
