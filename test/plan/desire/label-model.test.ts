import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../agent/model/desired.ts";
import type { TreeFile } from "../../../agent/model/tree.ts";
import { type LabelRequest, labelModel } from "../../../agent/plan/desire/label-model.ts";

const STAGE = "/run/holdfast/render/stage-1";
const ROOT = "/var/lib/holdfast/stacks/shop";
const FILES: TreeFile[] = [
  { path: "compose.yaml", oid: "00", mode: "100644" },
  { path: "conf/web.conf", oid: "01", mode: "100644" },
  { path: "conf/rules/a.yml", oid: "02", mode: "100644" },
  { path: "configs/x", oid: "03", mode: "100644" },
  { path: "run.sh", oid: "04", mode: "100755" },
];

const bind = (source: string, target = "/x"): JsonObject => ({ type: "bind", source, target, bind: { create_host_path: true } });
const WEB: JsonObject = { image: "nginx:1.27", environment: { PORT: "80" }, volumes: [bind(`${STAGE}/conf/web.conf`)] };

function label(services: JsonObject, over: Partial<LabelRequest> = {}, model: JsonObject = {}) {
  const rendered = { name: "shop", services, ...model };
  return labelModel({ stack: "shop", rendered, renderedRoot: STAGE, root: ROOT, files: FILES, variables: {}, ...over });
}

/** The digest of the service that is given as `web`. */
function digest(service: JsonObject, over: Partial<LabelRequest> = {}, model: JsonObject = {}): string {
  return label({ web: service }, over, model).services[0]?.digest ?? "";
}

describe("the model that Compose is given must", () => {
  test("carry labels, no depends_on, profiles or env_file, and the paths of the host", () => {
    const { model } = label({
      web: {
        ...WEB,
        depends_on: { db: {} },
        profiles: ["x"],
        env_file: [],
        labels: { own: "1" },
        build: { context: `${STAGE}` },
      },
    });
    const [described] = label({ web: WEB }).services;
    assert.deepEqual(model["services"], {
      web: {
        image: "nginx:1.27",
        environment: { PORT: "80" },
        volumes: [bind(`${ROOT}/conf/web.conf`)],
        build: { context: ROOT },
        labels: {
          own: "1",
          "holdfast.stack": "shop",
          "holdfast.digest": digest({ ...WEB, labels: { own: "1" } }),
        },
      },
    });
    assert.notEqual(described?.digest, "");
  });
  test("leave no variable to the environment of the command", () => {
    const { model } = label({ web: { image: "a", environment: { HOME: null, EMPTY: "", A: "1" } } });
    assert.deepEqual((model["services"] as { web: { environment: JsonObject } }).web.environment, { EMPTY: "", A: "1" });
  });
  test("keep what is not a service", () => {
    const networks = { default: { name: "shop_default" } };
    assert.deepEqual(label({}, {}, { networks }).model["networks"], networks);
  });
  test("move no path that only starts like the staging directory", () => {
    const { model } = label({ web: { image: "a", command: [`${STAGE}0/x`, `--file=${STAGE}/x`], working_dir: STAGE } });
    const { command, working_dir } = (model["services"] as { web: JsonObject }).web;
    assert.deepEqual([command, working_dir], [[`${STAGE}0/x`, `--file=${STAGE}/x`], ROOT]);
  });
});

describe("a service must have", () => {
  const describeOne = (service: JsonObject, model: JsonObject = {}, over: Partial<LabelRequest> = {}) =>
    label({ web: { image: "a", ...service } }, over, model).services[0];

  test("its replicas from scale, deploy, or one", () => {
    assert.equal(describeOne({})?.replicas, 1);
    assert.equal(describeOne({ scale: 3 })?.replicas, 3);
    assert.equal(describeOne({ deploy: { replicas: 0 } })?.replicas, 0);
  });
  test("its dependencies in order, with conditions", () => {
    const depends_on = {
      z: { condition: "service_healthy", required: true, restart: true },
      b: { condition: "service_completed_successfully", required: false },
      a: {},
    };
    assert.deepEqual(describeOne({ depends_on })?.dependencies, [
      { service: "a", condition: "service_started", required: true, restart: false },
      { service: "b", condition: "service_completed_successfully", required: false, restart: false },
      { service: "z", condition: "service_healthy", required: true, restart: true },
    ]);
  });
  test("the services it lives in, whatever they share", () => {
    const shared = describeOne({
      network_mode: "service:vpn",
      ipc: "service:ipc",
      pid: "host",
      volumes_from: ["data:ro", "container:other", "vpn"],
    });
    assert.deepEqual(shared?.sharesWith, ["data", "ipc", "vpn"]);
  });
  test("done its work when another waits for that, or its label says so", () => {
    const { services } = label({
      job: { image: "a" },
      labelled: { image: "a", labels: { "holdfast.one-shot": "true" } },
      no: { image: "a", labels: { "holdfast.one-shot": "false" } },
      web: { image: "a", depends_on: { job: { condition: "service_completed_successfully" }, no: {} } },
    });
    assert.deepEqual(
      services.filter((service) => service.oneShot).map((service) => service.name),
      ["job", "labelled"],
    );
  });
  test("its own container name only when it has one", () => {
    assert.equal(describeOne({ container_name: "proxy" })?.containerName, "proxy");
    assert.equal("containerName" in (describeOne({}) ?? {}), false);
  });
  test("the files that it mounts: a file, a directory, all of them, a config, a secret", () => {
    const files = (service: JsonObject, model: JsonObject = {}) => describeOne(service, model)?.files;
    assert.deepEqual(files({ volumes: [bind(`${STAGE}/conf/web.conf`)] }), { "conf/web.conf": "01" });
    assert.deepEqual(files({ volumes: [bind(`${STAGE}/conf`)] }), { "conf/rules/a.yml": "02", "conf/web.conf": "01" });
    assert.equal(Object.keys(files({ volumes: [bind(STAGE)] }) ?? {}).length, FILES.length);
    assert.deepEqual(files({ volumes: [bind(`${STAGE}/run.sh`)] }), { "run.sh": "04+x" });
    assert.deepEqual(files({ configs: [{ source: "c" }] }, { configs: { c: { file: `${STAGE}/configs/x` } } }), {
      "configs/x": "03",
    });
    assert.deepEqual(files({ secrets: [{ source: "s" }] }, { secrets: { s: { file: `${STAGE}/run.sh` } } }), {
      "run.sh": "04+x",
    });
    assert.deepEqual(files({}, { configs: { unused: { file: `${STAGE}/configs/x` } } }), {});
    assert.deepEqual(files({ volumes: [bind("/etc/localtime"), { type: "volume", source: "conf" }, bind(`${STAGE}/con`)] }), {});
  });
});

