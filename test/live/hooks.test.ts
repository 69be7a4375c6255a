import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
    const told = host.history().find(({ event }) => event === "hook-ended");
    assert.equal(told?.stack, "shop");
    assert.match(told?.text ?? "", /^preConverge hook migrate has run: sh -c echo one/);
    assert.deepEqual(told?.output, ["migrated to one"]);
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

  it("that writes a secret of the host must be told without it, and by its last lines only", async () => {
    const secret = 'p$a.s*s[w]o(r)d "quoted" %41';
    mkdirSync(join(host.directory, "env"), { recursive: true });
    writeFileSync(join(host.directory, "env/shop.env"), `SHOP_KEY='${secret}'\n`, { mode: 0o600 });
    const script = 'seq 1 100; echo "key: $SHOP_KEY."; printf %s "$SHOP_KEY" | base64';
    for (const [version, end] of [
      ["secret-1", "true"],
      ["secret-2", "exit 4"],
    ]) {
      await host.push({
        "desired-state/stacks/shop/stack.yaml": `hosts: all\nhostEnvFiles: [shop.env]\nhooks:\n  preConverge: [{service: migrate, command: [sh, -c, ${JSON.stringify(`${script}; ${end}`)}]}]\n`,
        "desired-state/stacks/shop/compose.yaml": compose(
          { app: `environment: {VERSION: ${version}}`, db: DB },
          `${MIGRATE}    environment: {SHOP_KEY: "\${SHOP_KEY}"}\nvolumes: {data: {}}\n`,
        ),
      });
      assert.equal(await host.settle(), end === "true" ? "converged" : "failed");
      const { output = [], event } =
        host.history().findLast((entry) => entry.output !== undefined) ?? assert.fail("nothing is told");
      assert.equal(event, end === "true" ? "hook-ended" : "step-failed");
      assert.deepEqual([output.length, output.slice(-3)], [20, ["100", "key: ***.", "***"]]);
    }
    await host.tick();
    const texts = [host.log, host.history(), await host.alerts(), host.memory().plan, host.read("attempts/shop")];
    for (const text of texts.map((item) => JSON.stringify(item)))
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), btoa(secret).slice(0, 20), "$a.s*s"])
        assert.ok(!text.includes(form), text);
    await push("after-secrets", "echo after > /data/version");
    assert.equal(await host.settle(), "converged");
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
    const told = host.history().findLast(({ event }) => event === "step-failed");
    assert.deepEqual(told?.output, ["no space left for the index"]);
  });
});
