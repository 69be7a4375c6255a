import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

describe("a host on which things fail", () => {
  let host: Host;
  before(async () => {
    host = await startHost();
  });
  after(() => host.stop());

  it("a repository that cannot be reached must leave a new host waiting, with a readable reason", async () => {
    await host.git.goDown();
    assert.equal(await host.tick(), "failed");
    assert.match(host.memory().sourceError?.message ?? "", /^[^\n]*connection was refused$/);
    await host.git.comeUp();
  });

  it("an image that does not exist must fail its own stack only, readably, and back off", async () => {
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
      "desired-state/stacks/good/stack.yaml": "hosts: all\n",
      "desired-state/stacks/good/compose.yaml": compose({ app: "" }),
      "desired-state/stacks/bad/stack.yaml": "hosts: all\n",
      "desired-state/stacks/bad/compose.yaml": compose({ app: "", gone: "" }).replace(
        /(gone:\n {4}image: )busybox:1.35/,
        "$1127.0.0.1:1/nobody/nothing:9",
      ),
    });
    assert.equal(await host.settle(), "failed");
    assert.equal((await host.container("good-app-1"))?.state, "running");
    assert.equal((await host.container("bad-app-1"))?.state, "running", "what has its image is started");
    assert.equal(await host.tick(), "failed");
    const failed = host.log.filter((line) => line.msg === "step failed");
    assert.equal(failed.length, 2);
    assert.match(String(failed[0]?.["error"]), /127\.0\.0\.1:1/);
    assert.doesNotMatch(String(failed[0]?.["error"]), /\n/);
    await host.docker("rm", "-f", "bad-app-1");
    const lines = host.log.length;
    assert.equal(await host.tick(), "failed");
    const since = host.log.slice(lines).flatMap((line) => line["step"] ?? []);
    assert.deepEqual(since, ["create app"], "the image is not tried before its delay has passed, the rest is mended");
    const alerts = await host.alerts();
    assert.deepEqual(alerts.map(({ name, labels }) => [name, labels["stack"]]).sort(), [["HoldfastConvergeFailed", "bad"]]);
    await host.push({ "desired-state/stacks/bad/stack.yaml": null, "desired-state/stacks/bad/compose.yaml": null });
    await host.settle();
    await host.docker("rm", "-f", "bad-app-1");
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(await host.alerts(), []);
  });

  it("a file of 50 MB must keep its own stack back and nothing else, and say which object is too large", async () => {
    const before = await host.container("good-app-1");
    await host.push({
      "desired-state/stacks/big/stack.yaml": "hosts: all\n",
      "desired-state/stacks/big/compose.yaml": Buffer.alloc(50 * 1024 * 1024, "# x\n"),
      "desired-state/stacks/good/README.md": "words\n",
    });
    assert.equal(await host.settle(), "invalid");
    assert.deepEqual(host.memory().desired?.invalid, ["big"]);
    assert.match(JSON.stringify(host.memory().desired?.findings), /file-too-large/);
    assert.equal((await host.container("good-app-1"))?.id, before?.id);
    await host.push({ "desired-state/stacks/big/stack.yaml": null, "desired-state/stacks/big/compose.yaml": null });
    assert.equal(await host.settle(), "converged");
  });

  it("drift must be healed while the repository is gone, also after a restart", async () => {
    await host.git.goDown();
    await host.docker("rm", "-f", "good-app-1");
    host.restart();
    assert.equal(await host.settle(), "failed", "the poll failed");
    assert.equal((await host.container("good-app-1"))?.state, "running");
    await host.git.comeUp();
    assert.equal(await host.settle(), "converged");
  });

  it("an engine that is not running must be told after two attempts, and be taken up again", async () => {
    await host.engine.endDaemon("SIGTERM");
    assert.equal(await host.tick(), "failed");
    assert.equal(await host.tick(), "failed");
    const told = await host.alerts();
    assert.deepEqual(
      told.map(({ name }) => name),
      ["HoldfastConvergeFailed"],
    );
    assert.match(told[0]?.text ?? "", /Docker engine at .* cannot be reached/);
    await host.push({ "desired-state/stacks/good/compose.yaml": compose({ app: "environment: {ROUND: two}" }) });
    await host.engine.startDaemon();
    assert.equal(await host.settle(), "converged");
    assert.equal(await host.docker("exec", "good-app-1", "sh", "-c", "echo $ROUND"), "two");
    assert.deepEqual(await host.alerts(), []);
  });

  it("an engine that stops half-way must leave nothing that the next tick does not finish", async () => {
    await host.push({
      "desired-state/stacks/good/compose.yaml": compose({ app: "environment: {ROUND: three}", two: "", three: "" }),
    });
    const ticking = host.tick();
    const begun = (): boolean => host.log.some((line) => line.msg === "step" && JSON.stringify(line).includes("ROUND"));
    await waitUntil("the step has begun", async () => begun(), { intervalMs: 1 });
    await host.engine.powerOff();
    assert.equal(await ticking, "failed");
    await host.engine.startDaemon();
    assert.equal(await host.settle(), "converged");
    const states = (await host.containers())
      .filter((container) => container.project === "good")
      .map((container) => `${container.name} ${container.state}`);
    assert.deepEqual(states.sort(), ["good-app-1 running", "good-three-1 running", "good-two-1 running"]);
  });

  it("a project that runs without Holdfast must be left alone until it is adopted", async () => {
    const labels = { project: "mine", service: "app", "container-number": "1", oneoff: "False", "config-hash": "theirs" };
    const args = Object.entries(labels).flatMap(([name, value]) => ["--label", `com.docker.compose.${name}=${value}`]);
    await host.docker("run", "-d", "--name", "mine-app-1", ...args, "-v", "mine_data:/data", "busybox:1.35", "sleep", "100000");
    const before = await host.container("mine-app-1");
    const stack = compose({ app: 'volumes: ["data:/data"]' }, "volumes: {data: {}}\n");
    await host.push({ "desired-state/stacks/mine/stack.yaml": "hosts: all\n", "desired-state/stacks/mine/compose.yaml": stack });
    await host.settle();
    assert.equal((await host.container("mine-app-1"))?.id, before?.id);
    assert.equal(await readdir(join(host.directory, "state", "stacks", "mine")).catch(() => "none"), "none");
    assert.deepEqual(
      (await host.alerts()).map(({ labels: has }) => has["kind"]),
      ["not-adopted"],
    );
    await host.push({ "desired-state/stacks/mine/stack.yaml": "hosts: all\nadopt: true\n" });
    assert.equal(await host.settle(), "converged");
    assert.notEqual((await host.container("mine-app-1"))?.id, before?.id);
    assert.match(await host.docker("volume", "ls", "-q"), /mine_data/);
  });

  it("a host environment file that others can read must be refused, and be used once it is private", async () => {
    const path = join(host.directory, "env", "app.env");
    await mkdir(join(host.directory, "env"), { recursive: true });
    await writeFile(path, "PASSWORD=correct-horse\n", { mode: 0o644 });
    await host.push({
      "desired-state/stacks/secret/stack.yaml": "hosts: all\nhostEnvFiles: [app.env]\n",
      "desired-state/stacks/secret/compose.yaml": compose({ app: 'environment: {PASSWORD: "${PASSWORD}"}' }),
    });
    assert.equal(await host.settle(), "invalid");
    const finding = host.memory().desired?.findings.find((item) => item.rule === "host-env-file");
    assert.match(finding?.message ?? "", /mode 644.*chmod 600/);
    await chmod(path, 0o600);
    assert.equal(await host.settle(), "converged", "without a new revision");
    assert.equal(await host.docker("exec", "secret-app-1", "sh", "-c", "echo $PASSWORD"), "correct-horse");
  });

  it("a secret must stand in no log, no alert and no file outside the runtime directory", async () => {
    await host.docker("rm", "-f", "secret-app-1");
    await host.settle();
    const texts = [JSON.stringify(host.log), JSON.stringify(host.memory().plan), JSON.stringify(await host.alerts())];
    for (const entry of await readdir(join(host.directory, "state"), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) texts.push(await readFile(join(entry.parentPath, entry.name), "latin1"));
    }
    assert.ok(texts.every((text) => !text.includes("correct-horse")));
  });
});
