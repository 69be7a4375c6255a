import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { waitUntil } from "../engine/wait-until.ts";
import { ensureRelease } from "../release/ensure-release.ts";
import { describeBox } from "./desired-state.ts";
import { type Machine, startMachine } from "./start-machine.ts";

const PLATFORM = `linux-${process.arch}`;
const PROGRAM = "/usr/local/lib/holdfast/holdfast";
const { version: VERSION } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
  version: string;
};

interface Release {
  readonly version: string;
  readonly url: string;
  readonly sha256: Readonly<Record<string, string>>;
}

/** Agents that are upgraded by a push, for good or not. Tests build on each other. */
describe("the agent's version in fleet.yaml", { timeout: 1_200_000 }, () => {
  let machine: Machine;
  let executable: Buffer;
  let revision = "";
  /** The SHA-256 of what should be in place. */
  let current = "";
  before(async () => {
    machine = await startMachine({ suite: "trixie" });
    executable = readFileSync(join(await ensureRelease(), `holdfast-${PLATFORM}`));
    revision = await machine.repository.commit(describeBox(1));
    const { exitCode, stderr } = await machine.install("--host", "box", "--repository", machine.repositoryUrl);
    assert.equal(exitCode, 0, stderr);
    await machine.waitHealthy(revision);
    current = await installed();
  });
  after(() => machine?.stop());

  const installed = async (): Promise<string> => (await machine.sh(`sha256sum ${PROGRAM}`)).split(" ")[0] ?? "";
  const container = async (): Promise<string> =>
    (await machine.engine.docker(["ps", "--quiet", "--filter", "name=web-web-1"])).stdout.trim();
  /** What the history says of such events, oldest first. */
  const history = async (event: string): Promise<string[]> => {
    const { entries } = JSON.parse(await machine.sh("holdfast history --limit 100 --output json")) as {
      entries: readonly { event: string; text: string }[];
    };
    return entries.filter((entry) => entry.event === event).map(({ text }) => text);
  };

  /** Puts an executable where releases lie. */
  function publish(name: string, version: string, content: Uint8Array): Release {
    mkdirSync(join(machine.files, name));
    writeFileSync(join(machine.files, name, `holdfast-${PLATFORM}.gz`), gzipSync(content, { level: 1 }));
    const sha256 = createHash("sha256").update(content).digest("hex");
    return { version, url: `${machine.filesUrl}/${name}`, sha256: { [PLATFORM]: sha256 } };
  }
  /** The same program, and other bytes: what follows an executable is not looked at. */
  const publishGood = (name: string): Release => publish(name, VERSION, Buffer.concat([executable, Buffer.from(`${name}\n`)]));
  const sumOf = ({ sha256 }: Release): string => sha256[PLATFORM] ?? "";

  async function ask(release: Release | undefined, file = "fleet.yaml"): Promise<void> {
    const before = file === "fleet.yaml" ? "interval: 10s\nalerts: {minFiring: 0s}\n" : "labels: {}\n";
    const entry = release === undefined ? "" : `agent: ${JSON.stringify(release)}\n`;
    revision = await machine.repository.commit({ [`desired-state/${file}`]: `${before}${entry}` });
  }
  async function waitInstalled(release: Release): Promise<void> {
    await waitUntil("it is in place", async () => (await installed()) === sumOf(release), {
      timeoutMs: 120_000,
      intervalMs: 500,
    });
    await machine.waitHealthy(revision);
    await waitUntil("its trial is over", async () => (await machine.sh("ls /var/lib/holdfast")).includes("upgrade") === false, {
      timeoutMs: 60_000,
    });
    current = sumOf(release);
  }
  async function waitForAlert(pattern: RegExp): Promise<void> {
    const isTold = async (): Promise<boolean> => {
      const { stdout } = await machine.run(["holdfast", "status", "--output", "json"], { allowFailure: true });
      const status = JSON.parse(stdout || "{}") as { alerts?: readonly { name: string; description?: string }[] };
      return pattern.test(JSON.stringify(status.alerts ?? []));
    };
    await waitUntil(`an alert says ${pattern}`, isTold, { timeoutMs: 120_000, intervalMs: 500 }).catch(async (cause) => {
      throw new Error(`${String(cause)}\n${await machine.log()}`, { cause });
    });
  }

  test("must be followed by a push, without touching containers", async () => {
    const [before, pid] = [await container(), await machine.show("MainPID")];
    const release = publishGood("good");
    await ask(release);
    await waitInstalled(release);
    assert.notEqual(await machine.show("MainPID"), pid);
    assert.equal(await container(), before);
    assert.deepEqual(await history("agent-upgraded"), [`from version ${VERSION} to ${VERSION}`]);
    assert.notEqual(await machine.sh(`sha256sum <${PROGRAM}.previous`), current);
    assert.equal(await machine.sh(`stat -c '%a %U' ${PROGRAM}`), "755 root");
    // It ended by itself for that, which is no failure.
    assert.doesNotMatch(await machine.log(), /Failed with result/);
  });

  test("must be left where it is when what comes is not what was meant", async () => {
    const restarts = await machine.show("NRestarts");
    const other = publish("other", "9.9.9", Buffer.from("#!/bin/sh\necho 9.9.9\n"));
    await ask({ ...other, sha256: { [PLATFORM]: "0".repeat(64) } });
    await waitForAlert(/HoldfastUpgradeFailed/);
    assert.match((await history("upgrade-failed")).at(-1) ?? "", /its SHA-256 is [0-9a-f]{64}, and agent\.sha256 says 0{64}$/);
    await ask({ ...other, version: "9.9.8" });
    const isTold = async (): Promise<boolean> =>
      /is version 9\.9\.9, and agent\.version says 9\.9\.8$/.test((await history("upgrade-failed")).at(-1) ?? "");
    await waitUntil("it is told", isTold, { timeoutMs: 60_000 });
    assert.equal(await installed(), current);
    assert.equal(await machine.show("NRestarts"), restarts);
    assert.equal(await machine.sh("ls /var/lib/holdfast | grep upgrade || true"), "");
  });

  for (const [name, what, script, reason, seconds] of [
    ["ends", "ends at once", "exit 1", /it ended 2 times before its first reconciliation had finished;/, 60],
    [
      "silent",
      "never says that it has started",
      "exec sleep 1000",
      /it ended 2 times before its first reconciliation had finished;/,
      60,
    ],
    ["idle", "starts and never reconciles", "systemd-notify READY=1; exec sleep 1000", /had not finished after 10 seconds;/, 10],
  ] as const) {
    test(`must return to what worked from a version that ${what}, and not try it again`, async () => {
      await machine.override("TimeoutStartSec=4s", `Environment=TRIAL_SECONDS=${seconds}`);
      await machine.sh("systemctl restart holdfast");
      await machine.waitHealthy(revision);
      const [failures, before] = [await history("upgrade-failed"), await container()];
      const program = `#!/bin/sh\ncase $1 in version) echo 9.9.9; exit ;; run) ${script} ;; esac\nexit 1\n`;
      const release = publish(name, "9.9.9", Buffer.from(program));
      await ask(release);
      await waitUntil("it is on trial", async () => (await installed()) === sumOf(release), {
        timeoutMs: 60_000,
        intervalMs: 200,
      });
      await waitUntil("what worked is back", async () => (await installed()) === current, {
        timeoutMs: 120_000,
        intervalMs: 500,
      });
      await machine.waitHealthy(revision);
      await waitForAlert(/HoldfastUpgradeFailed/);
      const told = (await history("upgrade-failed")).at(-1) ?? "";
      assert.match(told, reason);
      const pid = await machine.show("MainPID");
      for (let round = 0; round < 3; round += 1) await machine.run(["holdfast", "sync"]);
      assert.deepEqual(await history("upgrade-failed"), [...failures, told]);
      assert.equal(await machine.show("MainPID"), pid);
      assert.equal(await installed(), current);
      assert.equal(await container(), before);
    });
  }

  test("must go before that of the fleet when the host's file says so", async () => {
    await machine.override();
    const release = publishGood("first");
    await ask(release, "hosts/box.yaml");
    await waitInstalled(release);
    await waitUntil(
      "no alert is left",
      async () => !(await machine.sh("holdfast status --output json")).includes("HoldfastUpgradeFailed"),
      { timeoutMs: 60_000, intervalMs: 500 },
    );
  });

  test("must be followed by reconciliations of a timer as well", async () => {
    assert.equal((await machine.install("--timer")).exitCode, 0);
    const release = publishGood("timer");
    await ask(release, "hosts/box.yaml");
    await machine.sh("systemctl start holdfast.service");
    assert.equal(await installed(), current);
    await machine.sh("systemctl start holdfast.service");
    assert.equal(await installed(), sumOf(release));
    assert.equal(await machine.sh("ls /var/lib/holdfast | grep upgrade || true"), "");
  });
});
