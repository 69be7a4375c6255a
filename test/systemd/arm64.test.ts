import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { describeBox } from "./desired-state.ts";
import { followGettingStarted, PAGE_IMAGE } from "./follow-page.ts";
import { type Machine, startMachine } from "./start-machine.ts";

/**
 * The other architecture under qemu: everything of the host but the kernel, the engine, Compose and the containers. Debian 12, since
 * the systemd of Debian 13 starts nothing under qemu.
 */
describe("an arm64 host with systemd", { timeout: 1_200_000 }, () => {
  let machine: Machine;
  before(async () => {
    machine = await startMachine({ suite: "bookworm", architecture: "arm64", images: ["busybox:1.35", PAGE_IMAGE] });
  });
  after(() => machine?.stop());

  test("must be one of Holdfast's after what docs/getting-started.md says, word by word", async () => {
    await followGettingStarted(machine);
    assert.match(await machine.sh("holdfast version"), /^\S+ \(commit 0123456789ab, linux-arm64, Node\.js /);
  });

  test("must follow a push", async () => {
    // The host's own file stays as `init` wrote it.
    const files = Object.entries(describeBox(1)).filter(([path]) => path !== "desired-state/hosts/box.yaml");
    const revision = await machine.repository.commit(Object.fromEntries(files));
    await machine.run(["holdfast", "sync"], { timeoutMs: 120_000 });
    await machine.waitHealthy(revision);
    const { stdout } = await machine.engine.docker(["exec", "web-web-1", "sh", "-c", "echo $ROUND; cat /conf/motd"]);
    assert.equal(stdout, "1\nround 1\n");
  });

  test("must start an agent that was killed again", async () => {
    const pid = await machine.show("MainPID");
    await machine.sh(`kill -KILL ${pid}`);
    await waitUntil("another agent runs", async () => !["0", pid].includes(await machine.show("MainPID")), {
      timeoutMs: 120_000,
    });
    await waitUntil(
      "it has reconciled",
      async () => (await machine.run(["holdfast", "status"], { allowFailure: true })).exitCode === 0,
      { timeoutMs: 120_000 },
    );
  });

  test("must be as hard as any other", async () => {
    const exposure = await machine.sh("systemd-analyze security --no-pager holdfast.service | tail -1");
    assert.ok(Number(/level for holdfast\.service: ([\d.]+)/.exec(exposure)?.[1]) < 3, exposure);
  });
});
