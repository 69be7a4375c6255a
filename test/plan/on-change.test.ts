import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../agent/model/desired.ts";
import type { TreeFile } from "../../agent/model/tree.ts";
import { labelModel } from "../../agent/plan/desire/label-model.ts";
import { chooseInspected } from "../../agent/plan/drift/choose-inspected.ts";
import type { ChangeRule } from "../../agent/plan/on-change.ts";
import { buildStack } from "./build.ts";

const ROOT = "/srv/shop";
const FILES: TreeFile[] = ["conf/a", "conf/b", "data/.gitkeep", "data/deep/x", "key", "lone"].map((path, index) => ({
  ...{ path, oid: `0${index}`, mode: path === "conf/b" ? "100755" : "100644" },
}));
const bind = (path: string, readOnly = true): JsonObject => ({
  ...{ type: "bind", source: path === "" ? ROOT : `${ROOT}/${path}`, target: `/${path}`, read_only: readOnly },
});
const rule = (service: string, paths: string[], action: ChangeRule["action"], signal?: string): ChangeRule => ({
  ...{ service, paths: new Set(paths), action },
  ...(signal === undefined ? {} : { signal }),
});

function label(services: JsonObject, onChange: readonly ChangeRule[] = [], files = FILES) {
  const rendered = { services, secrets: { s: { file: `${ROOT}/key` } } };
  return labelModel({ stack: "shop", rendered, renderedRoot: "/stage", root: ROOT, files, variables: {}, onChange });
}
const WEB: JsonObject = { image: "a", volumes: [bind("conf")] };
const digestOf = (onChange: readonly ChangeRule[], files = FILES) => label({ web: WEB }, onChange, files).services[0]?.digest;

describe("a file that reaches a service without a new container must", () => {
  test("be no part of the service's digest, so that Compose has no reason to replace it", () => {
    const changed = FILES.map((file) => (file.path === "conf/a" ? { ...file, oid: "ff" } : file));
    for (const action of ["restart", "signal"] as const) {
      const rules = [rule("web", ["conf/a"], action, "HUP")];
      assert.equal(digestOf(rules, changed), digestOf(rules));
      assert.notEqual(digestOf(rules), digestOf([]));
    }
    for (const rules of [[], [rule("web", ["conf/a"], "recreate")], [rule("other", ["conf/a"], "restart")]])
      assert.notEqual(digestOf(rules, changed), digestOf(rules));
  });
  test("be named with its content and mode, by the last rule that is for it", () => {
    const rules = [rule("web", ["conf/a", "conf/b", "lone"], "restart"), rule("web", ["conf/b"], "signal", "USR1")];
    const [web] = label({ web: WEB }, rules).services;
    assert.deepEqual(web?.onChange, {
      "conf/a": { action: "restart", key: "00" },
      "conf/b": { action: "signal", signal: "USR1", key: "01+x" },
    });
    assert.deepEqual(web?.files, {});
    assert.deepEqual(label({ web: WEB }, [...rules, rule("web", ["conf/a", "conf/b"], "recreate")]).services[0]?.files, {
      "conf/a": "00",
      "conf/b": "01+x",
    });
  });
});

describe("a placed file must be", () => {
  const flagsOf = (services: JsonObject, onChange: readonly ChangeRule[] = []) =>
    Object.fromEntries(
      label(services, onChange).files.map(({ path, oid: _oid, executable: _executable, ...flags }) => [path, Object.keys(flags)]),
    );

  test("writable when any service may write it, or what is above it", () => {
    const flags = flagsOf({ a: { image: "a", volumes: [bind("data", false), bind("conf")] }, b: WEB });
    assert.deepEqual(
      Object.keys(flags).filter((path) => flags[path]?.includes("writable")),
      ["data/.gitkeep", "data/deep/x"],
    );
    assert.ok(Object.values(flagsOf({ a: { image: "a", volumes: [bind("", false)] } })).every((own) => own.includes("writable")));
  });
  test("written in place when it is mounted by itself and told by a signal", () => {
    const rules = [rule("web", ["lone", "conf/a"], "signal", "HUP"), rule("other", ["lone"], "restart")];
    const flags = flagsOf({ web: { image: "a", volumes: [bind("lone"), bind("conf")] }, other: { image: "a" } }, rules);
    assert.deepEqual(flags["lone"], ["inPlace"]);
    assert.deepEqual(flags["conf/a"], []);
    assert.deepEqual(flagsOf({ web: { image: "a", volumes: [bind("lone")] } }, [rule("web", ["lone"], "restart")])["lone"], []);
  });
  test("known as a secret, which nobody can write", () =>
    assert.deepEqual(flagsOf({ a: { image: "a", secrets: [{ source: "s" }] } })["key"], ["secret"]));
});

describe("looked at are", () => {
  const files = label({ a: { image: "a", volumes: [bind("data", false)] } }).files;
  const placed = { "conf/a": "00", "conf/b": "01+x", "data/.gitkeep": "02", lone: "old" };
  const chosen = (rules: Readonly<Record<string, "heal" | "report" | "ignore">>, mode: "heal" | "report" | "ignore" = "heal") =>
    chooseInspected(buildStack("shop", [], { files, drift: { mode, rules } }), placed).map(({ path }) => path);

  test("files that stand as they should, and that no container may write", () => {
    assert.deepEqual(chosen({}), ["conf/a", "conf/b"]);
    assert.deepEqual(chosen({ "files-edited": "report" }), ["conf/a", "conf/b"]);
  });
  test("those too that a container may write, when the stack says heal itself", () =>
    assert.deepEqual(chosen({ "files-edited": "heal" }), ["conf/a", "conf/b", "data/.gitkeep"]));
  test("none when edits are ignored", () => {
    assert.deepEqual(chosen({ "files-edited": "ignore" }), []);
    assert.deepEqual(chosen({}, "ignore"), []);
  });
});
