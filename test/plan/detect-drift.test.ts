import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DesiredStack, DriftMode } from "../../agent/model/desired.ts";
import type { DriftKind } from "../../agent/model/drift.ts";
import type { ObservedContainer, ObservedImage } from "../../agent/model/observed.ts";
import { type AppliedStack, detectDrift, findImage } from "../../agent/plan/detect-drift.ts";
import {
  buildApplied,
  buildContainer,
  buildDependency,
  buildExited,
  buildForeignContainer,
  buildImage,
  buildService,
  buildStack,
  IMAGE,
} from "./build.ts";

const WEB = buildService("web", { fields: { image: IMAGE, "environment PORT": "aa" }, files: { "conf/a.conf": "01" } });
const SHOP = buildStack("shop", [WEB]);
const JOB = buildStack("shop", [buildService("job", { oneShot: true })]);

interface Case {
  readonly what: string;
  readonly stack?: DesiredStack;
  readonly containers: readonly ObservedContainer[];
  readonly images?: readonly ObservedImage[];
  readonly applied?: AppliedStack | "none";
  /** `kind mode: cause` of each. */
  readonly drift: readonly string[];
}

const cases: readonly Case[] = [
  { what: "a converged stack", containers: [buildContainer("shop", "web")], drift: [] },
  {
    what: "a missing service",
    containers: [],
    drift: ["service-missing heal: service web has no container"],
  },
  {
    what: "a one-off run, which is no replica",
    containers: [buildContainer("shop", "web", { oneOff: true, digest: "other" })],
    drift: ["service-missing heal: service web has no container"],
  },
  {
    what: "too few replicas",
    stack: buildStack("shop", [{ ...WEB, replicas: 3 }]),
    containers: [buildContainer("shop", "web"), buildContainer("shop", "web", { number: 2 })],
    drift: ["replicas heal: service web has 2 containers of 3"],
  },
  {
    what: "too many replicas",
    containers: [buildContainer("shop", "web"), buildContainer("shop", "web", { number: 2 })],
    drift: ["replicas heal: service web has 2 containers of 1"],
  },
  {
    what: "a service that should have no replica",
    stack: buildStack("shop", [{ ...WEB, replicas: 0 }]),
    containers: [],
    drift: [],
  },
  {
    what: "a service that was stopped by hand, although it ended with code 0",
    containers: [buildExited("shop", "web", 0)],
    drift: ["stopped heal: container shop-web-1 is exited with code 0"],
  },
  {
    what: "a service that crashed",
    containers: [buildExited("shop", "web", 137)],
    drift: ["stopped heal: container shop-web-1 is exited with code 137"],
  },
  {
    what: "a container that was created and never started",
    containers: [buildContainer("shop", "web", { state: "created" })],
    drift: ["stopped heal: container shop-web-1 is created but not started"],
  },
  {
    what: "a dead container",
    containers: [buildContainer("shop", "web", { state: "dead" })],
    drift: ["stopped heal: container shop-web-1 is dead"],
  },
  {
    what: "a container that is being removed, which the next observation settles",
    containers: [buildContainer("shop", "web", { state: "removing" })],
    drift: [],
  },
  { what: "a one-shot that has done its work", stack: JOB, containers: [buildExited("shop", "job", 0)], drift: [] },
  { what: "a one-shot at work", stack: JOB, containers: [buildContainer("shop", "job")], drift: [] },
  {
    what: "a one-shot that failed",
    stack: JOB,
    containers: [buildExited("shop", "job", 2)],
    drift: ["stopped heal: container shop-job-1 is exited with code 2"],
  },
  {
    what: "a one-shot that never started",
    stack: JOB,
    containers: [buildContainer("shop", "job", { state: "created" })],
    drift: ["stopped heal: container shop-job-1 is created but not started"],
  },
  {
    what: "a paused container",
    containers: [buildContainer("shop", "web", { state: "paused" })],
    drift: ["paused heal: container shop-web-1 is paused"],
  },
  {
    what: "a crash loop",
    containers: [buildContainer("shop", "web", { state: "restarting", exitCode: 1 })],
    drift: ["restarting report: container shop-web-1 is restarting with code 1"],
  },
  {
    what: "an unhealthy container",
    containers: [buildContainer("shop", "web", { health: "unhealthy" })],
    drift: ["unhealthy report: container shop-web-1 is unhealthy"],
  },
  { what: "a health check that has not decided", containers: [buildContainer("shop", "web", { health: "starting" })], drift: [] },
  {
    what: "another definition, of a container that Holdfast no longer remembers",
    containers: [buildContainer("shop", "web", { digest: "1.old.files" })],
    drift: ["definition heal: service web: its definition has changed"],
  },
  {
    what: "another definition, whatever the container's state: it is replaced anyway",
    containers: [buildContainer("shop", "web", { digest: "1.old.files", state: "exited", exitCode: 1 })],
    drift: ["definition heal: service web: its definition has changed"],
  },
  {
    what: "another file, of a container that Holdfast no longer remembers",
    containers: [buildContainer("shop", "web", { digest: "1.def.old" })],
    drift: ["files heal: service web: a file it was started with has changed"],
  },
  {
    what: "a container of ours that was made again by hand, without our labels",
    containers: [buildForeignContainer("shop", "web")],
    drift: ["definition heal: container shop-web-1 was not created by Holdfast"],
  },
  {
    what: "a label that is none of ours",
    containers: [buildContainer("shop", "web", { digest: "v2" })],
    drift: ["definition heal: container shop-web-1 was not created by Holdfast"],
  },
  {
    what: "a tag that names another local image",
    containers: [buildContainer("shop", "web", { image: "sha256:1111" })],
    images: [buildImage(IMAGE, "sha256:2222")],
    drift: [`image-local heal: ${IMAGE} now names another local image than that of container shop-web-1`],
  },
  {
    what: "a tag that is gone: nothing to go to",
    containers: [buildContainer("shop", "web", { image: "sha256:1111" })],
    images: [buildImage("other:1", "sha256:2222")],
    drift: [],
  },
  {
    what: "a tag that may have moved, while nobody asked for the images",
    containers: [buildContainer("shop", "web", { image: "sha256:1111" })],
    drift: [],
  },
  {
    what: "an orphan",
    containers: [buildContainer("shop", "web"), buildContainer("shop", "old")],
    drift: ["orphan heal: container shop-old-1 belongs to service old, which the stack does not have"],
  },
  {
    what: "somebody's own container in a project of ours",
    containers: [buildContainer("shop", "web"), buildForeignContainer("shop", "debug")],
    drift: ["foreign report: container shop-debug-1 belongs to service debug, which the stack does not have"],
  },
  {
    what: "a project that runs here without Holdfast",
    containers: [buildForeignContainer("shop", "web"), buildForeignContainer("shop", "db")],
    applied: "none",
    drift: [
      "not-adopted report: project shop already runs here without Holdfast (shop-db-1, shop-web-1); set adopt: true in its stack.yaml to take it over",
    ],
  },
  {
    what: "a project that is to be adopted",
    stack: { ...SHOP, adopt: true },
    containers: [buildForeignContainer("shop", "web")],
    applied: "none",
    drift: ["definition heal: container shop-web-1 was not created by Holdfast"],
  },
  {
    what: "a project of ours after the store was lost",
    containers: [buildContainer("shop", "web", { state: "paused" })],
    applied: "none",
    drift: ["paused heal: container shop-web-1 is paused"],
  },
  {
    what: "the container of another project with a service of this name",
    containers: [buildContainer("shop", "web"), buildContainer("store", "old", { stack: "shop" })],
    drift: [],
  },
];

