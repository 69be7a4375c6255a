import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

describe("what Alertmanager is told", () => {
  let host: Host;
  const HEALTH = "healthcheck: {test: [CMD, test, -e, /well], interval: 1s, timeout: 1s, retries: 1}";
  before(async () => {
    host = await startHost();
    await host.push({
      "desired-state/fleet.yaml": `${fleet(host)}  labels: {site: home}\n  heartbeat: true\n`,
      "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
      "desired-state/stacks/web/stack.yaml": "hosts: all\nverify: {timeout: 1s}\nrollback: false\n",
      "desired-state/stacks/web/compose.yaml": compose({ app: HEALTH }),
    });
    assert.equal(await host.settle(), "converged");
  });
  after(() => host.stop());

  it("a container that stays unhealthy must be told once it has lasted, and its recovery too", async () => {
    // Before the health check has decided, it is told that the stack is not healthy yet.
    const alert = await waitUntil("the alert fires", async () => {
      await host.tick();
      return (await host.alerts()).find(
        ({ name, text }) => name === "HoldfastStackUnhealthy" && /web-app-1 is unhealthy/.test(text),
      );
    });
    assert.deepEqual(alert?.labels, {
      alertname: "HoldfastStackUnhealthy",
      host: "box",
      severity: "critical",
      site: "home",
      stack: "web",
    });
    assert.match(alert?.text ?? "", /web on box: is unhealthy\ncontainer web-app-1 is unhealthy/);
    await host.docker("exec", "web-app-1", "sh", "-c", ": > /well");
    await waitUntil("the alert has ended", async () => {
      await host.tick();
      return (await host.alerts()).length === 0;
    });
  });

  it("a heartbeat must be there while reconciliations finish", async () => {
    const names = (await host.alertmanager.alerts()).map(({ labels }) => labels["alertname"]);
    assert.deepEqual(names, ["HoldfastHeartbeat"]);
  });

  it("an Alertmanager that is gone must not keep a stack from converging", async () => {
    await host.push({
      "desired-state/fleet.yaml": 'alerts: {alertmanager: [{url: "http://127.0.0.1:1"}]}\n',
      "desired-state/stacks/web/compose.yaml": compose({ app: `${HEALTH}\nenvironment: {ROUND: two}` }),
    });
    assert.equal(await host.settle(), "converged");
    await host.alerts();
    assert.equal(await host.docker("exec", "web-app-1", "sh", "-c", "echo $ROUND"), "two");
    assert.ok(host.log.some((line) => line.msg === "alerts cannot be delivered"));
  });

  it("what fires must go on firing from the same start after a restart of the agent", async () => {
    await host.push({ "desired-state/fleet.yaml": fleet(host), "desired-state/stacks/web/compose.yaml": "services: [" });
    await host.settle();
    const before = (await host.alerts()).map(({ name }) => name);
    assert.ok(before.includes("HoldfastRevisionRejected"), before.join());
    const starts = async () =>
      (await host.alertmanager.alerts())
        .filter(({ labels }) => labels["alertname"] === "HoldfastRevisionRejected")
        .map(({ startsAt }) => startsAt);
    const start = await starts();
    host.restart();
    await host.settle();
    await host.alerts();
    assert.deepEqual(await starts(), start);
  });
});
