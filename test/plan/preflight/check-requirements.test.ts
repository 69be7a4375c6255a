import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isInRange } from "../../../agent/lib/version-range.ts";
import type { JsonObject } from "../../../agent/model/desired.ts";
import type { EngineInfo, EngineUsage } from "../../../agent/model/engine.ts";
import type { Requires } from "../../../agent/model/generated/stack.ts";
import type { MachineFacts, PathFacts } from "../../../agent/model/machine.ts";
import { type HostFound, type HostNeeds, renderPreflightFinding, type StackNeeds } from "../../../agent/model/preflight.ts";
import { checkRequirements } from "../../../agent/plan/preflight/check-requirements.ts";

const GIB = 2 ** 30;
const machine: MachineFacts = {
  kernel: "6.1.0",
  platform: "linux/amd64",
  memory: { totalBytes: 15.5 * GIB, availableBytes: 8 * GIB },
  addresses: ["127.0.0.1", "192.168.1.5", "fd00::5", "fe80::1"],
  bindsAnyAddress: false,
  paths: {},
  commands: {},
  listeners: [],
  gpus: [],
};
const engine: EngineInfo = {
  version: "26.1.5+dfsg1",
  platform: "linux/amd64",
  runtimes: ["runc"],
  cgroupVersion: "2",
  dataDirectory: "/var/lib/docker",
  limitsSwap: true,
  insecureRegistries: [],
};
const usage: EngineUsage = { containers: [], networks: ["bridge", "host", "none"], volumes: [], published: [] };

interface Given {
  readonly needs?: Partial<HostNeeds>;
  readonly machine?: Partial<MachineFacts>;
  readonly engine?: Partial<EngineInfo>;
  readonly usage?: Partial<EngineUsage>;
  readonly found?: Partial<HostFound>;
}

/** Every finding in one line, with its severity. */
function check(given: Given): string[] {
  const needs: HostNeeds = { stacks: [], ...given.needs };
  const found: HostFound = {
    machine: { ...machine, ...given.machine },
    engine: { ...engine, ...given.engine },
    usage: { ...usage, ...given.usage },
    composeVersion: "2.26.1-4",
    imagePlatforms: {},
    ...given.found,
  };
  return checkRequirements(needs, found, isInRange).map((finding) => `${finding.severity}: ${renderPreflightFinding(finding)}`);
}

function stack(
  name: string,
  services: Record<string, JsonObject>,
  more: JsonObject = {},
  rest: Partial<StackNeeds> = {},
): StackNeeds {
  const withImages = Object.entries(services).map(([service, definition]) => [service, { image: "busybox", ...definition }]);
  const model = { name, services: Object.fromEntries(withImages), ...more };
  return { name, model, composeVersion: "2.26.1", root: `/var/lib/holdfast/stacks/${name}`, ...rest };
}

const requires = (given: Requires, more: Omit<Given, "needs"> = {}) => check({ needs: { requires: given }, ...more });
const path = (facts: Partial<PathFacts>): PathFacts => ({
  kind: "directory",
  disk: { directory: "/srv", freeBytes: 100 * GIB, totalBytes: 200 * GIB, freeInodes: 1000, inMemory: false },
  ...facts,
});
const at = (name: string, facts: Partial<PathFacts>) => ({ machine: { paths: { [name]: path(facts) } } });

describe("a host that has everything", () => {
  test("must get no findings", () => {
    assert.deepEqual(check({}), []);
    const gpu = { vendor: "nvidia", name: "RTX 4090", memoryBytes: 24_564 * 2 ** 20 } as const;
    const everything: Requires = {
      ...{ docker: ">=20.10", compose: ">=2.26", memory: "16GiB", gpu: { vendor: "nvidia", count: 1, memory: "24GiB" } },
      ...{ disk: [{ path: "/srv", free: "50GiB" }], addresses: ["192.168.1.5", "FD00:0::5"], commands: ["tailscale"] },
    };
    const has = { gpus: [gpu], paths: { "/srv": path({}) }, commands: { tailscale: "/usr/bin/tailscale" } };
    assert.deepEqual(check({ needs: { platform: "linux/amd64", requires: everything }, machine: has }), []);
  });
});

