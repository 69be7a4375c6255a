import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runCommand } from "../engine/run-command.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { ensureRelease } from "../release/ensure-release.ts";
import { describeBox } from "./desired-state.ts";
import { type Machine, startMachine } from "./start-machine.ts";

const BOX = ["--host", "box"];
const PROGRAM = `holdfast-linux-${process.arch}`;

/** A host from the first installation to the last, on Debian 13, whose systemd lets the agent write to it. Tests build on each other. */
describe("a host with systemd", { timeout: 900_000 }, () => {
  let machine: Machine;
  let revision = "";
  before(async () => {
    machine = await startMachine({ suite: "trixie" });
    revision = await machine.repository.commit(describeBox(1));
  });
  after(() => machine?.stop());

  /** Everything that an installation may touch, with times, so that a file that is written anew with the same content is seen. */
  const traces = () =>
    machine.sh(
      "find /etc/holdfast /etc/systemd/system /usr/local /etc/group 2>&1 -type d -print -o -printf '%p %m %T@\\n' | sort",
    );
  const webContainer = async (): Promise<string> =>
    (await machine.engine.docker(["ps", "--quiet", "--filter", "name=web-web-1"])).stdout.trim();
  const round = async (): Promise<string> =>
    (await machine.engine.docker(["exec", "web-web-1", "sh", "-c", "echo $ROUND; cat /conf/motd"])).stdout;

  test("must be told everything that is missing at once, and be left as it is", async () => {
    const before = await traces();
    const { exitCode, stderr } = await machine.install("--token-file", "/nonexistent");
    assert.equal(exitCode, 1);
    assert.match(stderr, /nothing has been changed\. Missing:\n {2}the file \/nonexistent, which was named\n/);
    const second = await machine.install();
    assert.match(second.stderr, /--repository, because there is no \/etc\/holdfast\/agent\.yaml yet/);
    const third = await machine.install("--repository", `${machine.repositoryUrl}x`, ...BOX);
    assert.match(third.stderr, /holdfast doctor found errors/);
    assert.equal(await traces(), before);
  });

  test("must not take an executable that is damaged", async () => {
    const before = await traces();
    await machine.sh(
      `mkdir /root/damaged; cp /release/SHA256SUMS /root/damaged; head -c 1000000 /release/${PROGRAM} >/root/damaged/${PROGRAM}`,
    );
    const { exitCode, stderr } = await machine.install(
      "--from",
      `/root/damaged/${PROGRAM}`,
      "--repository",
      machine.repositoryUrl,
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /the executable is damaged, or not the one that was meant; nothing has been changed/);
    const unknown = await machine.install("--from", "/bin/true", "--repository", machine.repositoryUrl);
    assert.match(unknown.stderr, /nothing says what the SHA-256/);
    assert.equal(await traces(), before);
  });

  test("must converge after one command", async () => {
    const { exitCode, stdout, stderr } = await machine.install(...BOX, "--repository", machine.repositoryUrl);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^Holdfast \S+ runs: holdfast status$/m);
    await machine.waitHealthy(revision);
    assert.equal(await round(), "1\nround 1\n");
    assert.equal(
      await machine.sh("stat -c '%a %G' /etc/holdfast/agent.yaml /etc/holdfast /run/holdfast/holdfast.sock | tr '\\n' ,"),
      "640 holdfast,750 holdfast,660 holdfast,",
    );
    assert.equal(await machine.sh("systemctl is-enabled holdfast"), "enabled");
  });

  test("must be left as it is by a second installation", async () => {
    const [before, started] = [await traces(), await machine.show("ExecMainStartTimestampMonotonic")];
    const { exitCode, stdout } = await machine.install();
    assert.equal(exitCode, 0);
    assert.match(stdout, /runs already; nothing was changed\.$/m);
    const { stdout: other } = await machine.install("--repository", "https://elsewhere.example/x.git");
    assert.match(other, /agent\.yaml is there and stays as it is/);
    assert.equal(await traces(), before);
    assert.equal(await machine.show("ExecMainStartTimestampMonotonic"), started);
  });

  test("must follow a push", async () => {
    revision = await machine.repository.commit(describeBox(2));
    await machine.waitHealthy(revision);
    assert.equal(await round(), "2\nround 2\n");
  });

  test("must start an agent that was killed again, and not touch its containers", async () => {
    const [container, pid] = [await webContainer(), await machine.show("MainPID")];
    await machine.sh(`kill -KILL ${pid}`);
    await waitUntil("another agent runs", async () => !["0", pid].includes(await machine.show("MainPID")), { timeoutMs: 60_000 });
    await machine.waitHealthy(revision);
    assert.equal(await machine.show("NRestarts"), "1");
    assert.equal(await webContainer(), container);
  });

  test("must say by the unit's hardening what it cannot do", async () => {
    const exposure = await machine.sh("systemd-analyze security --no-pager holdfast.service | tail -1");
    assert.ok(Number(/level for holdfast\.service: ([\d.]+)/.exec(exposure)?.[1]) < 3, exposure);
    assert.equal(await machine.sh("systemd-analyze verify --man=no holdfast.service 2>&1 | grep holdfast || true"), "");
    // What the agent leaves to its children.
    const pid = await machine.show("MainPID");
    assert.equal(
      await machine.sh(`grep -E '^(NoNewPrivs|Seccomp):' /proc/${pid}/status | tr -d '\\n\\t '`),
      "NoNewPrivs:1Seccomp:2",
    );
  });

  test("must restart an agent that hangs, and none that does not", async () => {
    await machine.override("WatchdogSec=3s");
    await machine.sh("systemctl restart holdfast");
    // It writes to the socket that systemd has passed to it: no process is started for that.
    await waitUntil("it has said that it lives", async () => /^converged at /.test(await machine.show("StatusText")), {
      timeoutMs: 60_000,
    });
    assert.equal(await machine.show("NRestarts"), "0");
    const pid = await machine.show("MainPID");
    assert.match(await machine.sh(`readlink /proc/${pid}/fd/3`), /^socket:/);
    await machine.sh(`kill -STOP ${pid}`);
    await waitUntil(
      "it runs again",
      async () => (await machine.show("NRestarts")) === "1" && (await machine.show("ActiveState")) === "active",
      { timeoutMs: 60_000 },
    );
    assert.match(await machine.log(), /Watchdog timeout/);
    await machine.waitHealthy(revision);
    await machine.override();
    await machine.sh("systemctl restart holdfast");
  });

  test("must outlive a boot, and mend what happened meanwhile", async () => {
    await machine.engine.docker(["rm", "--force", "web-web-1"]);
    await machine.reboot();
    await machine.waitHealthy(revision);
    assert.equal(await round(), "2\nround 2\n");
    assert.equal(await machine.show("NRestarts"), "0");
  });

  test("must be stopped in order in the middle of a convergence, and finish it at the next start", async () => {
    const slow = {
      "desired-state/stacks/web/stack.yaml":
        'hosts: all\nhooks:\n  preConverge:\n    - {service: web, command: [sleep, "60"], timeout: 5m}\n',
    };
    revision = await machine.repository.commit({ ...describeBox(3), ...slow });
    await waitUntil("the hook runs", async () => (await machine.sh("pgrep --full '[c]ompose.* run ' || true")) !== "", {
      timeoutMs: 60_000,
    });
    await machine.sh("systemctl stop holdfast");
    assert.equal(await machine.show("Result"), "success");
    assert.equal(await machine.show("ExecMainStatus"), "0");
    assert.equal(await machine.sh("pgrep --full '[c]ompose' || true"), "");
    revision = await machine.repository.commit(describeBox(4));
    await machine.sh("systemctl start holdfast");
    await machine.waitHealthy(revision);
    assert.equal(await round(), "4\nround 4\n");
  });

  test("must be upgraded in place", async () => {
    const container = await webContainer();
    // The same program, and other bytes: what follows an executable is not looked at.
    await machine.sh(
      `mkdir /root/next; cp /release/${PROGRAM} /root/next; echo next >>/root/next/${PROGRAM}; cd /root/next; sha256sum ${PROGRAM} >SHA256SUMS`,
    );
    const { exitCode, stdout, stderr } = await machine.install("--from", `/root/next/${PROGRAM}`);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^- \/usr\/local\/lib\/holdfast\/holdfast: the executable$/m);
    await machine.sh(`cmp /root/next/${PROGRAM} /usr/local/lib/holdfast/holdfast`);
    assert.equal(
      await machine.sh("readlink /proc/$(systemctl show --property=MainPID --value holdfast)/exe"),
      "/usr/local/lib/holdfast/holdfast",
    );
    await machine.waitHealthy(revision);
    assert.equal(await webContainer(), container);
  });

  for (const [what, script] of [
    ["ends at once", "exit 1"],
    ["never says that it has started", "exec sleep 1000"],
    ["starts and never reconciles", "systemd-notify READY=1; exec sleep 1000"],
  ] as const) {
    test(`must return to what worked from a version that ${what}`, async () => {
      const program = `#!/bin/sh\\ncase $1 in version) echo 9.9.9; exit ;; run) ${script} ;; esac\\nexit 1\\n`;
      await machine.sh(
        `mkdir -p /root/bad; printf '${program}' >/root/bad/${PROGRAM}; cd /root/bad; sha256sum ${PROGRAM} >SHA256SUMS`,
      );
      await machine.override("TimeoutStartSec=5s");
      const { exitCode, stderr } = await machine.install("--from", `/root/bad/${PROGRAM}`, "--ready-timeout", "5");
      assert.equal(exitCode, 1);
      assert.match(stderr, /version 9\.9\.9 does not get ready here; \d\S+ is back, and runs$/m);
      await machine.sh(`cmp /root/next/${PROGRAM} /usr/local/lib/holdfast/holdfast`);
      await machine.waitHealthy(revision);
      await machine.override();
    });
  }

  test("must reconcile from time to time with --timer, and with no process in between", async () => {
    const { exitCode, stdout, stderr } = await machine.install("--timer");
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /holdfast\.timer: starts it every five minutes/);
    assert.equal(await machine.sh("systemd-analyze verify --man=no holdfast.timer 2>&1 | grep holdfast || true"), "");
    await waitUntil("the reconciliation has ended", async () => (await machine.show("ActiveState")) === "inactive", {
      timeoutMs: 60_000,
    });
    assert.equal(await machine.sh("pgrep --full '[h]oldfast (run|once)' || true"), "");
    assert.match(await machine.sh("systemctl list-timers --no-pager"), /holdfast\.timer/);
    revision = await machine.repository.commit(describeBox(5));
    await machine.sh("systemctl start holdfast.service");
    assert.equal(await round(), "5\nround 5\n");
    const back = await machine.install("--no-timer");
    assert.equal(back.exitCode, 0, back.stderr);
    await machine.waitHealthy(revision);
    assert.equal(await machine.sh("systemctl is-enabled holdfast.timer 2>&1 || true"), "not-found");
  });

  test("must keep its containers and its data when Holdfast is removed", async () => {
    const container = await webContainer();
    const { exitCode, stdout } = await machine.install("--uninstall");
    assert.equal(exitCode, 0);
    assert.match(stdout, /Containers run on/);
    assert.equal(await webContainer(), container);
    assert.equal(await round(), "5\nround 5\n");
    assert.equal(await machine.sh("ls /etc/systemd/system /usr/local/bin /usr/local/lib | grep -i holdfast || true"), "");
    assert.equal(
      await machine.sh("ls /etc/holdfast /var/lib/holdfast/stacks/web | tr '\\n' ' '"),
      "/etc/holdfast: agent.yaml env  /var/lib/holdfast/stacks/web: compose.yaml conf stack.yaml",
    );
    assert.equal((await machine.install("--uninstall")).exitCode, 0);
  });

  test("must go on where it was when Holdfast comes back", async () => {
    const container = await webContainer();
    assert.equal((await machine.install()).exitCode, 0);
    await machine.waitHealthy(revision);
    assert.equal(await webContainer(), container);
  });
});

test("install.sh must be a clean POSIX script, in the repository and with the units that a release puts into it", async () => {
  await runCommand([
    "shellcheck",
    "--shell=sh",
    "install/install.sh",
    "systemd/upgrade.sh",
    join(await ensureRelease(), "install.sh"),
  ]);
});
