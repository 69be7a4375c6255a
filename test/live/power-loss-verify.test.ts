import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import type { KeptRevision } from "../../agent/model/kept.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { type Boundary, eachBoundary } from "./killed/each-boundary.ts";
import { type Doomed, startDoomed } from "./killed/start-doomed.ts";
import { compose } from "./start-host.ts";

const PATIENT = { timeoutMs: 60_000, intervalMs: 20 };
const VERIFY: readonly Boundary[] = [
  ["engine.tagImage ", "after"],
  ["kept.keep ", "after"],
];
/** From the verdict on to the end of the way back. */
const ROLLBACK: readonly Boundary[] = [
  ["journal.note .*rolled-back", "before", "after"],
  ['store.write "quarantine/web"', "after"],
  ["placer.place ", "after"],
  ["compose.up ", "during", "after"],
  ['store.write "applied/web"', "after"],
];

describe("an agent that is killed while it judges a change must at its next start end in the right state:", () => {
  let doomed: Doomed;
  before(async () => {
    doomed = await startDoomed();
    await doomed.push({ "fleet.yaml": "interval: 1h\n", "hosts/box.yaml": "{}\n", ...web("good", "true") });
    doomed.start();
    await verified();
  });
  after(() => doomed?.stop());

  function web(round: string, check: string): Record<string, string> {
    const health = `healthcheck: {test: [CMD, "${check}"], interval: 1s, retries: 1}`;
    return {
      "stacks/web/stack.yaml": "hosts: all\nverify: {timeout: 4s}\n",
      "stacks/web/compose.yaml": compose({
        app: `labels: {round: ${round}}\nenvironment: {ROUND: ${round}}\nvolumes: ["./conf:/conf:ro"]\ninit: true\n${health}`,
        db: "init: true",
      }),
      "stacks/web/conf/round": round,
    };
  }
  const containers = async (): Promise<string[]> => {
    const text = await doomed.docker("ps", "--all", "--format", '{{.Names}} {{.State}} {{.Label "round"}}');
    return text
      .split("\n")
      .map((line) => line.trim())
      .sort();
  };
  const kept = (): KeptRevision[] => {
    const directory = join(doomed.stateDir, "kept/web");
    return readdirSync(directory)
      .map((name) => JSON.parse(readFileSync(join(directory, name, "kept.json"), "utf8")) as KeptRevision)
      .sort((a, b) => b.verifiedAtMs - a.verifiedAtMs);
  };
  async function verified(): Promise<void> {
    await doomed.until("it has verified", ({ healthy, revision, tip, stacks }) => {
      return healthy && revision === tip && stacks.every((stack) => stack.verified === true);
    });
  }

  describe("one that works is verified,", () => {
    eachBoundary(VERIFY, async (order, round) => {
      await doomed.killAt(order, web(round, "true"));
      await verified();
      assert.deepEqual(await containers(), [`web-app-1 running ${round}`, "web-db-1 running"]);
      const [newest] = kept();
      assert.equal(newest?.revision, (await doomed.status()).revision);
      assert.match(await doomed.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}"), /holdfast\/web-app:kept-/);
      const tree = join(doomed.stateDir, "kept/web", newest?.inputs ?? "", "tree/desired-state/stacks/web");
      assert.equal(readFileSync(join(tree, "conf/round"), "utf8"), round);
    });
  });

  describe("one that does not is taken back,", () => {
    let good: string | undefined;
    before(async () => {
      await doomed.push(web("good", "true"));
      doomed.ring();
      await doomed.until(
        "it is there",
        async ({ revision, tip }) => revision === tip && (await containers()).includes("web-app-1 running good"),
      );
      await verified();
      good = kept()[0]?.revision;
    });

    eachBoundary(ROLLBACK, async (order, round) => {
      const db = await doomed.docker("inspect", "--format", "{{.Id}}", "web-db-1");
      const bad = () =>
        waitUntil(
          "the bad revision is there",
          async () =>
            (await containers()).includes(`web-app-1 running ${round}`) &&
            (await doomed.status()).stacks[0]?.state === "converged",
          PATIENT,
        );
      await doomed.killAt(order, web(round, "false"), bad);
      await doomed.until(
        "it is taken back",
        async ({ stacks, drift }) =>
          stacks[0]?.state === "rolled-back" && drift.length === 0 && (await containers()).includes("web-app-1 running good"),
      );
      await doomed.until("it works", ({ stacks }) => stacks[0]?.health === "healthy");
      assert.deepEqual(await containers(), ["web-app-1 running good", "web-db-1 running"]);
      assert.equal(readFileSync(join(doomed.stateDir, "stacks/web/conf/round"), "utf8"), "good");
      assert.equal(await doomed.docker("exec", "web-app-1", "sh", "-c", "echo $ROUND; cat /conf/round"), "good\ngood");
      assert.equal(await doomed.docker("inspect", "--format", "{{.Id}}", "web-db-1"), db, "what had not changed stays");
      const { stacks, revision, tip } = await doomed.status();
      assert.deepEqual([stacks[0]?.revision, revision === tip], [good, true]);
      const told = (await doomed.history("web")).filter((entry) => entry.event === "rolled-back" && entry.revision === tip);
      assert.ok(told.length === 1 || (told.length === 2 && order.call.startsWith("journal.note")), JSON.stringify(told));
    });
  });
});