describe("what requires asks for and the host has not must be told:", () => {
  const CASES: readonly (readonly [string, string[], string[]])[] = [
    [
      "an engine that is too old, and a range that is none",
      requires({ docker: ">=27", compose: "new" }),
      [
        "error: Docker: expected >=27, found 26.1.5+dfsg1; upgrade the Docker engine, or change `requires`",
        'error: Docker Compose: expected a version in "new", found 2.26.1-4; write a range such as >=20.10',
      ],
    ],
    [
      "memory",
      requires({ memory: "17GiB" }),
      ["error: memory: expected 17 GiB, found 15.5 GiB; run it on a host with more memory, or lower `requires.memory`"],
    ],
    [
      "a GPU",
      requires({ gpu: { vendor: "nvidia", count: 2 } }, { machine: { gpuProblem: "nvidia-smi is not installed" } }),
      [
        "error: GPU: expected 2 nvidia GPUs, found none (nvidia-smi is not installed); install NVIDIA's driver, or run the stack on another host",
      ],
    ],
    [
      "a GPU that is large enough",
      requires({ gpu: { memory: "12GiB" } }, { machine: { gpus: [{ vendor: "amd", name: "amd 0x1", memoryBytes: 8 * GIB }] } }),
      ["error: GPU: expected 1 GPU of 12 GiB, found amd 0x1 with 8 GiB; run the stack on another host, or lower `requires.gpu`"],
    ],
    [
      "a directory",
      requires({ disk: [{ path: "/srv", mode: "0750" }] }, at("/srv", { kind: "missing" })),
      [
        "error: disk /srv: expected a directory, found nothing there; `install -d -m 0750 /srv`, or `create: true` in `requires.disk`",
      ],
    ],
    ["but not one that will be made", requires({ disk: [{ path: "/srv", create: true }] }, at("/srv", { kind: "missing" })), []],
    [
      "a file in its place",
      requires({ disk: [{ path: "/srv", create: true }] }, at("/srv", { kind: "file" })),
      ["error: disk /srv: expected a directory, found a file; move it away, or name another path"],
    ],
    [
      "a file system that does not answer",
      requires({ disk: [{ path: "/srv", free: "1GiB" }] }, { machine: { paths: { "/srv": { kind: "unreadable" } } } }),
      [
        "error: disk /srv: expected a directory, found nothing that can be read in time; look at `stat /srv`: is its file system mounted and its server up?",
      ],
    ],
    [
      "free space, also where the directory is yet to be made",
      requires({ disk: [{ path: "/srv/new", free: "200GiB", create: true }] }, at("/srv/new", { kind: "missing" })),
      ["error: disk /srv/new: expected 200 GiB free, found 100 GiB free in /srv; free space: `df -h /srv`"],
    ],
    [
      "inodes",
      requires(
        { disk: [{ path: "/srv" }] },
        at("/srv", { disk: { directory: "/srv", freeBytes: GIB, totalBytes: GIB, freeInodes: 0, inMemory: false } }),
      ),
      ["error: disk /srv: expected inodes for new files, found none free; remove files: `df -i /srv`"],
    ],
    [
      "an address, and what is none",
      requires({ addresses: ["100.64.0.5", "lan"] }),
      [
        "error: address 100.64.0.5: expected an interface with it, found 192.168.1.5, fd00::5; bring its interface up (`ip address`), or correct the variable that names it",
        'error: address lan: expected an IP address, found "lan"; correct `requires.addresses` or the variable in it',
      ],
    ],
    [
      "a command",
      requires({ commands: ["tailscale"] }),
      ["error: command tailscale: expected a command of that name, found none; install tailscale on this host"],
    ],
    [
      "the platform",
      check({ needs: { platform: "linux/arm64" } }),
      [
        "error: platform: expected linux/arm64, found linux/amd64; correct `platform` in this host's file, or `host` in agent.yaml",
      ],
    ],
  ];
  for (const [what, found, expected] of CASES) test(what, () => assert.deepEqual(found, expected));

  test("of a stack, with its name, unless the host lacks it for all", () => {
    const ai = stack("ai", {}, {}, { requires: { memory: "64GiB", commands: ["tailscale"] } });
    assert.deepEqual(check({ needs: { requires: { commands: ["tailscale"] }, stacks: [ai] } }), [
      "error: command tailscale: expected a command of that name, found none; install tailscale on this host",
      "error: ai: memory: expected 64 GiB, found 15.5 GiB; run it on a host with more memory, or lower `requires.memory`",
    ]);
  });

  test("but nothing of what could not be found out", () => {
    const found = { machine, imagePlatforms: {} };
    const needs: HostNeeds = {
      platform: "linux/arm64",
      requires: { docker: ">=99", compose: ">=99", disk: [{ path: "/srv" }] },
      stacks: [stack("app", { web: { runtime: "nvidia", networks: ["lan"] } }, { networks: { lan: { external: true } } })],
    };
    assert.deepEqual(checkRequirements(needs, found, isInRange), []);
  });
});

