import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { tagImage } from "../engine/load-images.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { type RegistryServer, startRegistry } from "../servers/registry.ts";
import type { Row } from "./drift-row.ts";
import { HEALED_ROWS } from "./drift-rows.ts";
import { seen } from "./seen.ts";
import { sharePort } from "./share-port.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";
import { TOLD_ROWS } from "./told-rows.ts";

/** Runs until a file asks it to take more memory than it may. */
const EAT = "while [ ! -e /data/eat ]; do sleep 1; done; exec dd if=/dev/zero of=/dev/null bs=64M";

describe("drift on a running host", () => {
  let host: Host;
  let registry: RegistryServer;
  let unshare: (() => Promise<void>) | undefined;
  before(async () => {
    host = await startHost();
    await tagImage(host.engine.socket, "busybox:1.35", "tagged:1");
    registry = await startRegistry({ enter: host.engine.enter });
    unshare = await sharePort(registry.port, host.engine.enter);
    await tagImage(host.engine.socket, "busybox:1.35", `${registry.host}/pushed:1`);
    await host.docker("push", "--quiet", `${registry.host}/pushed:1`);
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
      "desired-state/stacks/web/stack.yaml": "hosts: all\n",
      "desired-state/stacks/web/compose.yaml": compose(
        {
          ...{ app: 'volumes: ["./conf:/conf:ro"]', db: 'volumes: ["data:/data"]', many: "scale: 2", tagged: "", pushed: "" },
          eater: `volumes: ["data:/data"]\nmem_limit: 16m\nentrypoint: [sh, -c, "${EAT}", --]`,
        },
        '  job:\n    image: busybox:1.35\n    command: [sh, -c, echo run >> /data/runs]\n    volumes: [data:/data]\n    labels: {holdfast.one-shot: "true"}\nvolumes: {data: {}}\n',
      )
        .replace("  tagged:\n    image: busybox:1.35", "  tagged:\n    image: tagged:1")
        .replace("  pushed:\n    image: busybox:1.35", `  pushed:\n    image: ${registry.host}/pushed:1`),
      "desired-state/stacks/web/conf/app.conf": "as committed\n",
      "desired-state/stacks/calm/stack.yaml": "hosts: all\ndrift: {mode: report}\n",
      "desired-state/stacks/calm/compose.yaml": compose({ app: "" }),
      "desired-state/stacks/deaf/stack.yaml": "hosts: all\ndrift: {mode: ignore}\n",
      "desired-state/stacks/deaf/compose.yaml": compose({ app: "" }),
    });
    assert.equal(await host.settle(), "converged", JSON.stringify(host.log.filter((line) => line["level"] !== "info")));
  });
  after(async () => {
    await unshare?.();
    await registry?.stop();
    await host?.stop();
  });

  async function ids(): Promise<Map<string, string>> {
    return new Map((await host.containers()).map((container) => [container.name, container.id]));
  }

  async function assertSame(before: ReadonlyMap<string, string>, row: Row): Promise<void> {
    const now = await ids();
    for (const [name, id] of before) {
      if (row.gone?.includes(name)) continue;
      if (row.replaced?.includes(name)) assert.notEqual(now.get(name), id, `${name} must be another container`);
      else assert.equal(now.get(name), id, `${name} must be the same container`);
    }
    for (const name of row.gone ?? []) assert.equal(now.has(name), false, `${name} must be gone`);
  }

  async function assertEnd(row: Row): Promise<void> {
    const found = (await host.containers()).filter((container) => container.service !== "job");
    assert.deepEqual(
      Object.fromEntries(found.map(({ name, state }) => [name, state])),
      { ...Object.fromEntries(found.map(({ name }) => [name, "running"])), ...row.end },
      "how each container is in the end",
    );
    const runs = await host.docker("exec", "web-db-1", "sh", "-c", "cat /data/runs 2>/dev/null || true");
    assert.equal(runs, row.emptied ? "" : "run", "the finished one-shot must not run again");
  }

  for (const row of TOLD_ROWS) {
    it(`${row.act} must be ${row.mode === "report" ? `told as ${row.kind}` : "no matter"}, and left as it is`, async () => {
      await leave(row).finally(() => row.undo?.(host));
      await waitUntil("it is put right", async () => {
        await host.tick();
        return host.memory().plan?.drift.length === 0;
      });
    });
  }

  async function leave(row: Row): Promise<void> {
    const [before, logged] = [await ids(), host.log.length];
    await (row.unlisted ? row.by(host) : seen(host, () => row.by(host)));
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(
      host.memory().plan?.drift.map(({ kind, mode }) => [kind, mode]),
      row.mode === "ignore" ? [] : [[row.kind, row.mode]],
    );
    assert.match(
      host
        .memory()
        .plan?.drift.map(({ cause }) => cause)
        .join() ?? "",
      row.told ?? /^/,
    );
    await assertSame(before, row);
    await assertEnd(row);
    assert.deepEqual(
      host.log.slice(logged).filter(({ msg }) => msg === "step"),
      [],
    );
    const told = (await host.alerts()).map(({ labels }) => labels["kind"]);
    assert.deepEqual(told, row.mode === "ignore" ? [] : [row.kind]);
  }

  for (const row of HEALED_ROWS) {
    it(`${row.act} must be found as ${row.kind}, healed by ${row.step} and told`, async () => {
      const [before, logged] = [await ids(), host.log.length];
      await (row.unlisted ? row.by(host) : seen(host, () => row.by(host)));
      assert.equal(await host.settle(), "converged", JSON.stringify(host.log.filter((line) => line["level"] !== "info")));
      if (!before.has("web-job-1")) assert.equal((await ids()).has("web-job-1"), false);
      await assertSame(before, row);
      await assertEnd(row);
      const healed = host.memory().healed.find((drift) => drift.kind === row.kind);
      assert.ok(healed, JSON.stringify(host.memory().healed));
      assert.equal(healed.mode, "heal");
      assert.ok(healed.expected !== "" && healed.actual !== "" && healed.cause !== "", JSON.stringify(healed));
      const steps = host.log.slice(logged).flatMap(({ msg, action }) => (msg === "step" ? [action] : []));
      assert.ok(steps.includes(row.step), steps.join(", "));
      assert.equal(await host.tick(), "converged");
      assert.deepEqual(host.memory().plan?.drift, [], "a healed host has no drift");
      resetBudget(host);
    });
  }

  it("healed drift must be told to Alertmanager, and its end too", async () => {
    await host.docker("rm", "-f", "web-app-1");
    await host.settle();
    await waitUntil("the alert fires", async () =>
      (await host.alerts()).some(({ name, labels: has }) => name === "HoldfastDrift" && has["kind"] === "service-missing"),
    );
    await host.tick();
    await waitUntil("the alert has ended", async () => (await host.alerts()).length === 0);
    resetBudget(host);
  });

  it("a stack whose mode is report must be left as it is, and told", async () => {
    await seen(host, () => host.docker("stop", "calm-app-1"));
    await host.settle();
    assert.equal((await host.container("calm-app-1"))?.state, "exited");
    assert.ok((await host.alerts()).some(({ labels: has }) => has["stack"] === "calm" && has["kind"] === "stopped"));
    await host.push({ "desired-state/stacks/calm/compose.yaml": compose({ app: "environment: {CHANGED: yes}" }) });
    await host.settle();
    assert.equal(
      (await host.container("calm-app-1"))?.state,
      "running",
      "a change of the desired state is converged all the same",
    );
  });

  it("taking back a change that could not be converged must be converged whatever the mode is, and be no drift", async () => {
    const good = compose({ app: "environment: {CHANGED: yes}" });
    await host.push({
      "desired-state/stacks/calm/compose.yaml": compose({ app: "environment: {CHANGED: yes}\ndevices: [/dev/none-such]" }),
    });
    assert.equal(await host.settle(), "failed");
    assert.notEqual((await host.container("calm-app-1"))?.state, "running");
    await host.push({ "desired-state/stacks/calm/compose.yaml": good });
    assert.equal(await host.settle(), "converged");
    assert.equal((await host.container("calm-app-1"))?.state, "running");
    assert.match(JSON.stringify(host.log.findLast((line) => line.msg === "step")), /devices removed/);
    assert.deepEqual(
      (await host.alerts()).filter(({ name }) => name === "HoldfastDrift"),
      [],
    );
  });

  it("drift that happened while the agent was down must be found at its start", async () => {
    await host.docker("rm", "-f", "web-db-1");
    host.restart();
    assert.equal(await host.settle(), "converged", JSON.stringify(host.log.filter((line) => line["level"] !== "info")));
    assert.equal((await host.container("web-db-1"))?.state, "running");
    resetBudget(host);
  });

  it("a heal that keeps being undone must stop, and say so", async () => {
    for (let round = 0; round < 6; round += 1) {
      await host.docker("rm", "-f", "web-app-1");
      await host.settle();
    }
    assert.equal(await host.container("web-app-1"), undefined, "the fifth heal was the last one");
    assert.ok((await host.alerts()).some(({ name, labels: has }) => name === "HoldfastDriftFighting" && has["stack"] === "web"));
    await host.push({ "desired-state/stacks/web/README.md": "a new revision\n" });
    await host.settle();
    assert.equal((await host.container("web-app-1"))?.state, "running", "a new revision resumes healing");
  });
});

/** Forgets that the stack was healed, which otherwise would count as a fight. */
function resetBudget(host: Host): void {
  host.forget("heal/web");
}
