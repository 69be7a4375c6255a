import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const INTERVAL_MS = 500;

describe("a Git server that is gone", () => {
  let host: Host;
  before(async () => {
    host = await startHost({ intervalMs: INTERVAL_MS });
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
      "desired-state/stacks/web/stack.yaml": "hosts: all\n",
      "desired-state/stacks/web/compose.yaml": compose({ app: "" }),
    });
    assert.equal(await host.settle(), "converged");
  });
  after(() => host.stop());

  it("must be told, must not keep drift from being healed, and its return be told and followed", async () => {
    const stop = new AbortController();
    const running = host.run(stop.signal);
    try {
      await host.git.goDown();
      await waitUntil("the alert fires", async () => {
        await host.docker("rm", "-f", "web-app-1").catch(() => undefined);
        await waitUntil("what was removed runs again", async () => (await host.container("web-app-1"))?.state === "running");
        return (await host.alerts()).some(({ name }) => name === "HoldfastSourceUnreachable");
      });
      const alert = (await host.alerts()).find(({ name }) => name === "HoldfastSourceUnreachable");
      assert.deepEqual(alert?.labels, { alertname: "HoldfastSourceUnreachable", host: "box", severity: "warning" });
      assert.match(alert?.text ?? "", /^box: the repository cannot be read\nhttp:.*: the connection was refused/);
      await host.git.comeUp();
      await host.push({ "desired-state/stacks/web/compose.yaml": compose({ app: "environment: {ROUND: two}" }) });
      await waitUntil("the new revision runs", async () => {
        const { Running, Env } = JSON.parse(
          await host
            .docker("inspect", "-f", '{"Running":{{.State.Running}},"Env":{{json .Config.Env}}}', "web-app-1")
            .catch(() => '{"Env":[]}'),
        );
        return Running && Env.includes("ROUND=two");
      });
      await waitUntil("the alert has ended", async () =>
        (await host.alerts()).every(({ name }) => name !== "HoldfastSourceUnreachable"),
      );
    } finally {
      stop.abort();
      await running;
    }
  });
});
