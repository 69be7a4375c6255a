import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { followGettingStarted, PAGE_IMAGE } from "./follow-page.ts";
import { type Machine, startMachine } from "./start-machine.ts";

/** Debian 12: its systemd passes no socket on, and knows less of the unit. */
describe("a host with an older systemd", { timeout: 600_000 }, () => {
  let machine: Machine;
  let revision = "";
  before(async () => {
    machine = await startMachine({ suite: "bookworm", images: ["busybox:1.35", PAGE_IMAGE] });
  });
  after(() => machine?.stop());

  test("must be one of Holdfast's after what docs/getting-started.md says, word by word", async () => {
    await followGettingStarted(machine);
    revision = await machine.repository.commit({ "desired-state/fleet.yaml": "interval: 10s\n" });
    await machine.run(["holdfast", "sync"]);
    await machine.waitHealthy(revision);
  });

  test("must be as hard as a newer one", async () => {
    const exposure = await machine.sh("systemd-analyze security --no-pager holdfast.service | tail -1");
    assert.ok(Number(/level for holdfast\.service: ([\d.]+)/.exec(exposure)?.[1]) < 3, exposure);
  });

  test("must hear by systemd-notify that the agent lives, and restart one that hangs", async () => {
    await machine.override("WatchdogSec=6s");
    await machine.sh("systemctl restart holdfast");
    await waitUntil("it has said that it lives", async () => /^converged at /.test(await machine.show("StatusText")), {
      timeoutMs: 60_000,
    });
    assert.equal(await machine.show("NRestarts"), "0");
    await machine.sh(`kill -STOP ${await machine.show("MainPID")}`);
    await waitUntil(
      "it runs again",
      async () => (await machine.show("NRestarts")) === "1" && (await machine.show("ActiveState")) === "active",
      { timeoutMs: 60_000 },
    );
    assert.match(await machine.log(), /Watchdog timeout/);
    await machine.waitHealthy(revision);
  });

  test("must start the agent at boot", async () => {
    await machine.override();
    await machine.reboot();
    await machine.waitHealthy(revision);
  });
});
