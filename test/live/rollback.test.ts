import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { commitVariant } from "../engine/load-images.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const STACK = "hosts: all\nverify: {timeout: 15s}\n";
const CHECK = (test: string): string => `healthcheck: {test: ["CMD-SHELL", "${test}"], interval: 1s, retries: 2, timeout: 2s}`;
const WEB = (environment: string, test: string): string =>
  compose({ app: `environment: {MODE: ${environment}}\nvolumes: ["./conf:/conf:ro"]\n${CHECK(test)}`, db: "" });

describe("a revision that does not get healthy", () => {
  let host: Host;
  before(async () => {
    host = await startHost();
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "{}\n",
      "desired-state/stacks/web/stack.yaml": STACK,
      "desired-state/stacks/web/compose.yaml": WEB("one", "grep good /conf/mode"),
      "desired-state/stacks/web/conf/mode": "good\n",
      "desired-state/stacks/other/stack.yaml": "hosts: all\n",
      "desired-state/stacks/other/compose.yaml": compose({ app: "" }),
    });
    await settled("web", "verified");
    await settled("other", "verified");
  });
  after(() => host?.stop());

  const mode = (): string => readFileSync(join(host.directory, "state/stacks/web/conf/mode"), "utf8");
  const id = async (name: string) => (await host.container(name))?.id;
  const environment = () => host.docker("exec", "web-app-1", "sh", "-c", "echo $MODE");
  /** Ticks until the stack has been judged, or taken back. */
  const settled = (stack: string, as: "verified" | "quarantined"): Promise<unknown> =>
    waitUntil(
      `${stack} is ${as}`,
      async () => {
        await host.tick();
        const quarantine = host.read(`quarantine/${stack}`);
        if (as === "quarantined") return quarantine;
        return (host.read(`verification/${stack}`) as { state?: string } | undefined)?.state === "verified";
      },
      { timeoutMs: 60_000, intervalMs: 250 },
    );

  it("must go back to the file, the environment and the containers that verified, and touch nothing else", async () => {
    const [db, other] = [await id("web-db-1"), await id("other-app-1")];
    await host.push({
      "desired-state/stacks/web/compose.yaml": WEB("two", "echo it is bad; false"),
      "desired-state/stacks/web/conf/mode": "bad\n",
    });
    await waitUntil("the new revision is there", async () => {
      await host.tick();
      return mode() === "bad\n" && (await environment().catch(() => "")) === "two";
    });
    await settled("web", "quarantined");
    await settled("web", "verified");
    assert.equal(mode(), "good\n");
    assert.equal(await environment(), "one");
    assert.deepEqual([await id("web-db-1"), await id("other-app-1")], [db, other]);
    const alert = (await host.alerts()).find(({ name }) => name === "HoldfastRolledBack");
    assert.equal(alert?.labels["stack"], "web");
    assert.match(alert?.text ?? "", /did not get healthy and was rolled back/);
  });

  it("must stay back after a boot, with the Git server gone", async () => {
    const app = await id("web-app-1");
    await host.git.goDown();
    host.boot();
    for (let round = 0; round < 3; round += 1) await host.tick();
    assert.equal(await id("web-app-1"), app);
    assert.equal(await environment(), "one");
    await host.git.comeUp();
  });

  it("that fixes it must be converged, and end the alert", async () => {
    await host.push({
      "desired-state/stacks/web/compose.yaml": WEB("three", "grep better /conf/mode"),
      "desired-state/stacks/web/conf/mode": "better\n",
    });
    await waitUntil("it is there", async () => {
      await host.tick();
      return (await environment().catch(() => "")) === "three";
    });
    await settled("web", "verified");
    await host.tick();
    assert.deepEqual(
      (await host.alerts()).filter(({ name }) => name === "HoldfastRolledBack"),
      [],
    );
  });

  it("with an image that crashes must go back to the image that verified, although its tag has moved on", async () => {
    const files = (image: string) => ({
      "desired-state/stacks/app/stack.yaml": STACK,
      "desired-state/stacks/app/compose.yaml": `services:\n  main:\n    image: ${image}\n    restart: always\n    command: [sleep, "1000"]\n`,
    });
    await host.docker("tag", "busybox:1.35", "moving:1");
    await host.push(files("moving:1"));
    await settled("app", "verified");
    const before = await host.container("app-main-1");
    const bad = files("moving:1");
    await host.push({
      ...bad,
      "desired-state/stacks/app/compose.yaml": bad["desired-state/stacks/app/compose.yaml"].replace(
        '[sleep, "1000"]',
        '[sh, -c, "echo cannot reach the database; sleep 1; exit 1"]',
      ),
    });
    await waitUntil("it crashes", async () => {
      await host.tick();
      return (await host.container("app-main-1"))?.state === "restarting";
    });
    await commitVariant(host.engine.socket, "busybox:1.35", "moving:1");
    await settled("app", "quarantined");
    await settled("app", "verified");
    const back = await host.container("app-main-1");
    assert.equal(back?.state, "running");
    assert.equal(back?.imageId, before?.imageId);
    const alert = (await host.alerts()).find(({ name, labels }) => name === "HoldfastRolledBack" && labels["stack"] === "app");
    assert.match(alert?.text ?? "", /last lines of app-main-1:\n {2}cannot reach the database/);
  });

  it("of a stack that never verified must be stopped and told, and not be started again", async () => {
    await host.push({
      "desired-state/stacks/new/stack.yaml": STACK,
      "desired-state/stacks/new/compose.yaml": compose({ main: CHECK("false") }),
    });
    await settled("new", "quarantined");
    await waitUntil("it is stopped", async () => {
      await host.tick();
      return (await host.container("new-main-1"))?.state === "exited";
    });
    for (let round = 0; round < 3; round += 1) await host.tick();
    assert.equal((await host.container("new-main-1"))?.state, "exited");
    const alerts = (await host.alerts()).filter(({ labels }) => labels["stack"] === "new");
    assert.deepEqual(
      alerts.map(({ name }) => name),
      ["HoldfastRolledBack"],
    );
  });
});