function explainDrift(item: Case): string[] {
  const stack = item.stack ?? SHOP;
  const applied = item.applied === "none" ? {} : { applied: item.applied ?? buildApplied(stack) };
  const images = item.images === undefined ? {} : { images: item.images };
  const drift = detectDrift({ stack, containers: item.containers, ...images, ...applied });
  return drift.map(({ kind, mode, cause }) => `${kind} ${mode}: ${cause}`);
}

describe("drift", () => {
  for (const item of cases) test(`of ${item.what}`, () => assert.deepEqual(explainDrift(item), item.drift));

  test("must name what changed, as long as the container is the one that is remembered", () => {
    const now = { ...WEB, digest: "1.new.new", fields: { image: "nginx:1.28", ports: "bb" }, files: { "conf/b.conf": "02" } };
    const drift = detectDrift({
      stack: buildStack("shop", [now], { inputs: "new" }),
      containers: [buildContainer("shop", "web")],
      applied: buildApplied(SHOP),
    });
    assert.deepEqual(
      drift.map((item) => item.cause),
      [
        "service web: environment PORT removed, image nginx:1.27 -> nginx:1.28, ports added, file conf/a.conf removed, file conf/b.conf added",
      ],
    );
    assert.equal(drift[0]?.origin, "revision");
  });

  test("must carry the container's name and id, and say what was expected", () => {
    const [drift] = detectDrift({ stack: SHOP, containers: [buildExited("shop", "web", 3)], applied: buildApplied(SHOP) });
    assert.deepEqual(drift, {
      stack: "shop",
      kind: "stopped",
      mode: "heal",
      origin: "host",
      service: "web",
      container: "shop-web-1",
      containerId: "id-shop-web-1",
      expected: "running",
      actual: "exited with code 3",
      cause: "container shop-web-1 is exited with code 3",
    });
  });

  const modes: [DriftMode, Record<string, DriftMode>, DriftKind[]][] = [
    ["report", {}, ["stopped"]],
    ["ignore", {}, []],
    ["heal", { stopped: "ignore" }, []],
    ["ignore", { stopped: "heal" }, ["stopped"]],
  ];
  for (const [mode, rules, kinds] of modes) {
    test(`must obey mode ${mode} with rules ${JSON.stringify(rules)}, but not for a changed revision`, () => {
      const stack = { ...SHOP, drift: { mode, rules } };
      const containers = [buildExited("shop", "web", 1)];
      const settled = detectDrift({ stack, containers, applied: buildApplied(stack) });
      assert.deepEqual(
        settled.map((item) => item.kind),
        kinds,
      );
      const changing = detectDrift({ stack, containers, applied: buildApplied(stack, { inputs: "old" }) });
      assert.deepEqual(
        changing.map((item) => [item.kind, item.mode, item.origin]),
        [["stopped", "heal", "revision"]],
      );
    });
  }

  test("must see a service that still lives in a container which was replaced since", () => {
    const stack = buildStack("shop", [
      buildService("vpn"),
      buildService("app", { sharesWith: ["vpn"], dependencies: [buildDependency("vpn", "service_healthy")] }),
    ]);
    const [vpn, app] = [
      buildContainer("shop", "vpn", { createdAtMs: 2000 }),
      buildContainer("shop", "app", { createdAtMs: 1000 }),
    ];
    const kinds = (containers: ObservedContainer[]) =>
      detectDrift({ stack, containers, applied: buildApplied(stack) }).map((item) => `${item.kind}: ${item.cause}`);
    assert.deepEqual(kinds([vpn, app]), ["definition: service app lives in a container of vpn that was replaced"]);
    assert.deepEqual(kinds([vpn, { ...app, createdAtMs: 2000 }]), []);
    assert.deepEqual(
      kinds([vpn, { ...vpn, id: "first", number: 2, createdAtMs: 500 }, app]).length,
      1,
      "one replica is too many",
    );
  });
});

