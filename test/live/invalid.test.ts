import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { renderFinding } from "../../agent/model/finding.ts";
import { seen } from "./seen.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

/** What a push breaks, and the finding that tells it; all of it concerns the stack `web` only. */
const BROKEN_STACKS: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    "YAML that does not parse",
    { "web/compose.yaml": "services:\n  app: [\n" },
    /^desired-state\/stacks\/web\/compose\.yaml:\d+:\d+: .*\(yaml-syntax\)$/,
  ],
  [
    "a duplicate key",
    { "web/compose.yaml": compose({ app: "" }).replace("    restart:", "    image: other\n    restart:") },
    /compose\.yaml:4:5: .*\(duplicate-key\)$/,
  ],
  ["tabs", { "web/stack.yaml": "hosts:\n\tnames: [box]\n" }, /stack\.yaml:2:1: .*tab.*\(/],
  [
    "an unknown key",
    { "web/stack.yaml": "hosts: all\ndependsOm: [x]\n" },
    /stack\.yaml:2:1: unknown key "dependsOm"; did you mean "dependsOn"\? \(unknown-key\)$/,
  ],
  [
    "an unknown key of Compose",
    { "web/compose.yaml": compose({ app: "imge: x" }) },
    /compose\.yaml:\d+:\d+: .*imge.*\(compose\)$/,
  ],
  [
    "an unknown host",
    { "web/stack.yaml": "hosts: {names: [boks]}\n" },
    /stack\.yaml:1:17: there is no host "boks" \(hosts: box\) \(unknown-host\)$/,
  ],
  [
    "a variable without value",
    { "web/compose.yaml": compose({ app: 'hostname: "${MESAGE}"' }) },
    /compose\.yaml:6:15: .*\$\{MESAGE\}.*did you mean "MESSAGE".*\(variable-undefined\)$/,
  ],
  [
    "a path that leaves the repository",
    { "web/compose.yaml": compose({ app: 'volumes: ["../../../../etc:/etc"]' }) },
    /compose\.yaml:6:15: .*\(path-outside-root\)$/,
  ],
  [
    "a key that is not supported yet and restricts",
    { "web/stack.yaml": "hosts: all\nsecrets: [a.env]\n" },
    /stack\.yaml:2:\d+: .*not supported yet.*\(not-supported-yet\)$/,
  ],
];

describe("an invalid push", () => {
  let host: Host;
  const GOOD = { "web/stack.yaml": "hosts: all\n", "web/compose.yaml": compose({ app: "" }) };
  const under = (files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`desired-state/stacks/${path}`, text]));

  before(async () => {
    host = await startHost();
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
      "desired-state/stacks/other/stack.yaml": "hosts: all\n",
      "desired-state/stacks/other/compose.yaml": compose({ app: "" }),
      ...under(GOOD),
    });
    assert.equal(await host.settle(), "converged");
  });
  after(() => host.stop());

  for (const [name, files, finding] of BROKEN_STACKS) {
    it(`with ${name} must leave its stack at the last good revision, and stop no other`, async () => {
      const before = await host.container("web-app-1");
      const round = `round: ${JSON.stringify(name)}`;
      await host.push({
        ...under(GOOD),
        ...under(files),
        "desired-state/stacks/other/compose.yaml": compose({ app: `labels: {${round}}` }),
      });
      assert.equal(await host.settle(), "invalid");
      const lines = host.memory().desired?.findings.map(renderFinding) ?? [];
      assert.ok(
        lines.some((line) => finding.test(line)),
        lines.join("\n"),
      );
      assert.equal((await host.container("web-app-1"))?.id, before?.id);
      assert.match(await host.docker("inspect", "other-app-1", "--format", "{{.Config.Labels.round}}"), new RegExp(`^${name}$`));
      const alerts = await host.alerts();
      assert.deepEqual(
        alerts.map((alert) => [alert.name, alert.labels["stack"]]),
        [["HoldfastRevisionRejected", "web"]],
      );
      assert.match(alerts[0]?.text ?? "", /desired-state\/stacks\/web\//);
      await seen(host, () => host.docker("stop", "-t", "0", "web-app-1"));
      await host.settle();
      assert.equal((await host.container("web-app-1"))?.state, "running", "drift repair goes on for what is in force");
      host.forget("heal/web");
      await host.push(under(GOOD));
      assert.equal(await host.settle(), "converged");
      assert.deepEqual(await host.alerts(), []);
      assert.equal((await host.container("web-app-1"))?.id, before?.id);
    });
  }

  for (const [name, files] of [
    ["a broken fleet.yaml", { "desired-state/fleet.yaml": "vars: [" }],
    ["a broken file of this host", { "desired-state/hosts/box.yaml": "platfrom: linux/amd64\n" }],
    [
      "no file of this host",
      { "desired-state/hosts/box.yaml": null, "desired-state/hosts/another.yaml": "platform: linux/amd64\n" },
    ],
    ["a policy that means nothing", { "desired-state/fleet.yaml": "policy: {privileged: always}\n" }],
  ] as const) {
    it(`with ${name} must be rejected as a whole, and what is in force stays`, async () => {
      await host.push({
        ...files,
        "desired-state/stacks/other/compose.yaml": compose({ app: `labels: {rejected: ${JSON.stringify(name)}}` }),
      });
      assert.equal(await host.settle(), "invalid");
      assert.notEqual(await host.docker("inspect", "other-app-1", "--format", "{{.Config.Labels.rejected}}"), name);
      await seen(host, () => host.docker("rm", "-f", "web-app-1"));
      await host.settle();
      assert.equal((await host.container("web-app-1"))?.state, "running", "drift repair goes on");
      host.forget("heal/web");
      const alerts = await host.alerts();
      assert.ok(alerts.some((alert) => alert.name === "HoldfastRevisionRejected" && alert.labels["stack"] === undefined));
      await host.push({ "desired-state/fleet.yaml": fleet(host), "desired-state/hosts/box.yaml": "platform: linux/amd64\n" });
      assert.equal(await host.settle(), "converged");
    });
  }

  it("without desired-state/ must be rejected, never taken as remove everything", async () => {
    const before = (await host.containers()).map((container) => container.id).sort();
    const files = [
      "fleet.yaml",
      "hosts/box.yaml",
      "hosts/another.yaml",
      "stacks/web/stack.yaml",
      "stacks/web/compose.yaml",
      "stacks/other/stack.yaml",
      "stacks/other/compose.yaml",
    ];
    await host.push({ ...Object.fromEntries(files.map((file) => [`desired-state/${file}`, null])), "README.md": "gone\n" });
    assert.equal(await host.settle(), "invalid");
    assert.deepEqual((await host.containers()).map((container) => container.id).sort(), before);
    assert.match(host.memory().rejected?.reason ?? "", /has no directory desired-state\//);
  });

  it("must still be told, and its stacks kept, after a restart", async () => {
    await seen(host, () => host.docker("rm", "-f", "web-app-1"));
    host.restart();
    assert.equal(await host.settle(), "invalid");
    assert.equal((await host.container("web-app-1"))?.state, "running");
    assert.ok((await host.alerts()).some((alert) => alert.name === "HoldfastRevisionRejected"));
  });
});
