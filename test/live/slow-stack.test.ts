import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const PATIENT = { timeoutMs: 60_000, intervalMs: 50 };
/** The check itself takes so long: until then Docker says nothing but that the container is starting. */
const TAKES_90_S = 'healthcheck: {test: [CMD, sleep, "90"], interval: 1s, timeout: 2m}';
const AT_ONCE = 'healthcheck: {test: [CMD, "true"], interval: 1s}';
const AFTER = "depends_on: {app: {condition: service_healthy}}";

describe("a stack whose health check takes 90 s", () => {
  const stop = new AbortController();
  let host: Host;
  let running: Promise<void> | undefined;
  let slow: string | undefined;
  before(async () => {
    host = await startHost({ intervalMs: 500 });
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "{}\n",
      ...stack("slow", { app: TAKES_90_S, after: AFTER }),
      ...stack("behind", { app: "" }, "dependsOn: [slow]\n"),
      ...stack("fast", { app: "environment: {ROUND: one}" }),
    });
    running = host.run(stop.signal);
    running.catch(() => undefined);
  });
  after(async () => {
    stop.abort();
    await running?.catch(() => undefined);
    await host?.stop();
  });

  const stack = (name: string, services: Readonly<Record<string, string>>, more = ""): Record<string, string> => ({
    [`desired-state/stacks/${name}/stack.yaml`]: `hosts: all\nverify: {timeout: 5m}\n${more}`,
    [`desired-state/stacks/${name}/compose.yaml`]: compose(services),
  });
  const round = async (): Promise<string> => host.docker("exec", "fast-app-1", "sh", "-c", "echo $ROUND").catch(() => "");
  const names = async (): Promise<string[]> => (await host.containers()).map(({ name }) => name).sort();

  it("must hold back only what builds on it: the rest of its stack, and a stack that depends on it", async () => {
    await waitUntil("the other stack is there", async () => (await round()) === "one", PATIENT);
    const waits = await waitUntil(
      "what builds on it waits",
      () => host.memory().waiting.size === 2 && host.memory().waiting,
      PATIENT,
    );
    assert.deepEqual([...waits].map(([name, { value }]) => `${name} waits until ${value}`).sort(), [
      "behind waits until stack slow is healthy",
      "slow waits until app is healthy",
    ]);
    const app = await host.container("slow-app-1");
    assert.equal(app?.health, "starting");
    slow = app.id;
    assert.deepEqual(await names(), ["fast-app-1", "slow-app-1"]);
  });

  it("must not delay a push to another stack, which converges and verifies meanwhile", async () => {
    const revision = await host.push(stack("fast", { app: "environment: {ROUND: two}" }));
    await waitUntil("the push is there", async () => (await round()) === "two", PATIENT);
    await waitUntil(
      "the push has verified",
      () => {
        const known = host.read("verification/fast") as { state?: string; revision?: string } | undefined;
        return known?.state === "verified" && known.revision === revision;
      },
      PATIENT,
    );
    const app = await host.container("slow-app-1");
    assert.deepEqual([app?.id, app?.health], [slow, "starting"], "the first check has not even ended");
    assert.deepEqual(await names(), ["fast-app-1", "slow-app-1"], "and is still waited for");
  });

  it("must not delay its own next revision, which ends the waiting", async () => {
    await host.push(stack("slow", { app: AT_ONCE, after: AFTER }));
    await waitUntil(
      "all of it is there",
      async () => (await names()).join() === "behind-app-1,fast-app-1,slow-after-1,slow-app-1",
      PATIENT,
    );
    const app = await host.container("slow-app-1");
    assert.notEqual(app?.id, slow);
    assert.equal(app?.health, "healthy");
    await waitUntil("nothing is waited for", () => host.memory().waiting.size === 0, PATIENT);
    const died = await host.docker(
      "events",
      "--since",
      "10m",
      "--until",
      "0s",
      "--filter",
      `container=${slow}`,
      "--format",
      "{{.Action}}",
    );
    assert.doesNotMatch(died, /health_status: healthy/, "nobody waited until the old one was healthy");
  });

  it("must go on being looked after while it waits: what is stopped by hand is started", async () => {
    await host.push(stack("slow", { app: TAKES_90_S, after: AFTER }));
    const again = await waitUntil(
      "the new check has begun",
      async () => {
        const app = await host.container("slow-app-1");
        return app?.health === "starting" && app.id;
      },
      PATIENT,
    );
    await host.docker("kill", "fast-app-1", "slow-app-1");
    await waitUntil(
      "both run again",
      async () => {
        const states = (await host.containers()).filter(({ name }) => name === "fast-app-1" || name === "slow-app-1");
        return states.length === 2 && states.every(({ state }) => state === "running");
      },
      PATIENT,
    );
    const app = await host.container("slow-app-1");
    assert.deepEqual([app?.id, app?.health], [again, "starting"]);
  });
});
