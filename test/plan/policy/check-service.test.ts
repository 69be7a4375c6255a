import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../agent/model/desired.ts";
import { checkImage } from "../../../agent/plan/policy/check-images.ts";
import { checkService } from "../../../agent/plan/policy/check-service.ts";
import { buildService } from "../build.ts";

const GOOD: JsonObject = {
  user: "1000:1000",
  mem_limit: "1000",
  healthcheck: { test: ["CMD", "true"] },
  ports: [{ host_ip: "127.0.0.1", published: "80", target: 80 }],
  volumes: [{ type: "bind", source: "/srv", target: "/srv" }],
  cap_add: ["NET_ADMIN"],
};
const port = (entry: JsonObject): JsonObject => ({ ports: [{ published: "80", target: 80, protocol: "tcp", ...entry }] });
const bind = (source: string): JsonObject => ({ volumes: [{ type: "bind", source, target: "/x", read_only: true }] });

/** Volumes of the project: one of Docker's own, and one that is a directory of the host by another name. */
const VOLUMES: JsonObject = {
  data: { driver: "local" },
  engine: { driver_opts: { type: "none", o: "rw,bind", device: "/var/run/" } },
  share: { driver_opts: { type: "nfs", o: "addr=10.0.0.1", device: ":/run" } },
};

/** What is set, and the rule that finds it. */
const CASES: readonly (readonly [JsonObject, string])[] = [
  [port({}), "wildcard-bind"],
  [port({ host_ip: "0.0.0.0" }), "wildcard-bind"],
  [port({ host_ip: "::" }), "wildcard-bind"],
  [port({ host_ip: "0:0::0" }), "wildcard-bind"],
  [{ ports: [{ target: 80 }] }, "wildcard-bind"],
  [{ privileged: true }, "privileged"],
  [{ pid: "host" }, "privileged"],
  [{ ipc: "host" }, "privileged"],
  [{ network_mode: "host" }, "privileged"],
  [{ cap_add: ["NET_ADMIN", "ALL"] }, "privileged"],
  [{ cap_add: ["cap_all"] }, "privileged"],
  [{ use_api_socket: true }, "privileged"],
  [bind("/var/run/docker.sock"), "privileged"],
  [bind("/run/docker.sock"), "privileged"],
  [bind("/run/containerd/containerd.sock"), "privileged"],
  [bind("/var/run/"), "privileged"],
  [bind("/"), "privileged"],
  [bind("/srv/../var/run"), "privileged"],
  [bind("//run"), "privileged"],
  [{ volumes: [{ type: "volume", source: "engine", target: "/x" }] }, "privileged"],
  [{ post_start: [{ command: ["a"] }, { command: ["b"], privileged: true }] }, "privileged"],
  [{ pre_stop: [{ command: ["a"], privileged: true }] }, "privileged"],
  [{ provider: { type: "/srv/program" } }, "privileged"],
  [{ healthcheck: { disable: true } }, "no-healthcheck"],
  [{ healthcheck: { test: ["NONE"] } }, "no-healthcheck"],
  [{ healthcheck: {} }, "no-healthcheck"],
  [{ mem_limit: null }, "no-limits"],
  [{ mem_limit: "0" }, "no-limits"],
  [{ user: "0" }, "runs-as-root"],
  [{ user: "root:1000" }, "runs-as-root"],
  [{ user: "0:0" }, "runs-as-root"],
  [{ user: null }, "runs-as-root"],
];

describe("a policy's rules about a service", () => {
  test("must find nothing where nothing is wrong", () => {
    assert.deepEqual(checkService(buildService("web"), GOOD), []);
    const fine: readonly JsonObject[] = [
      { privileged: false, pid: "service:db", ipc: "private", network_mode: "service:db" },
      { mem_limit: null, deploy: { resources: { limits: { memory: "1000" } } } },
      bind("/run/user/1000"),
      {
        volumes: [
          { type: "volume", source: "data", target: "/x" },
          { type: "volume", source: "share", target: "/y" },
        ],
      },
      { post_start: [{ command: ["a"], user: "root" }] },
      { network_mode: "bridge", ...port({ host_ip: "::1" }) },
    ];
    for (const over of fine) assert.deepEqual(checkService(buildService("web"), { ...GOOD, ...over }, VOLUMES), []);
  });

  for (const [over, rule] of CASES) {
    test(`must find ${JSON.stringify(over)} by ${rule}`, () => {
      const found = checkService(buildService("web"), { ...GOOD, ...over }, VOLUMES);
      assert.deepEqual(
        found.map((violation) => violation.rule),
        [rule],
      );
      assert.match(found[0]?.message ?? "", /; (name|remove|add|put)/, "what would be right");
      assert.deepEqual(found[0]?.pointer.slice(0, 2), ["services", "web"]);
    });
  }

  test("must ask no health check of a one-shot", () => {
    assert.deepEqual(checkService(buildService("job", { oneShot: true }), { ...GOOD, healthcheck: null }), []);
  });
});

describe("a policy's rules about an image", () => {
  const rules = (image: string, registries: readonly string[] = []) =>
    checkImage(buildService("web", { image }), registries).map(({ rule }) => rule);

  test("must tell versions, tags that move and digests apart", () => {
    assert.deepEqual(rules("nginx"), ["image-latest-tag", "image-not-pinned"]);
    assert.deepEqual(rules("nginx:latest"), ["image-latest-tag", "image-not-pinned"]);
    assert.deepEqual(rules("localhost:5000/nginx"), ["image-latest-tag", "image-not-pinned"]);
    assert.deepEqual(rules("nginx:1.27"), ["image-not-pinned"]);
    assert.deepEqual(rules(`nginx@sha256:${"1".repeat(64)}`), []);
    assert.deepEqual(rules(`nginx:latest@sha256:${"1".repeat(64)}`), []);
    assert.deepEqual(rules(`sha256:${"1".repeat(64)}`), []);
    assert.deepEqual(rules("unknown-here/app:latest", ["ghcr.io"]), [], "a registry that only the host knows");
  });

  test("must read registries as Docker does", () => {
    const pinned = (name: string) => `${name}@sha256:${"1".repeat(64)}`;
    for (const name of ["nginx", "library/nginx", "docker.io/nginx", "index.docker.io/library/nginx", "ghcr.io/a/b"])
      assert.deepEqual(rules(pinned(name), ["docker.io", "ghcr.io"]), [], name);
    for (const name of ["quay.io/a/b", "ghcr.io.evil.example/a", "localhost/nginx", "docker.io:5000/nginx"])
      assert.deepEqual(rules(pinned(name), ["docker.io", "ghcr.io"]), ["allowed-registries"], name);
  });
});
