import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../agent/model/desired.ts";
import type { AppliedStack } from "../../agent/plan/applied-stack.ts";
import { keys } from "../../agent/reconcile/store-keys.ts";
import type { FakeContainer } from "../fakes/engine-world.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "./fake-host.ts";

const never = new AbortController().signal;

async function openHost(
  services: Readonly<Record<string, string>> = { web: "mem_limit: '67108864'", db: "" },
): Promise<FakeHost> {
  const host = createFakeHost();
  host.git.commit({ ...BOX, ...stackFiles("shop", services) });
  assert.equal(await host.settle(), "converged", JSON.stringify(host.log));
  assert.deepEqual(host.memory().plan?.drift, []);
  return host;
}

function find(host: FakeHost, name: string): FakeContainer {
  const found = host.world.containers().find((container) => container.name === name);
  assert.ok(found, `there is ${name} among ${host.world.containers().map((container) => container.name)}`);
  return found;
}

const drift = (host: FakeHost): string[] => host.memory().plan?.drift.map(({ kind, mode }) => `${kind} ${mode}`) ?? [];
const healed = (host: FakeHost): string[] => host.memory().healed.map(({ kind }) => kind);
const ups = (host: FakeHost): string[] => host.compose.calls.filter((call) => call.startsWith("up"));

describe("what people change by hand", () => {
  test("must be healed without Compose and without replacing anything: name, networks, limits", async () => {
    const host = await openHost();
    const before = [ups(host).length, find(host, "shop-web-1").id, find(host, "shop-web-1").starts];
    const { id } = find(host, "shop-web-1");
    const far = host.world.addNetwork("somebodys");
    host.world.change(id, { name: "mine" });
    host.world.change(id, { endpoints: { somebodys: { networkId: far, endpointId: "x", aliases: [] } } });
    await host.engine.engine.update(id, { memory: 5, restart: "no" }, never);
    // Nobody tells that it was updated while no events are followed; an audit finds it.
    host.memory().details.invalidate(id);
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(healed(host).sort(), ["limits", "network", "network", "renamed"]);
    const web = find(host, "shop-web-1");
    assert.deepEqual([ups(host).length, web.id, web.starts], before);
    assert.deepEqual(Object.keys(web.endpoints ?? {}), ["shop_default"]);
    assert.deepEqual(web.endpoints?.["shop_default"]?.aliases, ["web"]);
    assert.deepEqual([web.limits.memory, web.limits.memorySwap, web.limits.restart], [67_108_864, 134_217_728, "always"]);
    assert.equal(await host.tick(), "converged");
    assert.deepEqual(drift(host), []);
  });

  test("must be seen to be healed: what an update set is looked at again", async () => {
    const host = await openHost();
    const { id } = find(host, "shop-web-1");
    await host.engine.engine.update(id, { restart: "no" }, never);
    host.memory().details.invalidate(id);
    assert.equal(await host.tick(), "converged");
    assert.deepEqual([healed(host), drift(host)], [["limits"], []]);
  });

  test("must replace the containers of the service where nothing else helps, and only those", async () => {
    const host = await openHost();
    const [web, db] = [find(host, "shop-web-1"), find(host, "shop-db-1")];
    await host.engine.engine.update(web.id, { cpuShares: 7 }, never);
    host.memory().details.invalidate();
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(healed(host), ["limits"]);
    assert.equal(ups(host).at(-1), "up --force-recreate web");
    assert.notEqual(find(host, "shop-web-1").id, web.id);
    assert.equal(find(host, "shop-db-1").id, db.id);
    assert.equal(find(host, "shop-web-1").limits.cpuShares, 0);
  });

  test("must recreate what holds on to a network that is gone, or was made anew by another service's start", async () => {
    const host = await openHost();
    for (const { id } of host.world.containers()) host.world.stop(id);
    host.world.removeNetwork("shop_default");
    // What is known of the networks is from before, so that the first attempt is to start them.
    assert.notEqual(await host.settle(), "waiting");
    assert.equal(await host.settle(), "converged", JSON.stringify(host.log.filter(({ level }) => level === "error")));
    assert.equal(await host.tick(), "converged");
    assert.deepEqual(drift(host), []);
    assert.ok(host.world.containers().every(({ state }) => state === "running"));
  });

  test("must be told readably and tried less and less often where a name is taken, and nothing else wait for it", async () => {
    const host = await openHost();
    const { id } = find(host, "shop-web-1");
    host.world.change(id, { name: "mine" });
    const other = host.world.create({ project: "other", service: "x", name: "shop-web-1", listed: false });
    host.world.stop(find(host, "shop-db-1").id);
    assert.equal(await host.settle(), "failed");
    assert.equal(await host.settle(), "failed");
    const [line] = host.log.filter(({ msg }) => msg === "step failed");
    assert.equal(line?.["error"], `the name shop-web-1 is taken by container ${other.id.slice(0, 12)}, which is not this one's`);
    assert.match(String(line?.["hint"]), /remove that container, or give it another name/);
    assert.equal(host.memory().plan?.stacks[0]?.held?.reason, "backing-off");
    assert.equal(await host.settle(), "failed");
    assert.equal(find(host, "shop-db-1").state, "running");
    const calls = host.engine.calls.filter((call) => call.startsWith("rename")).length;
    await host.tick();
    assert.equal(host.engine.calls.filter((call) => call.startsWith("rename")).length, calls, "it backs off");
    host.world.remove(other.id);
    host.clock.advance(600_000);
    assert.equal(await host.settle(), "converged");
    assert.equal(find(host, "shop-web-1").id, id);
  });

  test("must be finished where Compose was killed between removing the old container and naming the new one", async () => {
    const host = await openHost();
    const { id, ...web } = find(host, "shop-web-1");
    host.world.remove(id);
    host.world.create({ ...web, name: `${id.slice(0, 12)}_shop-web-1`, state: "created" });
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(healed(host), ["renamed", "stopped"]);
    assert.equal(find(host, "shop-web-1").state, "running");
  });

  test("must only be told where a volume or a network has another definition", async () => {
    const host = createFakeHost();
    host.world.addNetwork("shop_default", { internal: true });
    host.world.addVolume("shop_data", { driver: "nfs" });
    const files = stackFiles("shop", { web: "" }) as Record<string, string>;
    const path = "desired-state/stacks/shop/compose.yaml";
    host.git.commit({ ...BOX, ...files, [path]: `${files[path]}volumes: {data: {name: shop_data}}\n` });
    assert.equal(await host.settle(), "converged");
    await host.tick();
    assert.deepEqual(drift(host), ["volume report", "network-definition report"]);
    assert.equal(host.world.networks().find(({ name }) => name === "shop_default")?.internal, true);
  });
});

