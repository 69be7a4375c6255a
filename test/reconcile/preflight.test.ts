import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "./fake-host.ts";

const ALERTS = state({ "fleet.yaml": "alerts: {minFiring: 0s, alertmanager: [{url: 'http://alerts'}]}\n" });
const PORT = (port: number): string => `ports: [{target: 80, published: "${port}", protocol: tcp, host_ip: 127.0.0.1}]`;

const names = (host: FakeHost): string[] =>
  host.world
    .containers()
    .map(({ name }) => name)
    .sort();
const alerts = (host: FakeHost) =>
  host
    .alerting()
    .firing()
    .filter(({ alert }) => alert.name === "HoldfastPreflightFailed" && alert.labels)
    .map(({ alert }) => [alert.labels["stack"], alert.annotations["description"]]);
const takePort = (host: FakeHost): void => {
  host.world.published.push({ address: "127.0.0.1", port: 8080, protocol: "tcp", container: "squatter" });
};

describe("preflight", () => {
  it("must hold the stack whose port is taken, tell why and how to mend it, converge the others, and resolve by itself", async () => {
    const host = createFakeHost();
    takePort(host);
    host.git.commit({
      ...BOX,
      ...ALERTS,
      ...stackFiles("shop", { web: PORT(8080), db: "" }),
      ...stackFiles("blog", { web: "" }),
    });
    assert.equal(await host.settle(), "failed");
    assert.deepEqual(names(host), ["blog-web-1"]);
    const held = host.memory().plan?.stacks.find(({ stack }) => stack === "shop")?.held;
    assert.equal(held?.reason, "preflight");
    assert.match(held?.text ?? "", /found container squatter publishing it; stop it \(`docker stop squatter`\)/);
    assert.deepEqual(alerts(host), [
      [
        "shop",
        "port 127.0.0.1:8080/tcp of web: expected a free port, found container squatter publishing it; stop it (`docker stop squatter`), or publish another port or address",
      ],
    ]);
    assert.equal(host.messages("error").filter((line) => line === "the host lacks what is needed").length, 1);

    await host.tick();
    assert.equal(host.messages("error").filter((line) => line === "the host lacks what is needed").length, 1, "told once");
    host.world.published.length = 0;
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(names(host), ["blog-web-1", "shop-db-1", "shop-web-1"]);
    assert.equal(host.memory().preflight, undefined);
    assert.deepEqual(alerts(host), []);
  });

  it("must look at nothing of the host in a tick that creates nothing", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }) });
    await host.verify();
    host.machine.calls.length = 0;
    const [container] = host.world.containers();
    host.world.stop(container?.id ?? "");
    const before = host.engine.calls.length;
    assert.equal(await host.settle(), "converged");
    assert.equal(host.world.containers()[0]?.state, "running");
    assert.deepEqual(host.machine.calls, []);
    assert.deepEqual(
      host.engine.calls.slice(before).filter((call) => /info|survey|platform/.test(call)),
      [],
    );
  });

  it("must look once in a tick, however many rounds it takes", async () => {
    const host = createFakeHost();
    const services = { db: "", web: "depends_on: {db: {condition: service_started}}" };
    host.git.commit({ ...BOX, ...stackFiles("shop", services), ...stackFiles("blog", { web: "" }, "dependsOn: [shop]\n") });
    await host.tick();
    assert.deepEqual(host.machine.calls, ["read"]);
  });

  it("must hold every stack for what the host itself lacks, and start what is stopped all the same", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...ALERTS, ...stackFiles("shop", { web: "" }) });
    await host.verify();
    host.git.commit(state({ "hosts/box.yaml": "platform: linux/arm64\nrequires: {memory: 64GiB}\n" }));
    host.world.stop(host.world.containers()[0]?.id ?? "");
    assert.equal(await host.settle(), "converged");
    assert.equal(host.world.containers()[0]?.state, "running");
    host.git.commit(stackFiles("blog", { web: "" }));
    assert.equal(await host.settle(), "failed");
    assert.deepEqual(names(host), ["shop-web-1"]);
    const [[stack, text] = []] = alerts(host);
    assert.equal(stack, undefined);
    assert.match(text ?? "", /^platform: expected linux\/arm64, found linux\/amd64; .*\nmemory: expected 64 GiB, found 16 GiB; /);
    host.git.commit(BOX);
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(alerts(host), []);
  });

  it("must make a missing directory of requires.disk before the containers, once", async () => {
    const host = createFakeHost();
    host.machine.paths.set("/srv/data", { kind: "missing" });
    const disk = `requires: {disk: [{path: "/srv/\${WHERE}", create: true, mode: "0750"}]}\nvars: {WHERE: data}\n`;
    host.git.commit({
      ...BOX,
      ...stackFiles("shop", { web: "" }, disk),
      ...stackFiles("blog", { web: "" }, "dependsOn: [shop]\n"),
    });
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(
      host.machine.calls.filter((call) => call !== "read"),
      ["create /srv/data 750"],
    );
    assert.deepEqual(names(host), ["blog-web-1", "shop-web-1"]);
    const steps = host.log.filter(({ msg }) => msg === "step").map((line) => line["action"]);
    assert.equal(steps[0], "create-directory");
  });

  it("must not blame the revision for a port that somebody took while it was verified", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }, "verify: {timeout: 20s}\n") });
    await host.verify();
    host.git.commit(stackFiles("shop", { web: PORT(8080) }, "verify: {timeout: 20s}\n"));
    await host.tick();
    host.world.remove(host.world.containers()[0]?.id ?? "");
    takePort(host);
    for (let round = 0; round < 5; round += 1) {
      host.clock.advance(30_000);
      assert.equal(await host.tick(), "failed");
    }
    assert.equal(host.store.read("quarantine/shop"), undefined);
    host.world.published.length = 0;
    await host.verify();
    assert.equal(host.store.read<{ state: string }>("verification/shop")?.state, "verified");
  });

  it("must converge when the machine cannot be looked at", async () => {
    const host = createFakeHost();
    host.machine.failure = new Error("/proc/meminfo: permission denied");
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }) });
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(host.messages("warn"), ["the host's requirements cannot be checked"]);
  });

  it("must log a warning once", async () => {
    const host = createFakeHost();
    host.machine.paths.set("/missing", { kind: "missing" });
    const web = "volumes: [{type: bind, source: /missing, target: /data, bind: {create_host_path: true}}]";
    host.git.commit({ ...BOX, ...stackFiles("shop", { web }) });
    assert.equal(await host.settle(), "converged");
    host.world.remove(host.world.containers()[0]?.id ?? "");
    host.clock.advance(60_000);
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(host.messages("warn"), ["the host may lack what is needed"]);
  });

  it("must refuse requires whose variables have no value, at their place", async () => {
    const host = createFakeHost();
    const requires = "requires:\n  disk: [{path: '$" + "{NOWHERE}/data'}]\n";
    host.git.commit({ ...BOX, ...stackFiles("shop", { web: "" }, requires) });
    assert.equal(await host.settle(), "invalid");
    assert.match(
      host
        .memory()
        .desired?.findings.map(({ path, line, message }) => `${path}:${line} ${message}`)
        .join("\n") ?? "",
      /stacks\/shop\/stack\.yaml:3 \$\{NOWHERE\} has no value/,
    );
    host.git.commit(state({ "hosts/box.yaml": requires, "stacks/shop/stack.yaml": "hosts: all\n" }));
    await host.settle();
    assert.match(host.memory().rejected?.findings[0]?.message ?? "", /NOWHERE/);
  });
});
