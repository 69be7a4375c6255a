import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../agent/model/desired.ts";
import type { EngineUsage } from "../../../agent/model/engine.ts";
import type { Listener, MachineFacts } from "../../../agent/model/machine.ts";
import { renderPreflightFinding, type StackNeeds } from "../../../agent/model/preflight.ts";
import { checkPorts } from "../../../agent/plan/preflight/check-ports.ts";
import { listPublished } from "../../../agent/plan/preflight/list-published.ts";

type Ports = Readonly<Record<string, readonly JsonObject[]>>;

function stack(name: string, ports: Ports, more: JsonObject = {}): StackNeeds {
  const services = Object.entries(ports).map(([service, list]) => [service, { ports: list, ...more }]);
  return { name, model: { services: Object.fromEntries(services) }, composeVersion: "2.26.1", root: "/root" };
}

function port(published: string, hostIp?: string, protocol = "tcp"): JsonObject {
  return { mode: "ingress", target: 80, published, protocol, ...(hostIp === undefined ? {} : { host_ip: hostIp }) };
}

function check(
  stacks: readonly StackNeeds[],
  { listeners = [], leaving = [], ...given }: Partial<MachineFacts & EngineUsage & { leaving: string[] }> = {},
): string[] {
  const { containers = [], published = [], bindsAnyAddress = false } = given;
  const machine: MachineFacts = {
    ...{
      kernel: "6",
      platform: "linux/amd64",
      memory: { totalBytes: 1, availableBytes: 1 },
      addresses: ["192.168.1.5", "fd00::5"],
    },
    ...{ bindsAnyAddress, paths: {}, commands: {}, listeners, gpus: [] },
  };
  const found = { machine, usage: { networks: [], volumes: [], containers, published }, imagePlatforms: {} };
  return checkPorts({ stacks, leaving }, found).map((finding) => `${finding.severity}: ${renderPreflightFinding(finding)}`);
}

const nginx = (address: string, more: Partial<Listener> = {}): Listener => ({
  ...{ protocol: "tcp", address, port: 80, process: "nginx (pid 7)" },
  ...more,
});
const held = (address: string, project?: string): EngineUsage["published"] => [
  { address, port: 80, protocol: "tcp", container: "old-web-1", ...(project === undefined ? {} : { project }) },
];

describe("the ports of a model", () => {
  test("must be those that it binds for sure", () => {
    const app = stack("app", {
      web: [port("80"), port("443", "0.0.0.0"), port("53", "0:0::5", "udp"), port("8000-8010"), { target: 80, protocol: "tcp" }],
    });
    assert.deepEqual(listPublished("app", app.model), [
      { stack: "app", service: "web", port: 80, protocol: "tcp" },
      { stack: "app", service: "web", address: "0.0.0.0", port: 443, protocol: "tcp" },
      { stack: "app", service: "web", address: "::5", port: 53, protocol: "udp" },
    ]);
    for (const none of [{ network_mode: "host" }, { scale: 0 }, { deploy: { replicas: 0 } }])
      assert.deepEqual(listPublished("app", stack("app", { web: [port("80")] }, none).model), []);
  });
});

