import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { checkRegistries } from "../../../agent/reconcile/observe/check-registries.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "../fake-host.ts";

const IMAGE = "docker.io/library/busybox:1.35";
const [ONE, TWO] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`];
const PERIOD_MS = 17 * 60_000;
const never = new AbortController().signal;

describe("a tag that names another image in its registry", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = createFakeHost();
    host.world.setDigests("busybox:1.35", [`busybox@${ONE}`]);
    host.registry.digests.set(IMAGE, ONE);
  });

  async function start(more = ""): Promise<void> {
    host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }, more) });
    await host.verify();
  }
  async function check(): Promise<boolean> {
    host.clock.advance(PERIOD_MS);
    const { desired } = host.memory();
    assert.ok(desired);
    const news = await checkRegistries(desired, "box", host.ports, never);
    await host.tick();
    return news;
  }
  const kinds = (): string[] => (host.memory().plan?.drift ?? []).map(({ kind, mode }) => `${kind} ${mode}`);
  const id = () => host.world.containers()[0]?.id;

  it("must be reported, and nothing be changed, until it is fetched", async () => {
    await start();
    assert.equal(await check(), false);
    assert.deepEqual(kinds(), []);
    const before = id();
    host.registry.digests.set(IMAGE, TWO);
    assert.equal(await check(), true);
    assert.deepEqual(kinds(), ["image-moved report"]);
    assert.equal(id(), before);
    assert.deepEqual(
      host
        .alerting()
        .firing()
        .map(({ alert }) => alert.labels["kind"]),
      ["image-moved"],
    );
    host.restart();
    await host.tick();
    assert.deepEqual(kinds(), ["image-moved report"], "also after a restart");
    host.world.setDigests("busybox:1.35", [`busybox@${ONE}`, `busybox@${TWO}`]);
    assert.equal(await check(), true);
    assert.deepEqual(kinds(), []);
  });

  it("must be fetched and run where the stack wants that", async () => {
    await start("drift: {rules: {image-moved: heal}}\n");
    const before = id();
    host.registry.digests.set(IMAGE, TWO);
    host.compose.onPull(() => void host.world.addImage("busybox:1.35", "sha256:newer"));
    await check();
    assert.notEqual(id(), before);
    assert.equal(host.world.find(id() ?? "")?.imageId, "sha256:newer");
    assert.ok(host.compose.calls.includes("pull --policy always app"), host.compose.calls.join("\n"));
    assert.deepEqual(kinds(), []);
  });

  it("must not be fetched again and again when it is the same for this platform", async () => {
    await start("drift: {rules: {image-moved: heal}}\n");
    host.registry.digests.set(IMAGE, TWO);
    await check();
    for (let round = 0; round < 3; round += 1) await host.tick();
    assert.equal(host.compose.calls.filter((call) => call.startsWith("pull")).length, 1);
  });

  it("must not be asked for where nobody wants to know, or a registry could not say", async () => {
    await start("drift: {rules: {image-moved: ignore}}\n");
    await check();
    assert.deepEqual(host.registry.calls, []);
    host.git.commit(stackFiles("web", { app: "" }));
    await host.verify();
    host.world.setDigests("busybox:1.35", []);
    await check();
    assert.deepEqual(host.registry.calls, [], "an image that was built here");
    const { desired } = host.memory();
    assert.ok(desired);
    const before = host.engine.calls.length;
    for (let minute = 0; minute < 10; minute += 1) {
      await checkRegistries(desired, "box", host.ports, never);
      host.clock.advance(60_000);
    }
    assert.equal(host.engine.calls.length, before, "nor is the engine asked about it each minute");
  });

  it("must not be asked for more than once in a quarter of an hour, and a registry that fails be told once", async () => {
    await start();
    host.registry.digests.clear();
    const { desired } = host.memory();
    assert.ok(desired);
    for (let minute = 0; minute < 120; minute += 1) {
      await checkRegistries(desired, "box", host.ports, never);
      host.clock.advance(60_000);
    }
    assert.ok(host.registry.calls.length >= 2 && host.registry.calls.length <= 4, String(host.registry.calls.length));
    assert.deepEqual(host.messages("warn"), ["a registry does not answer"]);
    assert.deepEqual(kinds(), []);
  });
});