describe("names and images:", () => {
  const lan = { networks: { lan: { name: "proxy", external: true } }, volumes: { data: { external: true } } };
  const app = stack("app", { web: {} }, lan);

  test("an external network or volume that is not there must be told", () => {
    assert.deepEqual(check({ needs: { stacks: [app] } }), [
      "error: app: network proxy: expected an external network of that name, found none; `docker network create proxy`, or let the stack that makes it run on this host",
      "error: app: volume data: expected an external volume of that name, found none; `docker volume create data`, or let the stack that makes it run on this host",
    ]);
  });
  test("but not one that is there, or that another stack makes", () => {
    assert.deepEqual(check({ needs: { stacks: [app] }, usage: { networks: ["proxy"], volumes: ["data"] } }), []);
    const maker = stack("proxy", {}, { networks: { own: { name: "proxy" } }, volumes: { data: {} } });
    assert.deepEqual(check({ needs: { stacks: [app, maker] } }), []);
  });
  test("an image for another kind of machine must be a warning", () => {
    const images = { imagePlatforms: { busybox: "linux/arm64" } };
    const services = { web: {}, emulated: { platform: "linux/arm64/v8" } };
    assert.deepEqual(check({ needs: { stacks: [stack("app", services)] }, found: images }), [
      "warning: app: image busybox of web: expected linux/amd64, found linux/arm64; `docker image rm busybox` and pull it again, or name an image for linux/amd64",
    ]);
  });
});

describe("GPUs of containers:", () => {
  const reserving = { deploy: { resources: { reservations: { devices: [{ driver: "nvidia", capabilities: ["gpu"] }] } } } };
  const INSTALL = "install nvidia-container-toolkit, run `nvidia-ctk runtime configure --runtime=docker` and restart Docker";

  test("a runtime that the engine has not must be told", () => {
    const services = { web: { runtime: "nvidia" }, safe: { runtime: "runsc" }, usual: { runtime: "runc" } };
    assert.deepEqual(check({ needs: { stacks: [stack("ai", services)] } }), [
      `error: ai: runtime nvidia of web: expected a runtime of that name, found runc; ${INSTALL}`,
      "error: ai: runtime runsc of safe: expected a runtime of that name, found runc; add it to `runtimes` in /etc/docker/daemon.json and restart Docker",
    ]);
  });
  test("a reservation without NVIDIA's toolkit must be told, however it is written", () => {
    for (const web of [reserving, { gpus: [{ count: -1 }] }, { gpus: [{ driver: "nvidia", capabilities: ["gpu"] }] }])
      assert.deepEqual(check({ needs: { stacks: [stack("ai", { web })] } }), [
        `error: ai: GPU of web: expected NVIDIA's container toolkit, found no runtime nvidia, and no nvidia-container-runtime-hook; ${INSTALL}`,
      ]);
  });
  test("but not where the runtime or the toolkit is there, nor for other devices", () => {
    const stacks = [stack("ai", { web: reserving })];
    assert.deepEqual(check({ needs: { stacks }, engine: { runtimes: ["nvidia", "runc"] } }), []);
    assert.deepEqual(check({ needs: { stacks }, machine: { commands: { "nvidia-container-runtime-hook": "/usr/bin/x" } } }), []);
    const other = { deploy: { resources: { reservations: { devices: [{ driver: "cdi", capabilities: ["gpu"] }] } } } };
    assert.deepEqual(check({ needs: { stacks: [stack("ai", { web: other })] } }), []);
  });
});

