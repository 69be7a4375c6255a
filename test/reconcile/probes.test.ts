import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSettled, listFailed } from "../../agent/reconcile/is-settled.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const URL = "http://127.0.0.1:81/";
const NAME = `http ${URL}`;
const VERIFY = `verify: {timeout: 60s, interval: 30s, probes: [{http: {url: "http://\${IP}:81/"}}]}\nvars: {IP: 127.0.0.1}\n`;
const ALERTS = state({ "fleet.yaml": "alerts: {minFiring: 0s, alertmanager: [{url: 'http://alerts'}]}\n" });

const verification = (host: FakeHost): string | undefined => host.store.read<{ state: string }>("verification/shop")?.state;
const alerts = (host: FakeHost) =>
  host
    .alerting()
    .firing()
    .map(({ alert }) => [alert.name, alert.annotations["description"]]);
/** Time passes, with what happens in it. */
async function pass(host: FakeHost, seconds: number, step = 1): Promise<void> {
  for (let past = 0; past < seconds; past += step) {
    host.clock.advance(step * 1_000);
    await host.sample();
    await host.tick();
  }
}

describe("probes", () => {
  it("must be run with the stack's variables while it is verified, and it be verified when they pass", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }, VERIFY) });
    host.probes.failing.set(NAME, "expected any 2xx, got 502");
    await host.settle();
    await pass(host, 20);
    assert.equal(verification(host), "pending");
    assert.equal(isSettled(host.memory(), host.ports), false);
    host.probes.failing.clear();
    await host.verify();
    assert.equal(verification(host), "verified");
    assert.deepEqual([...new Set(host.probes.calls)], [NAME]);
    assert.ok(isSettled(host.memory(), host.ports));
    assert.deepEqual(listFailed(host.memory(), host.ports), []);
  });

  it("that a secret makes wrong must be told without it", async () => {
    const host = createFakeHost();
    host.env.set("shop.env", "PROBED=redis://me:Vq7-correct-horse@db:6379\n");
    const wrong = `hostEnvFiles: [shop.env]
requires: {disk: [{path: "\${PROBED}"}], addresses: ["\${PROBED}"]}
verify: {probes: [{http: {url: "\${PROBED}"}}, {tcp: {address: "\${PROBED}"}}, {dns: {server: "\${PROBED}", name: a}}]}
`;
    host.git.commit({ ...BOX, ...ALERTS, ...stackFiles("shop", { web: "" }, wrong) });
    await host.settle();
    const told = JSON.stringify([host.memory().desired?.findings, host.log, alerts(host)]);
    assert.match(told, /expected an http:\/\/ or https:\/\/ URL, found \\+"\*\*\*\\+"/);
    assert.ok(!told.includes("Vq7"), told);
  });

  it("that fail must take a revision back although its containers run, and say what came", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...ALERTS, ...stackFiles("shop", { web: "" }, VERIFY) });
    await host.verify();
    host.git.commit(stackFiles("shop", { web: "environment: {A: b}" }, VERIFY));
    host.probes.failing.set(NAME, "expected any 2xx, got 502");
    await host.settle();
    await pass(host, 65, 2.5);
    assert.match(
      host.store.read<{ reason: string }>("quarantine/shop")?.reason ?? "",
      /^probe http \S+: expected any 2xx, got 502 \(after 60 s\)/,
    );
    assert.deepEqual(listFailed(host.memory(), host.ports), ["shop"]);
    host.probes.failing.clear();
    await host.verify();
    assert.equal(verification(host), "verified");
    assert.deepEqual(
      alerts(host).map(([name]) => name),
      ["HoldfastRolledBack"],
    );
    assert.deepEqual(listFailed(host.memory(), host.ports), ["shop"], "it is no success");
  });

  it("that begin to fail must be drift, hold up who depends on them, be told after the timeout, and end by themselves", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...ALERTS, ...stackFiles("shop", { web: "" }, VERIFY) });
    await host.verify();
    const before = host.probes.calls.length;
    await pass(host, 60, 5);
    assert.ok(host.probes.calls.length - before <= 3, "at its interval only");

    host.probes.failing.set(NAME, "expected any 2xx, got 502");
    await pass(host, 30);
    await host.sample();
    host.probes.failing.clear();
    await pass(host, 5);
    assert.equal(host.memory().health.get("shop")?.value, "healthy", "one failure is nobody's business");

    host.probes.failing.set(NAME, "expected any 2xx, got 502");
    await pass(host, 35);
    const drift = host.memory().plan?.drift.map(({ kind, mode, origin, cause }) => [kind, mode, origin, cause]);
    assert.deepEqual(drift, [["unhealthy", "report", "host", `probe ${NAME}: expected any 2xx, got 502`]]);
    assert.deepEqual(alerts(host), []);
    host.git.commit(stackFiles("blog", { web: "" }, "dependsOn: [shop]\n"));
    await pass(host, 5);
    assert.equal(host.memory().waiting.get("blog")?.value, "stack shop is healthy");
    await pass(host, 60, 5);
    assert.deepEqual(alerts(host), [["HoldfastStackUnhealthy", `probe ${NAME}: expected any 2xx, got 502`]]);
    assert.equal(verification(host), "verified", "nothing is rolled back for it");

    host.probes.failing.clear();
    await pass(host, 20);
    assert.deepEqual(alerts(host), []);
    assert.ok(host.world.containers().some(({ name }) => name === "blog-web-1"));
  });

  it("must be told without what stays on the host", async () => {
    const host = createFakeHost();
    host.env.set("shop.env", "TOKEN=hunter2-hunter2\n");
    const probes = `verify: {timeout: 20s, probes: [{http: {url: "http://127.0.0.1:81/?key=\${TOKEN}"}}]}\nhostEnvFiles: [shop.env]\n`;
    host.git.commit({ ...BOX, ...ALERTS, ...stackFiles("shop", { web: "" }, probes) });
    host.probes.failing.set("http http://127.0.0.1:81/?key=hunter2-hunter2", 'got "hunter2-hunter2 is wrong"');
    await host.settle();
    await pass(host, 45, 2.5);
    const told = JSON.stringify([alerts(host), host.log, host.memory().plan, host.store.read("quarantine/shop")]);
    assert.match(told, /key=\*\*\*/);
    assert.doesNotMatch(told, /hunter2/);
  });

  it("must begin anew with other containers, so that what passed before proves nothing", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }, VERIFY) });
    await host.verify();
    host.git.commit(stackFiles("shop", { web: "environment: {A: b}" }, VERIFY));
    await host.tick();
    assert.equal(host.memory().health.get("shop")?.value, "starting");
    assert.equal(host.memory().probes.get("shop")?.histories.size, 0);
  });

  it("must be run beside the ticks, without any timer where there are none, and wake the agent when they fail", async () => {
    const host = createFakeHost();
    const stop = new AbortController();
    const probing = host.loop().probe(stop.signal);
    host.git.commit({ ...BOX, ...stackFiles("blog", { web: "" }) });
    await host.tick();
    assert.deepEqual(host.clock.waits(), []);
    host.git.commit(stackFiles("shop", { web: "" }, VERIFY));
    await host.tick();
    for (let passes = 1; passes <= 3; passes += 1) {
      await waitUntil("it was run", () => host.probes.calls.length === passes);
      await host.clock.waitedFor(passes < 3 ? 1_000 : 30_000);
      if (passes < 3) host.clock.advance(1_000);
    }
    assert.equal(host.memory().probes.get("shop")?.verdict.state, "healthy");
    host.memory().watch.news = false;
    host.probes.failing.set(NAME, "expected any 2xx, got 502");
    host.clock.advance(30_000);
    await host.clock.waitedFor(1_000);
    assert.equal(host.memory().watch.news, false);
    host.clock.advance(1_000);
    await waitUntil("the failure counts", () => host.memory().watch.news);
    stop.abort();
    await probing;
  });

  it("must refuse a probe that cannot be meant, at its place", async () => {
    const host = createFakeHost();
    const probes =
      "verify:\n  probes:\n    - exec: {service: wob, command: [x]}\n    - {http: {url: 'http://$" + "{NOWHERE}/'}}\n";
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }, probes) });
    assert.equal(await host.settle(), "invalid");
    assert.deepEqual(
      host.memory().desired?.findings.map(({ line, message, rule }) => [line, message, rule]),
      [
        [4, 'there is no service "wob" (services: web)', "probe"],
        [5, "$" + "{NOWHERE} has no value; define NOWHERE under vars", "variable-undefined"],
      ],
    );
  });
});

describe("a container without a health check", () => {
  const LINES = "verify: {timeout: 30s}\n";
  const crash = (host: FakeHost): void => {
    const container = host.world.containers().find(({ service }) => service === "web");
    host.world.stop(container?.id ?? "", 1);
    host.world.start(container?.id ?? "");
  };

  it("that crashes between the looks must not be taken for verified, but taken back", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }, LINES) });
    await host.verify();
    host.git.commit(stackFiles("shop", { web: "environment: {A: b}" }, LINES));
    await host.settle();
    for (let round = 0; round < 30 && host.store.read("quarantine/shop") === undefined; round += 1) {
      host.clock.advance(2_500);
      crash(host);
      await host.tick();
      assert.equal(host.world.containers()[0]?.state, "running");
      assert.notEqual(verification(host), "verified");
    }
    assert.match(
      host.store.read<{ reason: string }>("quarantine/shop")?.reason ?? "",
      /^container shop-web-1 does not stay up: it was started again \d+ times \(after 30 s\)/,
    );
  });

  it("that gets well at the last moment must have the time to stay so, however long the agent was away", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }, LINES) });
    await host.settle();
    host.restart();
    host.clock.advance(3_600_000);
    await host.verify();
    assert.equal(verification(host), "verified");
  });
});
