import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { renderFinding } from "../../../agent/model/finding.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "../fake-host.ts";

describe("what a revision asks of a host", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = createFakeHost();
  });

  /** Pushes and converges; returns the revision. */
  async function push(files: Readonly<Record<string, string | null>>): Promise<string> {
    const revision = host.git.commit(files);
    await host.settle();
    return revision;
  }
  const stacks = (): string[] =>
    (host.memory().desired?.stacks ?? []).map(({ name, revision }) => `${name}@${revision.slice(0, 4)}`);
  const findings = (): string[] => (host.memory().desired?.findings ?? []).map(renderFinding);
  const model = (stack: string): string => host.runtime.get(`/run/${stack}/compose.json`) ?? "";

  const BROKEN: readonly (readonly [string, Readonly<Record<string, string | null>>])[] = [
    ["a Compose file that is no YAML", { "stacks/web/compose.yaml": "services: [\n" }],
    ["a Compose file that is missing", { "stacks/web/compose.yaml": null }],
    ["a stack.yaml that is broken", { "stacks/web/stack.yaml": "hosts: [\n" }],
    ["a stack.yaml that is missing", { "stacks/web/stack.yaml": null }],
    ["a stack.yaml with an unknown key", { "stacks/web/stack.yaml": "hosts: all\nhsots: all\n" }],
    [
      "a variable without a value",
      { "stacks/web/compose.yaml": "services: {app: {image: 'busybox:1.35', hostname: '${NONE}'}}\n" },
    ],
    ["an environment file of the host that is not there", { "stacks/web/stack.yaml": "hosts: all\nhostEnvFiles: [none.env]\n" }],
    ["a stack that it depends on and does not exist", { "stacks/web/stack.yaml": "hosts: all\ndependsOn: [none]\n" }],
  ];
  for (const [name, files] of BROKEN) {
    it(`${name} must leave its stack at the last good revision, and stop no other`, async () => {
      const good = await push({ ...BOX, ...stackFiles("web", { app: "" }), ...stackFiles("other", { app: "" }) });
      const bad = await push({ ...state(files), ...stackFiles("other", { app: "hostname: two" }) });
      assert.deepEqual(stacks().sort(), [`other@${bad.slice(0, 4)}`, `web@${good.slice(0, 4)}`]);
      assert.deepEqual(host.memory().desired?.invalid, ["web"]);
      assert.equal(host.memory().last?.result, "invalid");
      assert.match(findings().join("\n"), /^desired-state\/stacks\/web\//m);
      host.restart("boot");
      assert.equal(await host.settle(), "invalid");
      assert.deepEqual(stacks().sort(), [`other@${bad.slice(0, 4)}`, `web@${good.slice(0, 4)}`], "also after a boot");
      assert.equal(host.world.containers().length, 2);
      const fixed = await push({ ...stackFiles("web", { app: "" }) });
      assert.deepEqual([stacks().includes(`web@${fixed.slice(0, 4)}`), host.memory().last?.result], [true, "converged"]);
    });
  }

  it("a stack that was never good must be told and be nothing else", async () => {
    await push({
      ...BOX,
      ...stackFiles("other", { app: "" }),
      ...state({ "stacks/web/stack.yaml": "hosts: all\n", "stacks/web/compose.yaml": "[" }),
    });
    assert.deepEqual([stacks().length, host.memory().desired?.invalid], [1, ["web"]]);
    assert.deepEqual(
      host
        .alerting()
        .firing()
        .map(({ alert }) => `${alert.name} ${alert.labels["stack"]}`),
      ["HoldfastRevisionRejected web"],
    );
  });

  for (const [name, files] of [
    ["another host's broken file", { "hosts/other.yaml": "platfrom: x\n" }],
    ["another host's file that is no YAML", { "hosts/other.yaml": "[" }],
    [
      "a stack of another host that is broken",
      { "stacks/far/stack.yaml": "hosts: {names: [other]}\n", "stacks/far/compose.yaml": "[" },
    ],
    [
      "a stack of another host that is not there yet",
      { "stacks/far/stack.yaml": "hosts: {names: [nobody]}\n", "stacks/far/compose.yaml": "services: {}\n" },
    ],
  ] as const) {
    it(`${name} must stop nothing here`, async () => {
      const revision = await push({
        ...BOX,
        ...state({ "hosts/other.yaml": "platform: linux/amd64\n", ...files }),
        ...stackFiles("web", { app: "" }),
      });
      assert.equal(host.memory().last?.result, "converged", JSON.stringify(host.log));
      assert.deepEqual([stacks(), host.memory().desired?.revision], [[`web@${revision.slice(0, 4)}`], revision]);
      assert.deepEqual(host.alerting().firing(), []);
    });
  }

  it("the fleet's defaults must hold where a stack says nothing", async () => {
    await push({
      ...BOX,
      ...state({ "fleet.yaml": "defaults: {drift: {mode: report}, verify: {timeout: 7m}}\n" }),
      ...stackFiles("web", { app: "" }),
      ...stackFiles("own", { app: "" }, "drift: {mode: heal}\n"),
    });
    const settings = host.memory().desired?.stacks.map(({ name, drift, verifyTimeoutMs }) => [name, drift.mode, verifyTimeoutMs]);
    assert.deepEqual(settings, [
      ["own", "heal", 420_000],
      ["web", "report", 420_000],
    ]);
  });

  it("variables must come from fleet, host, stack and the host's files, the later winning, and name host and stack", async () => {
    host.env.set("web.env", "D=env\n");
    await push({
      ...state({
        "fleet.yaml": "vars: {A: fleet, B: fleet, C: fleet, D: fleet}\n",
        "hosts/box.yaml": "platform: linux/amd64\nvars: {B: host, C: host, D: host, HOLDFAST_HOST: mine}\n",
      }),
      ...stackFiles(
        "web",
        { app: 'hostname: "${A}-${B}-${C}-${D}-${HOLDFAST_HOST}-${HOLDFAST_STACK}-${HOLDFAST_PLATFORM}"' },
        "vars: {C: stack, D: stack}\nhostEnvFiles: [web.env]\n",
      ),
    });
    assert.ok(model("web").includes("fleet-host-stack-env-box-web-linux/amd64"), model("web") || JSON.stringify(host.log));
    assert.deepEqual(host.memory().desired?.hostEnvFiles, ["web.env"]);
  });

  it("a stack whose inputs did not change must not be rendered again, and move its revision along", async () => {
    await push({ ...BOX, ...stackFiles("web", { app: "" }), ...stackFiles("other", { app: "" }) });
    const before = host.compose.calls.length;
    const next = await push(stackFiles("other", { app: "hostname: two" }));
    const since = host.compose.calls.slice(before).filter((call) => call.startsWith("config"));
    assert.deepEqual(since, ["config other"]);
    assert.deepEqual(stacks().sort(), [`other@${next.slice(0, 4)}`, `web@${next.slice(0, 4)}`]);
  });

  for (const [name, files] of [
    ["a broken fleet.yaml", { "fleet.yaml": "vars: [" }],
    ["a broken file of this host", { "hosts/box.yaml": "platfrom: x\n" }],
    ["no file of this host", { "hosts/box.yaml": null }],
    ["no desired state", { "hosts/box.yaml": null, "stacks/web/stack.yaml": null, "stacks/web/compose.yaml": null }],
  ] as const) {
    it(`${name} must reject the revision as a whole, and what is in force stays and is healed`, async () => {
      const good = await push({ ...BOX, ...stackFiles("web", { app: "" }) });
      await push(state(files));
      assert.deepEqual([host.memory().last?.result, host.memory().desired?.revision], ["invalid", good]);
      host.world.remove(host.world.containers()[0]?.id ?? "");
      await host.settle();
      assert.equal(host.world.containers()[0]?.state, "running");
      assert.deepEqual(
        host
          .alerting()
          .firing()
          .map(({ alert }) => alert.name)
          .sort(),
        ["HoldfastDrift", "HoldfastRevisionRejected"],
      );
    });
  }

  it("a stack that selects this host no more must go on running and be told, where unmanaged stacks are only reported", async () => {
    const fleet = "defaults: {drift: {rules: {unmanaged-stack: report}}}\nprune: {maxRemovals: 100%}\n";
    const other = stackFiles("other", { app: "" });
    await push({
      ...BOX,
      ...state({ "hosts/other.yaml": "{}\n", "fleet.yaml": fleet }),
      ...stackFiles("web", { app: "" }),
      ...other,
    });
    await push(state({ "stacks/web/stack.yaml": "hosts: {names: [other]}\n" }));
    const web = host.world.containers().find(({ project }) => project === "web");
    assert.deepEqual([stacks().length, web?.state], [1, "running"]);
    assert.deepEqual(
      host
        .alerting()
        .firing()
        .map(({ alert }) => alert.labels["kind"]),
      ["unmanaged-stack"],
    );
  });
});