describe("mounted paths:", () => {
  const bind = (source: string, made?: boolean): JsonObject => ({
    volumes: [{ type: "bind", source, target: "/x", ...(made === undefined ? {} : { bind: { create_host_path: made } }) }],
  });
  const missing = (source: string, definition: JsonObject, rest: Partial<StackNeeds> = {}, needs: Partial<HostNeeds> = {}) =>
    check({
      needs: { stacks: [stack("app", { web: definition }, {}, rest)], ...needs },
      machine: { paths: { [source]: { kind: "missing" }, "/srv": path({}) } },
    });
  const MADE =
    "warning: app: /srv/data of web: expected a file or directory, found nothing, and Docker would make an empty directory of root's; make it with the owner that web needs, or list it in `requires.disk` with `create: true`";
  const REFUSED = MADE.replace("warning", "error").replace(
    "Docker would make an empty directory of root's",
    "Docker refuses to start the container",
  );

  test("a missing one that Docker makes must be a warning, one that it does not make an error", () => {
    assert.deepEqual(missing("/srv/data", bind("/srv/data", true)), [MADE]);
    assert.deepEqual(missing("/srv/data", bind("/srv/data", false)), [REFUSED]);
  });
  test("where the model does not say, its version of Compose must decide", () => {
    assert.deepEqual(missing("/srv/data", bind("/srv/data")), [REFUSED]);
    assert.deepEqual(missing("/srv/data", bind("/srv/data"), { composeVersion: "5.5.0" }), [MADE]);
  });
  test("an empty directory of root's where a file is meant must be told, and nothing else of that kind", () => {
    const found = (source: string, facts: Partial<PathFacts>) =>
      check({
        needs: { stacks: [stack("app", { web: bind(source) })] },
        machine: { paths: { [source]: path({ uid: 0, ...facts }) } },
      });
    assert.deepEqual(found("/srv/app.conf", { empty: true }), [
      "warning: app: /srv/app.conf of web: expected a file, found an empty directory, as Docker makes one where a file is missing; `rmdir /srv/app.conf` and put the file there, or correct the path",
    ]);
    assert.deepEqual(found("/srv/app.conf", { kind: "file" }), []);
    assert.deepEqual(found("/srv/example.com", {}), [], "it holds something");
    assert.deepEqual(found("/srv/app.conf", { empty: true, uid: 1000 }), [], "somebody else made it");
    for (const source of ["/srv/data", "/srv/conf.d"]) assert.deepEqual(found(source, { empty: true }), [], source);
  });
  test("what looks like a file must be told to be put there", () => {
    assert.match(missing("/srv/a.yml", bind("/srv/a.yml", true))[0] ?? "", /; put the file there, or correct the path$/);
    assert.match(missing("/srv/conf.d", bind("/srv/conf.d", true))[0] ?? "", /; make it with the owner/);
  });
  test("what requires.disk names must not be told again", () => {
    const disk = (create: boolean): Requires => ({ disk: [{ path: "/srv/data", create }] });
    assert.deepEqual(missing("/srv/data", bind("/srv/data", false), { requires: disk(true) }), []);
    assert.equal(missing("/srv/data", bind("/srv/data", true), { requires: disk(false) }).length, 1);
    const storage: Requires = { disk: [{ path: "/srv" }] };
    assert.deepEqual(missing("/srv/data", bind("/srv/data", true), {}, { requires: storage }), []);
    assert.deepEqual(missing("/srv/data", bind("/srv/data", false), {}, { requires: storage }), [REFUSED]);
    assert.deepEqual(missing("/srvdata", bind("/srvdata", true), {}, { requires: storage }).length, 1);
  });
  test("what is there, and the stack's own files, must not be told", () => {
    const own = "/var/lib/holdfast/stacks/app/data";
    assert.deepEqual(missing(own, bind(own, true)), []);
    assert.deepEqual(missing("/else", bind("/srv", false)), []);
    assert.deepEqual(missing("data", { volumes: [{ type: "volume", source: "data", target: "/x" }] }), []);
  });
});
