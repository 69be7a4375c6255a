import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { commitVariant } from "../engine/load-images.ts";
import { type RegistryServer, startRegistry } from "../servers/registry.ts";
import { type Boundary, eachBoundary, listOrders } from "./killed/each-boundary.ts";
import { type Doomed, startDoomed } from "./killed/start-doomed.ts";
import { compose } from "./start-host.ts";

/** What a change of a stack consists of; where one step ends the next begins. */
const CHANGE: readonly Boundary[] = [
  ['store.write "accepted"', "before", "after"],
  ["placer.place ", "before", "after"],
  ['store.write "placed/web"', "after"],
  ["compose.up ", "before", "during", "after"],
  ['store.write "applied/web"', "before", "after"],
];
const PULL: readonly Boundary[] = [["compose.pull ", "during", "after"]];
const HOOK: readonly Boundary[] = [
  ["compose.run ", "before", "during", "after"],
  ['store.write "hooks/shop"', "after"],
];
const REMOVAL: readonly Boundary[] = [
  ['store.write "removal/left"', "before", "after"],
  ["engine.remove ", "during", "after"],
  ["engine.removeNetworks ", "before", "after"],
  ["placer.place ", "after"],
  ['store.remove "applied/left"', "after"],
  ['store.remove "removal/left"', "before"],
];

describe("an agent that is killed at the boundary of a step must at its next start end in the right state:", () => {
  let doomed: Doomed;
  before(async () => {
    doomed = await startDoomed();
    await doomed.push({
      "fleet.yaml": 'interval: 1h\nprune: {maxRemovals: "100%"}\n',
      "hosts/box.yaml": "{}\n",
      ...web("first"),
      ...shop("first"),
    });
    doomed.start();
    await converged();
  });
  after(() => doomed?.stop());

  const END_AT_ONCE = "init: true";
  function web(round: string): Record<string, string> {
    const services = { app: `labels: {round: ${round}}\nvolumes: ["./conf:/conf:ro"]\n${END_AT_ONCE}`, db: END_AT_ONCE };
    return {
      "stacks/web/stack.yaml": "hosts: all\n",
      "stacks/web/compose.yaml": compose(services),
      "stacks/web/conf/round": round,
    };
  }
  function shop(round: string): Record<string, string> {
    const migrate = 'migrate: {image: "busybox:1.35", profiles: [tools], volumes: ["data:/data"]}';
    const command = `[sh, -c, "echo ${round} >> /data/runs; sleep 1; echo ${round} > /data/version"]`;
    return {
      "stacks/shop/stack.yaml": `hosts: all\nhooks: {preConverge: [{service: migrate, command: ${command}}]}\n`,
      "stacks/shop/compose.yaml": compose(
        { app: `labels: {round: ${round}}\nvolumes: ["data:/data"]\n${END_AT_ONCE}` },
        `  ${migrate}\nvolumes: {data: {}}\n`,
      ),
    };
  }
  /** Every container of a stack, with what tells its round. */
  const containers = async (stack: string): Promise<string[]> => {
    const format = '{{.Names}} {{.State}} {{.Label "round"}}';
    const filter = `label=com.docker.compose.project=${stack}`;
    return (await doomed.docker("ps", "--all", "--filter", filter, "--format", format))
      .split("\n")
      .map((line) => line.trim())
      .sort();
  };
  async function converged(): Promise<void> {
    await doomed.until(
      "everything is converged",
      ({ healthy, revision, tip, drift }) => healthy && revision !== undefined && revision === tip && drift.length === 0,
    );
  }

  describe("a change of files and containers,", () => {
    eachBoundary(CHANGE, async (order, round) => {
      const db = await doomed.docker("inspect", "--format", "{{.Id}}", "web-db-1");
      await doomed.killAt(order, web(round));
      await converged();
      assert.deepEqual(await containers("web"), [`web-app-1 running ${round}`, "web-db-1 running"]);
      assert.equal(readFileSync(join(doomed.stateDir, "stacks/web/conf/round"), "utf8"), round);
      assert.equal(await doomed.docker("exec", "web-app-1", "cat", "/conf/round"), round);
      assert.equal(await doomed.docker("inspect", "--format", "{{.Id}}", "web-db-1"), db, "what did not change stays");
    });
  });

  describe("an image that is fetched,", () => {
    let registry: RegistryServer;
    before(async () => {
      registry = await startRegistry({ enter: doomed.engine.enter });
    });
    after(() => registry?.stop());

    eachBoundary(PULL, async (order, round) => {
      const image = `${registry.host}/app:${round}`;
      await commitVariant(doomed.engine.socket, "busybox:1.35", image);
      await doomed.docker("push", "--quiet", image);
      await doomed.docker("image", "rm", image);
      await doomed.killAt(order, {
        "stacks/web/compose.yaml": compose({ app: `labels: {round: ${round}}\n${END_AT_ONCE}`, db: END_AT_ONCE }).replace(
          "busybox:1.35",
          image,
        ),
      });
      await converged();
      assert.deepEqual(await containers("web"), [`web-app-1 running ${round}`, "web-db-1 running"]);
      assert.equal(await doomed.docker("inspect", "--format", "{{.Config.Image}}", "web-app-1"), image);
    });
  });

  describe("a hook before a change,", () => {
    eachBoundary(HOOK, async (order, round) => {
      await doomed.killAt(order, shop(round));
      await converged();
      assert.deepEqual(await containers("shop"), [`shop-app-1 running ${round}`], "no container of the hook is left");
      assert.equal(await doomed.docker("exec", "shop-app-1", "cat", "/data/version"), round, "it has run to its end");
      const runs = (await doomed.docker("exec", "shop-app-1", "cat", "/data/runs")).split("\n").filter((line) => line === round);
      const noted = order.call.startsWith("store.write");
      assert.ok(runs.length === 1 || (!noted && runs.length === 2), `once more where nobody knows that it ended: ${runs.length}`);
    });
  });

  describe("the removal of a stack,", () => {
    const REST = "volumes: {data: {}}\nnetworks: {lan: {}}\n";
    const service = `volumes: ["data:/data"]\nnetworks: [lan]\n${END_AT_ONCE}`;
    const left = {
      "stacks/left/stack.yaml": "hosts: all\n",
      "stacks/left/compose.yaml": compose({ app: service, db: service }, REST),
    };
    eachBoundary(REMOVAL, async (order) => {
      const directory = join(doomed.stateDir, "stacks/left");
      await doomed.push(left);
      doomed.ring();
      await doomed.until("it is there", ({ stacks, healthy }) => healthy && stacks.some(({ name }) => name === "left"));
      mkdirSync(join(directory, "data"), { recursive: true });
      writeFileSync(join(directory, "data/notes"), "theirs");
      await doomed.killAt(order, { "stacks/left/stack.yaml": null, "stacks/left/compose.yaml": null });
      await converged();
      assert.deepEqual(await containers("left"), [""]);
      assert.equal(await doomed.docker("network", "ls", "--quiet", "--filter", "name=left_"), "");
      assert.equal(await doomed.docker("volume", "ls", "--quiet", "--filter", "name=left_"), "left_data");
      assert.equal(existsSync(join(directory, "compose.yaml")), false);
      assert.equal(readFileSync(join(directory, "data/notes"), "utf8"), "theirs");
      assert.deepEqual(await containers("shop"), [`shop-app-1 running r${listOrders(HOOK).length}`]);
    });
  });
});