describe("a published port must be told", () => {
  test("when no interface has its address", () => {
    const app = stack("app", {
      web: [
        port("80", "10.9.9.9"),
        port("53", "10.9.9.9", "udp"),
        port("81", "192.168.1.5"),
        port("82", "127.0.0.2"),
        port("83", "::1"),
      ],
    });
    assert.deepEqual(check([app]), [
      "error: app: address 10.9.9.9, where web publishes 80/tcp, 53/udp: expected an interface with it, found 192.168.1.5, fd00::5; bring its interface up (`ip address`), or correct the variable that names it",
    ]);
    assert.deepEqual(check([app], { bindsAnyAddress: true }), [], "the kernel was told not to mind");
    const asked = { ...app, requires: { addresses: ["10.9.9.9"] } };
    assert.deepEqual(check([asked]), [], "it is told as a requirement");
  });

  const TWICE: readonly (readonly [string, string | undefined, string | undefined, boolean])[] = [
    ["everywhere and everywhere", undefined, undefined, true],
    ["everywhere and at one address", undefined, "192.168.1.5", true],
    ["all of a family and one of it", "0.0.0.0", "127.0.0.1", true],
    ["one address twice", "127.0.0.1", "127.0.0.1", true],
    ["one address, spelled differently", "fd00::5", "FD00:0:0::5", true],
    ["two addresses", "127.0.0.1", "192.168.1.5", false],
    ["two families", "0.0.0.0", "::", false],
  ];
  for (const [what, first, second, expected] of TWICE)
    test(`${expected ? "when" : "but not when"} two stacks publish it: ${what}`, () => {
      const found = check([stack("a", { web: [port("80", first)] }), stack("b", { api: [port("80", second)] })]);
      assert.equal(found.length, expected ? 1 : 0, found.join("\n"));
      if (expected)
        assert.match(
          found[0] ?? "",
          /^error: b: port \S*80\/tcp of api: expected no other service there, found web of a publishing \S*80\/tcp;/,
        );
    });

  test("when two services of one stack publish it, but not with different protocols", () => {
    const [found = ""] = check([stack("a", { web: [port("80")], api: [port("80")] })]);
    assert.match(found, /^error: a: port 80\/tcp of api: .* found web of this stack publishing 80\/tcp/);
    assert.deepEqual(check([stack("a", { web: [port("53", undefined, "udp")], api: [port("53")] })]), []);
  });

  test("when a container that is not ours publishes it", () => {
    const app = [stack("app", { web: [port("80", "192.168.1.5")] })];
    assert.deepEqual(
      check(app, { published: held("0.0.0.0"), listeners: [nginx("0.0.0.0", { process: "docker-proxy (pid 9)" })] }),
      [
        "error: app: port 192.168.1.5:80/tcp of web: expected a free port, found container old-web-1 publishing it; stop it (`docker stop old-web-1`), or publish another port or address",
      ],
    );
    assert.match(
      check(app, { published: held("0.0.0.0", "old") })[0] ?? "",
      /container old-web-1 of the project old publishing it/,
    );
    assert.deepEqual(check(app, { published: held("127.0.0.1") }), [], "another address");
  });

  test("but not when it is ours, or was and will be given up", () => {
    const proxy = {
      listeners: [nginx("0.0.0.0", { process: "docker-proxy (pid 9)" }), nginx("::", { process: "docker-proxy (pid 8)" })],
    };
    const both = [...held("0.0.0.0", "app"), ...held("::", "app")];
    assert.deepEqual(check([stack("app", { web: [port("80")] })], { published: both, ...proxy }), []);
    const moved = [stack("app", {}), stack("new", { web: [port("80")] })];
    assert.deepEqual(check(moved, { published: both, ...proxy }), []);
    const left = { published: [...held("0.0.0.0", "gone"), ...held("::", "gone")], ...proxy, leaving: ["gone"] };
    assert.deepEqual(check([stack("app", { web: [port("80")] })], left), []);
  });

  test("when a process listens there", () => {
    const app = [stack("app", { web: [port("80")] })];
    assert.deepEqual(check(app, { listeners: [nginx("127.0.0.1")] }), [
      "error: app: port 80/tcp of web: expected a free port, found nginx (pid 7) listening on 127.0.0.1:80/tcp; stop nginx, or publish another port or address",
    ]);
    assert.match(
      check(app, { listeners: [{ protocol: "tcp", address: "::", port: 80 }] })[0] ?? "",
      /found another process listening on \[::\]:80/,
    );
    const others = [nginx("127.0.0.1", { port: 81 }), nginx("127.0.0.1", { protocol: "udp" })];
    assert.deepEqual(check(app, { listeners: others }), []);
    const bound = [stack("app", { web: [port("80", "192.168.1.5")] })];
    assert.deepEqual(check(bound, { listeners: [nginx("127.0.0.53")] }), [], "another address");
  });

  test("as a warning, when only the IPv6 wildcard may hold it", () => {
    const [found = ""] = check([stack("app", { web: [port("80", "192.168.1.5")] })], { listeners: [nginx("::")] });
    assert.match(
      found,
      /^warning: app: port 192\.168\.1\.5:80\/tcp of web: .* found nginx \(pid 7\) listening on \[::\]:80\/tcp/,
    );
  });

  test("when a container in the host's network listens there, unless it is ours", () => {
    const id = "a".repeat(64);
    const listeners = [nginx("0.0.0.0", { containerId: id })];
    const of = (project: string) => ({ listeners, containers: [{ id, name: "old-web-1", project }] });
    const app = [stack("app", { web: [port("80")] })];
    assert.match(
      check(app, of("old"))[0] ?? "",
      /found container old-web-1 listening on 0\.0\.0\.0:80\/tcp; stop container old-web-1/,
    );
    assert.deepEqual(check(app, of("app")), [], "it is replaced");
  });

  test("only when the engine can be asked whose it is", () => {
    const machine = { ...({} as MachineFacts), addresses: [], bindsAnyAddress: false, listeners: [nginx("0.0.0.0")] };
    assert.deepEqual(checkPorts({ stacks: [stack("app", { web: [port("80")] })] }, { machine, imagePlatforms: {} }), []);
  });
});
