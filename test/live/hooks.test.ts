import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const MIGRATE = `  migrate:\n    image: busybox:1.35\n    profiles: [tools]\n    volumes: [data:/data]\n    command: ["true"]\n    depends_on: {db: {condition: service_healthy}}\n`;
const DB = `volumes: [data:/data]\nhealthcheck: {test: ["CMD", "true"], interval: 1s}`;

describe("a preConverge hook", () => {
  let host: Host;
  before(async () => {
    host = await startHost();
    await host.push({ "desired-state/fleet.yaml": fleet(host), "desired-state/hosts/box.yaml": "{}\n" });
  });
  after(() => host?.stop());

  const push = (version: string, script: string): Promise<string> =>
    host.push({
      "desired-state/stacks/shop/stack.yaml": `hosts: all\nhooks:\n  preConverge: [{service: migrate, command: [sh, -c, ${JSON.stringify(script)}]}]\n`,
      "desired-state/stacks/shop/compose.yaml": compose(
        { app: `environment: {VERSION: ${version}}`, db: DB },
        `${MIGRATE}volumes: {data: {}}\n`,
      ),
    });
  const read = (): Promise<string> => host.docker("exec", "shop-db-1", "cat", "/data/version");
  const id = async (name: string) => (await host.container(name))?.id;

  it("must run in a container of its own with the service's volumes, after what it needs is healthy", async () => {
    await push("one", "echo one > /data/version; echo migrated to one");
    assert.equal(await host.settle(), "converged");
    assert.equal(await read(), "one");
    assert.deepEqual((await host.containers()).map(({ name }) => name).sort(), ["shop-app-1", "shop-db-1"]);
    assert.ok(host.log.some(({ msg, output }) => msg === "hook ended" && output === "migrated to one"));
    assert.ok((await host.docker("volume", "ls", "--quiet")).split("\n").includes("shop_data"));
  });

  it("must run before a container is replaced, touch no other one, and not run again", async () => {
    const [app, db] = [await id("shop-app-1"), await id("shop-db-1")];
    await push("two", "echo two > /data/version");
    assert.equal(await host.settle(), "converged");
    assert.equal(await read(), "two");
    assert.notEqual(await id("shop-app-1"), app);
    assert.equal(await id("shop-db-1"), db);
    await host.docker("exec", "shop-db-1", "sh", "-c", "echo by hand > /data/version");
    host.boot();
    assert.equal(await host.settle(), "converged");
    assert.equal(await read(), "by hand");
  });

  it("that fails must leave what runs as it is, and be told with what it said", async () => {
    const app = await id("shop-app-1");
    await push("three", "echo no space left for the index >&2; exit 3");
    assert.equal(await host.settle(), "failed");
    assert.equal(await host.settle(), "failed");
    assert.equal(await id("shop-app-1"), app);
    const alert = (await host.alerts()).find(({ name }) => name === "HoldfastConvergeFailed");
    assert.match(
      alert?.text ?? "",
      /preConverge hook migrate: docker compose run: ended with code 3: no space left for the index/,
    );
  });
});