describe("another version of Compose", () => {
  /** Renders a service with a field more, as another version may. */
  async function openUpgradable() {
    const host = createFakeHost({
      wrap(adapters) {
        const { compose } = adapters;
        const render: typeof compose.render = async (request, signal) => {
          const rendered = await compose.render(request, signal);
          if ((await compose.version(signal)) === "2.26.1") return rendered;
          const services = Object.entries(rendered["services"] as JsonObject).map(([name, service]) => [
            name,
            { ...(service as JsonObject), sysctls: { upgraded: true } },
          ]);
          return { ...rendered, services: Object.fromEntries(services) };
        };
        const port = new Proxy(compose, { get: (target, key) => (key === "render" ? render : Reflect.get(target, key)) });
        return { ...adapters, compose: port };
      },
    });
    host.compose.upgrade("2.26.1");
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "", db: "" }), ...stackFiles("blog", { app: "" }) });
    assert.equal(await host.settle(), "converged");
    return host;
  }
  const renders = (host: FakeHost): number => host.compose.calls.filter((call) => call.startsWith("config")).length;
  const ids = (host: FakeHost): string[] => host.world.containers().map(({ name, id }) => `${name} ${id}`);

  test("must render everything once more, replace nothing, and be told until something real changes", async () => {
    const host = await openUpgradable();
    const [before, rendered] = [ids(host), renders(host)];
    host.compose.upgrade("2.40.3");
    assert.equal(await host.tick(), "converged");
    assert.equal(renders(host), rendered + 2, "once per stack");
    for (let poll = 0; poll < 3; poll += 1) assert.equal(await host.tick(), "converged");
    assert.equal(renders(host), rendered + 2, "not at each poll");
    // So that it is known when the commit of before cannot be read any more.
    assert.equal(host.store.read<AppliedStack>(keys.applied("shop"))?.tool, "2.40.3/1");
    assert.deepEqual(ids(host), before);
    assert.deepEqual(drift(host), ["tool-changed report", "tool-changed report", "tool-changed report"]);
    assert.deepEqual(
      host.memory().plan?.drift.map(({ service, cause }) => [service, cause.split(";")[0]]),
      ["app", "db", "web"].map((name) => [
        name,
        `Compose 2.40.3 renders service ${name} differently than 2.26.1 did: field sysctls`,
      ]),
    );
  });

  for (const how of ["restart", "boot"] as const) {
    test(`must be told after a ${how} as before`, async () => {
      const host = await openUpgradable();
      host.compose.upgrade("2.40.3");
      await host.tick();
      const told = host.memory().plan?.drift;
      const before = ids(host);
      host.git.commit({ "desired-state/README.md": "another revision\n" });
      await host.tick();
      host.restart(how === "boot" ? "boot" : undefined);
      assert.equal(await host.settle(), "converged");
      assert.deepEqual(host.memory().plan?.drift, told);
      assert.deepEqual(ids(host), before);
    });
  }

  for (const [when, upgraded] of [
    ["was seen before", true],
    ["comes at the same time", false],
  ] as const) {
    test(`must be applied with a service's next real change, and with that service only, when it ${when}`, async () => {
      const host = await openUpgradable();
      const before = new Map(host.world.containers().map(({ name, id }) => [name, id]));
      if (upgraded) {
        host.compose.upgrade("2.40.3");
        await host.tick();
      }
      const rendered = renders(host);
      host.git.commit(stackFiles("shop", { web: "environment: {CHANGED: '1'}", db: "" }));
      host.compose.upgrade("2.40.3");
      assert.equal(await host.settle(), "converged");
      // What the tools alone change is known, or costs one rendering of what was before, beside the other stack's.
      assert.equal(renders(host), rendered + (upgraded ? 1 : 3));
      const replaced = host.world.containers().filter(({ name, id }) => before.get(name) !== id);
      assert.deepEqual(
        replaced.map(({ name }) => name),
        ["shop-web-1"],
      );
      await host.tick();
      assert.deepEqual(
        host.memory().plan?.drift.map(({ service, kind }) => [service, kind]),
        [
          ["app", "tool-changed"],
          ["db", "tool-changed"],
        ],
      );
    });
  }

  test("must be forgotten when the version is put back", async () => {
    const host = await openUpgradable();
    const before = ids(host);
    host.compose.upgrade("2.40.3");
    await host.tick();
    host.compose.upgrade("2.26.1");
    await host.tick();
    assert.deepEqual([drift(host), ids(host)], [[], before]);
  });
});
