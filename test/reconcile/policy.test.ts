import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { renderFinding } from "../../agent/model/finding.ts";
import type { Policy } from "../../agent/model/policy.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const PRIVILEGED = stackFiles("web", { app: "privileged: true" });
const enforce = (rule: string) => state({ "fleet.yaml": `policy: {${rule}: enforce}\n` });

function open(policy: Policy = {}) {
  const host = createFakeHost({ policy });
  const push = async (files: Readonly<Record<string, string | null>>) => {
    const revision = host.git.commit(files);
    await host.settle();
    return revision;
  };
  return { host, push };
}

function stackAt(host: FakeHost): string | undefined {
  return host.memory().desired?.stacks.find(({ name }) => name === "web")?.revision;
}

function told(host: FakeHost, rule: string): string[] {
  return (host.memory().desired?.findings ?? []).filter((finding) => finding.rule === rule).map(renderFinding);
}

describe("policies in the agent", () => {
  it("a warning must be told, and keep nothing from being converged", async () => {
    const { host, push } = open();
    const revision = await push({ ...BOX, ...PRIVILEGED });
    assert.equal(stackAt(host), revision);
    assert.match(
      told(host, "privileged").join(),
      /^desired-state\/stacks\/web\/compose\.yaml:5:17: warning: app is privileged: .* \(privileged\)$/,
    );
    assert.equal(host.memory().last?.result, "converged");
    assert.deepEqual(host.alerting().firing(), []);
  });

  it("what is enforced must keep the stack at its last good revision, and an alert must say why", async () => {
    const { host, push } = open();
    const good = await push({ ...BOX, ...enforce("privileged"), ...stackFiles("web", { app: "" }) });
    await push(PRIVILEGED);
    assert.equal(stackAt(host), good);
    assert.deepEqual(host.memory().desired?.invalid, ["web"]);
    const [alert] = host.alerting().firing();
    assert.equal(alert?.alert.name, "HoldfastRevisionRejected");
    assert.match(alert?.alert.annotations["description"] ?? "", /compose\.yaml:5:17: app is privileged/);
    const fixed = await push(stackFiles("web", { app: "hostname: fixed" }));
    assert.equal(stackAt(host), fixed);
  });

  it("a policy that changes must judge stacks that do not, replace no container, and leave running what it refuses", async () => {
    const { host, push } = open();
    const good = await push({ ...BOX, ...PRIVILEGED });
    const [before] = host.world.containers();
    await push(enforce("privileged"));
    assert.deepEqual([stackAt(host), host.memory().desired?.invalid], [good, ["web"]]);
    host.restart("boot");
    await host.settle();
    assert.equal(stackAt(host), good, "also after a boot, when everything is rendered again");
    host.world.remove(before?.id ?? "");
    await host.settle();
    assert.equal(host.world.containers().length, 1, "what is in force is repaired");
    const [repaired] = host.world.containers();
    const accepted = await push(state({ "fleet.yaml": "policy: {privileged: off}\n" }));
    assert.deepEqual([stackAt(host), host.memory().desired?.invalid], [accepted, []]);
    assert.equal(host.world.containers()[0]?.id, repaired?.id);
  });

  it("a host's own policy must win over the fleet's, and over exceptions of the repository", async () => {
    const { host, push } = open({ privileged: "enforce" });
    const exception = `policyExceptions: [{rule: privileged, reason: r, expires: 2099-01-01}]\n`;
    await push({
      ...BOX,
      ...state({ "fleet.yaml": "policy: {privileged: off}\n" }),
      ...stackFiles("web", { app: "privileged: true" }, exception),
    });
    assert.deepEqual([stackAt(host), host.memory().desired?.invalid], [undefined, ["web"]]);
    assert.match(
      told(host, "privileged").join(),
      /the host's own policy forbids it, whatever stack\.yaml excepts \(privileged\)$/,
    );
  });

  it("an exception must hold until its last day, and be judged again at the next revision after it", async () => {
    const { host, push } = open();
    const exception = `policyExceptions: [{rule: privileged, service: app, reason: r, expires: 2026-03-02}]\n`;
    const good = await push({
      ...BOX,
      ...enforce("privileged"),
      ...stackFiles("web", { app: "privileged: true" }, exception),
    });
    assert.deepEqual([stackAt(host), told(host, "privileged")], [good, []]);
    host.clock.advance(86_400_000);
    const second = await push(state({ "README.md": "on the last day\n" }));
    assert.equal(stackAt(host), second);
    host.clock.advance(86_400_000);
    await push(state({ "README.md": "the day after\n" }));
    assert.deepEqual([stackAt(host), host.memory().desired?.invalid], [second, ["web"]]);
    assert.match(told(host, "privileged").join(), /its exception ended on 2026-03-02: put it right, or move the end/);
  });

  it("a revision that changes nothing for a stack must not judge it again", async () => {
    const { host, push } = open();
    await push({ ...BOX, ...PRIVILEGED });
    const renders = host.compose.calls.length;
    const next = await push(state({ "README.md": "x\n" }));
    assert.equal(stackAt(host), next);
    assert.equal(host.compose.calls.length, renders);
  });
});