describe("findImage", () => {
  const found: [string, Partial<ObservedImage>][] = [
    ["nginx", { tags: ["nginx:latest"] }],
    ["docker.io/library/nginx:1.27", { tags: ["nginx:1.27"] }],
    ["docker.io/grafana/grafana:11", { tags: ["grafana/grafana:11"] }],
    ["registry.lan:5000/app", { tags: ["registry.lan:5000/app:latest"] }],
    ["nginx@sha256:aa", { digests: ["nginx@sha256:aa"] }],
    ["nginx:1.27@sha256:aa", { digests: ["nginx@sha256:aa"] }],
    ["registry.lan:5000/app:1@sha256:aa", { digests: ["registry.lan:5000/app@sha256:aa"] }],
    ["sha256:77", { id: "sha256:77" }],
  ];
  for (const [reference, image] of found) {
    test(`must find ${reference}`, () => {
      const known = { id: "sha256:1", tags: [], digests: [], ...image };
      assert.equal(findImage([{ id: "sha256:0", tags: ["nginx:1.26"], digests: [] }, known], reference), known);
    });
  }
  test("must not mistake another tag, name or digest for it", () => {
    const images = [buildImage("nginx:1.26"), buildImage("my/nginx:1.27"), buildImage("nginx:1.27-alpine")];
    assert.equal(findImage(images, "nginx:1.27"), undefined);
    assert.equal(findImage([{ id: "x", tags: [], digests: ["nginx@sha256:bb"] }], "nginx@sha256:aa"), undefined);
  });
});
