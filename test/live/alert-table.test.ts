import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { WebhookPayload } from "../../agent/model/webhook-payload.ts";
import { readPage, readTable } from "../docs/read-pages.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { type Receiver, receiveAlerts } from "../report/receive-alerts.ts";
import { type Alertmanager, listAlertmanagers, type ReceivedAlert, startAlertmanager } from "../servers/alertmanager.ts";
import type { FileChange } from "../servers/git-repository.ts";
import { compose, type Host, startHost } from "./start-host.ts";

const PATIENCE = { timeoutMs: 120_000, intervalMs: 100 };
const CHECK = "healthcheck: {test: [CMD, test, -e, /well], interval: 1s, timeout: 1s, retries: 1}";
const VERIFY_MS = 2_000;
const ROLL = (test: string): string =>
  compose({ app: `stop_grace_period: 0s\nhealthcheck: {test: ["CMD-SHELL", "${test}"], interval: 1s, timeout: 1s, retries: 1}` });

/** What makes an alert fire, with which labels, and what ends it. */
interface Row {
  readonly name: string;
  readonly about: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly severity?: string;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
  /** Done before each tick while the alert is waited for. */
  readonly again?: () => Promise<unknown>;
}

describe("every alert of the table, at real Alertmanagers of two versions and at a webhook", () => {
  let host: Host;
  let alertmanagers: readonly Alertmanager[];
  let webhook: Receiver;

  before(async () => {
    host = await startHost({ intervalMs: 1_000 });
    const [, ...newer] = await listAlertmanagers();
    alertmanagers = [host.alertmanager, ...(await Promise.all(newer.map(([, program]) => startAlertmanager({ program }))))];
    webhook = await receiveAlerts();
    await push({
      "fleet.yaml": fleet(true),
      "hosts/box.yaml": "{}\n",
      "stacks/web/stack.yaml": "hosts: all\nverify: {timeout: 2s}\nrollback: false\ndrift: {rules: {renamed: report}}\n",
      "stacks/web/compose.yaml": compose({ app: "stop_grace_period: 0s" }),
      "stacks/roll/stack.yaml": "hosts: all\nverify: {timeout: 3s}\n",
      "stacks/roll/compose.yaml": ROLL("true"),
    });
    assert.equal(await host.settle(), "converged");
    await waitUntil(
      "roll is verified",
      async () => {
        await host.tick();
        return (host.read("verification/roll") as { state?: string } | undefined)?.state === "verified";
      },
      PATIENCE,
    );
  });
  after(async () => {
    await Promise.allSettled([...alertmanagers.slice(1).map((one) => one.stop()), webhook.stop()]);
    await host.stop();
  });

  function fleet(heartbeat: boolean): string {
    const urls = alertmanagers.map(({ url }) => `{url: "${url}"}`).join(", ");
    return `alerts:\n  minFiring: 0s\n  labels: {site: home}\n  heartbeat: ${heartbeat}\n  alertmanager: [${urls}]\n  webhook: [{url: "${webhook.url}"}]\n`;
  }
  const push = (files: Readonly<Record<string, FileChange>>): Promise<string> =>
    host.push(Object.fromEntries(Object.entries(files).map(([path, content]) => [`desired-state/${path}`, content])));
  const web = (lines: string, image = "busybox:1.35"): Promise<string> =>
    push({ "stacks/web/compose.yaml": compose({ app: `stop_grace_period: 0s\n${lines}` }).replace("busybox:1.35", image) });

  /** One tick, told to everybody; what fires at each Alertmanager, heartbeat excepted. */
  async function look(): Promise<ReceivedAlert[][]> {
    await host.tick();
    await host.alerts();
    const all = await Promise.all(alertmanagers.map((one) => one.alerts()));
    return all.map((alerts) => alerts.filter(({ labels }) => labels["alertname"] !== "HoldfastHeartbeat"));
  }
  const isQuiet = (): Promise<unknown> =>
    waitUntil("nothing fires any more", async () => (await look()).every((alerts) => alerts.length === 0), PATIENCE);

  const rows: Row[] = [
    {
      ...{ name: "HoldfastDrift", about: "a container that was renamed, and is only reported", severity: "warning" },
      labels: { stack: "web", kind: "renamed" },
      begin: () => host.docker("rename", "web-app-1", "web-other"),
      end: () => host.docker("rename", "web-other", "web-app-1"),
    },
    {
      ...{ name: "HoldfastStackUnhealthy", about: "a health check that fails", labels: { stack: "web" } },
      begin: () => web(CHECK),
      end: () => host.docker("exec", "web-app-1", "sh", "-c", ": > /well"),
    },
    {
      ...{ name: "HoldfastConvergeFailed", about: "an image that cannot be had", labels: { stack: "web" } },
      begin: () => web("", "localhost:1/nothing:1"),
      end: () => web(""),
    },
    {
      ...{
        name: "HoldfastConvergeFailed",
        about: "a container that stands still and cannot be started",
        labels: { stack: "web" },
      },
      begin: async () => {
        await web('ports: ["127.0.0.1:8080:80"]');
        await isQuiet();
        assert.equal(await host.settle(), "converged");
        await host.docker("stop", "web-app-1");
        await host.docker("run", "-d", "--name", "squatter", "-p", "127.0.0.1:8080:80", "busybox:1.35", "sleep", "1000");
      },
      end: () => host.docker("rm", "-f", "squatter"),
    },
    {
      ...{ name: "HoldfastDriftFighting", about: "a container that is removed again and again", labels: { stack: "web" } },
      begin: async () => undefined,
      again: () => host.docker("rm", "-f", "web-app-1").catch(() => undefined),
      end: () => web("environment: {ROUND: two}"),
    },
    {
      ...{ name: "HoldfastRolledBack", about: "a revision that does not get healthy", labels: { stack: "roll" } },
      begin: () => push({ "stacks/roll/compose.yaml": ROLL("false") }),
      end: () => push({ "stacks/roll/compose.yaml": ROLL("true") }),
    },
    {
      ...{ name: "HoldfastRevisionRejected", about: "a stack that is invalid", labels: { stack: "web" } },
      begin: () => push({ "stacks/web/compose.yaml": "services: [" }),
      end: () => web("environment: {ROUND: two}"),
    },
    {
      ...{ name: "HoldfastRevisionRejected", about: "a fleet.yaml that is invalid" },
      begin: () => push({ "fleet.yaml": "nonsense: true\n" }),
      end: () => push({ "fleet.yaml": fleet(true) }),
    },
    {
      ...{ name: "HoldfastRemovalHeld", about: "a revision that removes every stack" },
      begin: async () => {
        const gone = ["stacks/web/stack.yaml", "stacks/web/compose.yaml", "stacks/roll/stack.yaml", "stacks/roll/compose.yaml"];
        const kept = await host.repository.resolve("main");
        await host.repository.git(["tag", "before", kept ?? ""]);
        await push(Object.fromEntries(gone.map((path) => [path, null])));
      },
      end: () => host.repository.git(["update-ref", "refs/heads/main", "refs/tags/before"]),
    },
    {
      ...{ name: "HoldfastPreflightFailed", about: "a disk that is too small", labels: { stack: "fat" } },
      begin: () =>
        push({
          "stacks/fat/stack.yaml": `hosts: all\nrequires: {disk: [{path: ${host.directory}, free: 9000TiB}]}\n`,
          "stacks/fat/compose.yaml": compose({ app: "stop_grace_period: 0s" }),
        }),
      end: () => push({ "stacks/fat/stack.yaml": "hosts: all\n" }),
    },
    {
      ...{ name: "HoldfastSourceUnreachable", about: "a Git server that is gone", severity: "warning" },
      begin: () => host.git.goDown(),
      end: () => host.git.comeUp(),
    },
    {
      ...{ name: "HoldfastSuspended", about: "a host that is held", severity: "info" },
      begin: () => push({ "hosts/box.yaml": "suspend: true\n" }),
      end: () => push({ "hosts/box.yaml": "{}\n" }),
    },
  ];

  for (const { name, about, labels = {}, severity = "critical", begin, end, again } of rows) {
    it(`${name} (${about}) must fire once, alone, from one start, also after a restart, and end`, async () => {
      await begin();
      const fired = await waitUntil(
        "it fires everywhere",
        async () => {
          await again?.();
          const told = await look();
          return told.every((alerts) => alerts.some((alert) => alert.labels["alertname"] === name)) && told;
        },
        PATIENCE,
      );
      const expected = { alertname: name, host: "box", severity, site: "home", ...labels };
      for (const alerts of fired) {
        assert.deepEqual(
          alerts.filter((alert) => alert.labels["alertname"] === name).map((alert) => alert.labels),
          [expected],
        );
        const alert = alerts.find((one) => one.labels["alertname"] === name);
        assert.equal(alert?.annotations["runbook_url"], `docs/operations.md#${name.toLowerCase()}`);
        assert.ok(alert.annotations["summary"] && alert.annotations["description"]);
        // Ahead, so that it does not end by itself before it is told again.
        assert.ok(Date.parse(alert.endsAt) - Date.now() > 180_000, alert.endsAt);
      }
      const starts = (told: readonly ReceivedAlert[][]): (string | undefined)[] =>
        told.map((alerts) => alerts.find((alert) => alert.labels["alertname"] === name)?.startsAt);
      const before = starts(fired);
      host.restart();
      const later: ReceivedAlert[][][] = [];
      await waitUntil(
        "what is not well has been so for longer than verify.timeout",
        async () => {
          later.push(await look());
          const since = host.memory().health.get("web")?.unwellSinceMs;
          return later.length >= 2 && (since === undefined || Date.now() - since > VERIFY_MS + 500);
        },
        PATIENCE,
      );
      for (const told of [...later.slice(0, 2), ...later.slice(-1)]) {
        assert.deepEqual(starts(told), before, "it goes on from the same start");
        // One thing that is wrong is one alert.
        for (const alerts of told)
          assert.deepEqual(
            alerts.map((one) => one.labels),
            [expected],
          );
      }
      await end();
      await isQuiet();
    });
  }

  it("HoldfastHeartbeat must fire while it is wanted, and end when it is not", async () => {
    const beats = async (): Promise<boolean[]> => {
      await look();
      const all = await Promise.all(alertmanagers.map((one) => one.alerts()));
      return all.map((alerts) => alerts.some(({ labels }) => labels["alertname"] === "HoldfastHeartbeat"));
    };
    assert.ok((await beats()).every(Boolean));
    await push({ "fleet.yaml": fleet(false) });
    await waitUntil("it has ended", async () => (await beats()).every((one) => !one), PATIENCE);
  });

  it("the webhook must have been told of each of them, and that it ended", async () => {
    const told = (): Map<string, string> => {
      const payloads = webhook.requests.map(({ body }) => JSON.parse(body) as WebhookPayload);
      return new Map(payloads.map(({ groupLabels, status }) => [groupLabels["alertname"] ?? "", status]));
    };
    const names = [...new Set([...rows.map(({ name }) => name), "HoldfastHeartbeat"])].sort();
    await waitUntil(
      "all of them have ended",
      async () => {
        await look();
        return [...told().values()].every((status) => status === "resolved");
      },
      PATIENCE,
    );
    assert.deepEqual([...told().keys()].sort(), names);
    // Two messages each, and some more where a stack has several things to tell.
    assert.ok(webhook.requests.length <= 4 * names.length, String(webhook.requests.length));
  });

  it("must be the whole table of docs/alerts.md, but for upgrades, which only hosts with systemd make", () => {
    assert.match(readPage("docs/alerts.md"), /HoldfastDrift/);
    const listed = readTable("docs/alerts.md", "anew for each delivery").map(([cell = ""]) => cell.replaceAll("`", ""));
    const elsewhere = ["HoldfastHeartbeat", "HoldfastUpgradeFailed"];
    assert.deepEqual([...new Set([...rows.map(({ name }) => name), ...elsewhere])].sort(), listed.sort());
  });
});
