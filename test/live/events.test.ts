import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const HOUR_MS = 3_600_000;

describe("an agent that polls once an hour", () => {
  let host: Host;
  const stop = new AbortController();
  let running: Promise<void>;
  before(async () => {
    host = await startHost({ intervalMs: HOUR_MS });
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "{}\n",
      "desired-state/stacks/web/stack.yaml": "hosts: all\n",
      "desired-state/stacks/web/compose.yaml": compose({ app: "", db: "" }),
    });
    running = host.run(stop.signal);
    running.catch(() => undefined);
    await runs("web-app-1", "web-db-1");
  });
  // Five heals in ten minutes would be a fight.
  beforeEach(() => host.forget("heal/web"));
  after(async () => {
    stop.abort();
    await running?.catch(() => undefined);
    await host?.stop();
  });

  const runs = (...names: string[]): Promise<unknown> =>
    waitUntil(
      `${names.join(" and ")} run, and nothing is left to do`,
      async () => {
        const containers = await host.containers().catch(() => []);
        const up = names.every((name) => containers.some((item) => item.name === name && item.state === "running"));
        return up && host.memory().quiet && !host.memory().watch.news;
      },
      // A revision is watched for a while before it counts as verified.
      { timeoutMs: 60_000 },
    );
  async function started(name: string): Promise<{ id: string; starts: string }> {
    const told = await host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", name);
    const [id = "", starts = ""] = told.split(" ");
    return { id, starts };
  }
  const polls = (): number => host.git.requests.length;

  for (const [act, argv] of [
    ["docker rm -f", ["rm", "-f", "web-app-1"]],
    ["docker stop", ["stop", "-t", "0", "web-app-1"]],
    ["docker kill", ["kill", "web-db-1"]],
    ["docker pause", ["pause", "web-db-1"]],
  ] as const) {
    it(`must mend ${act} without waiting for its poll`, async () => {
      const before = polls();
      await host.docker(...argv);
      await runs("web-app-1", "web-db-1");
      assert.equal(polls(), before);
    });
  }

  for (const [act, argv, action] of [
    ["docker rename", ["rename", "web-app-1", "mine"], "rename"],
    ["docker update", ["update", "--restart", "no", "web-db-1"], "update"],
    ["docker network disconnect", ["network", "disconnect", "web_default", "web-app-1"], "connect"],
    ["docker network connect", ["network", "connect", "bridge", "web-app-1"], "disconnect"],
  ] as const) {
    it(`must mend ${act} without waiting for its poll, and without a restart`, async () => {
      const [before, told] = [polls(), host.log.length];
      const { id, starts } = await started(argv.findLast((word) => /^web-\w+-1$/.test(word)) ?? "");
      await host.docker(...argv);
      const mended = () => host.log.slice(told).some((line) => line.msg === "step" && line["action"] === action);
      await waitUntil("it is mended", mended);
      await runs("web-app-1", "web-db-1");
      assert.equal(polls(), before);
      assert.equal(await host.docker("inspect", "-f", "{{.State.StartedAt}}", id), starts);
    });
  }

  it("must find what happened while the engine was gone, once it is back", async () => {
    await host.engine.endDaemon();
    await waitUntil("the stream is gone", async () => !host.memory().watch.streaming);
    await host.engine.startDaemon();
    await waitUntil("the stream is back", async () => host.memory().watch.streaming);
    await runs("web-app-1", "web-db-1");
  });
});
