import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DriftMode } from "../../../agent/model/desired.ts";
import type { DriftKind } from "../../../agent/model/drift.ts";
import type { ObservedContainer, ObservedImage } from "../../../agent/model/observed.ts";
import { findImage } from "../../../agent/plan/desire/find-image.ts";
import { detectDrift } from "../../../agent/plan/drift/detect-drift.ts";
import { buildApplied, buildContainer, buildDependency, buildExited, buildImage, buildService, buildStack } from "../build.ts";
import { type DriftCase, driftCases, SHOP, WEB } from "../drift-cases.ts";

function explainDrift(item: DriftCase): string[] {
  const stack = item.stack ?? SHOP;
  const applied = item.applied === "none" ? {} : { applied: item.applied ?? buildApplied(stack) };
  const images = item.images === undefined ? {} : { images: item.images };
  const drift = detectDrift({ stack, containers: item.containers, ...images, ...applied });
  return drift.map(({ kind, mode, cause }) => `${kind} ${mode}: ${cause}`);
}

describe("drift", () => {
  for (const item of driftCases) test(`of ${item.what}`, () => assert.deepEqual(explainDrift(item), item.drift));

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
      kinds([vpn, { ...vpn, id: "first", name: "shop-vpn-2", number: 2, createdAtMs: 500 }, app]).length,
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