describe("the digest of a service must", () => {
  const base = digest(WEB);

  const same: [string, JsonObject, Partial<LabelRequest>?][] = [
    ["the order of keys", { volumes: WEB["volumes"] ?? null, environment: { PORT: "80" }, image: "nginx:1.27" }],
    ["replicas", { ...WEB, scale: 3, deploy: { replicas: 3 } }],
    ["dependencies", { ...WEB, depends_on: { db: { condition: "service_healthy" } } }],
    ["profiles, pull policy and build", { ...WEB, profiles: ["a"], pull_policy: "always", build: { context: STAGE } }],
    [
      "what a version of Compose spells out and another leaves away",
      { ...WEB, command: null, entrypoint: null, ports: [], labels: {} },
    ],
    ["files that it does not mount", WEB, { files: [...FILES, { path: "README.md", oid: "99", mode: "100644" }] }],
    ["variables that it does not take", WEB, { variables: { SECRET: "x" } }],
  ];
  for (const [what, service, over] of same) {
    test(`not depend on ${what}`, () => assert.equal(digest(service, over), base));
  }
  test("not depend on where it was staged", () => {
    const staged = { ...WEB, volumes: [bind("/elsewhere/2/conf/web.conf")] };
    assert.equal(digest(staged, { renderedRoot: "/elsewhere/2" }), base);
  });
  test("not depend on other services", () => {
    assert.equal(label({ other: { image: "b" }, web: WEB }).services[1]?.digest, base);
  });

  const changed = FILES.map((file) => (file.path === "conf/web.conf" ? { ...file, oid: "ff" } : file));
  const executable = FILES.map((file) => (file.path === "conf/web.conf" ? { ...file, mode: "100755" as const } : file));
  const different: [string, JsonObject, Partial<LabelRequest>?][] = [
    ["the image", { ...WEB, image: "nginx:1.28" }],
    ["a variable", { ...WEB, environment: { PORT: "81" } }],
    ["a label", { ...WEB, labels: { a: "b" } }],
    ["limits", { ...WEB, deploy: { resources: { limits: { memory: "1" } } } }],
    ["an empty command", { ...WEB, command: [] }],
    ["the content of a mounted file", WEB, { files: changed }],
    ["the mode of a mounted file", WEB, { files: executable }],
    ["the place of the stack on the host", WEB, { root: "/srv" }],
  ];
  for (const [what, service, over] of different) {
    test(`depend on ${what}`, () => assert.notEqual(digest(service, over), base));
  }

  test("not depend on how Compose spells the mode of a config or secret", () => {
    const mode = (group: string, value: string | number) => digest({ ...WEB, [group]: [{ source: "c", mode: value }] });
    for (const group of ["configs", "secrets"]) {
      assert.equal(mode(group, "0440"), mode(group, 0o440));
      assert.notEqual(mode(group, "0440"), mode(group, "0400"));
    }
  });
  test("depend on the content of configs and secrets that it uses", () => {
    const uses = { ...WEB, configs: [{ source: "c", target: "/c" }], secrets: [{ source: "s", target: "/s" }] };
    const model = (content: string): JsonObject => ({ configs: { c: { content } }, secrets: { s: { environment: "S" } } });
    const digests = [
      digest(uses, { variables: { S: "1" } }, model("a")),
      digest(uses, { variables: { S: "2" } }, model("a")),
      digest(uses, { variables: { S: "1" } }, model("b")),
      digest(uses, { variables: {} }, model("a")),
    ];
    assert.equal(new Set(digests).size, digests.length);
    assert.equal(new Set(digests.map((text) => text.split(".")[1])).size, 1, "it is the same definition");
  });
  test("be carried over, so that a new version of Compose recreates nothing", () => {
    const known = { web: { digest: "1.old.old", fields: {}, files: {} } };
    const { services, model } = label({ web: WEB }, { carry: { tool: "2.40.3/1", sameInputs: true, services: known } });
    assert.equal(services[0]?.digest, "1.old.old");
    assert.match(JSON.stringify(model), /"holdfast.digest":"1.old.old"/);
  });
});

describe("the environment of Compose must", () => {
  test("hold what configs and secrets take from it, and nothing else", () => {
    const model = {
      secrets: { s: { environment: "S" }, f: { file: "/x" } },
      configs: { c: { environment: "C" }, m: { environment: "M" } },
    };
    const { environment } = label({}, { variables: { S: "1", C: "2", OTHER: "3" } }, model);
    assert.deepEqual(environment, { S: "1", C: "2" });
  });
});
