import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Json } from "../../../agent/model/desired.ts";
import { canonicalJson, digestService, parseDigest, shortDigest } from "../../../agent/plan/desire/digest-service.ts";

describe("canonical JSON", () => {
  const equal: [string, Json, Json][] = [
    ["the order of keys", { b: 1, a: { d: 1, c: 2 } }, { a: { c: 2, d: 1 }, b: 1 }],
    ["null", { a: 1, b: null }, { a: 1 }],
    ["empty lists and maps, however deep", { a: 1, b: [], c: { d: {} } }, { a: 1 }],
    ["nothing at all", {}, null],
  ];
  for (const [what, a, b] of equal) test(`must not depend on ${what}`, () => assert.equal(canonicalJson(a), canonicalJson(b)));

  const different: [string, Json, Json][] = [
    ["an empty text and none", { a: "" }, {}],
    ["false and none", { a: false }, {}],
    ["0 and none", { a: 0 }, {}],
    ["a number and its text", { a: 1 }, { a: "1" }],
    ["the order of a list", ["a", "b"], ["b", "a"]],
    ["a list with a null and one without", ["a", null], ["a"]],
    ["an empty command and the image's", { command: [] }, { command: null }],
    ["an empty entrypoint and the image's", { entrypoint: [] }, {}],
  ];
  for (const [what, a, b] of different) {
    test(`must tell ${what}`, () => assert.notEqual(canonicalJson(a), canonicalJson(b)));
  }
});

describe("a digest", () => {
  test("must never change for the same inputs: every container of the fleet would be recreated", () => {
    const digest = digestService({ image: "nginx:1.27", environment: { A: "1" } }, { "conf/a": "01" });
    assert.equal(digest, "1.ce63d915a8565632143a201882144ede.704315c61cef328ac80b9978503450a5");
  });
  test("must tell definition and contents apart", () => {
    const [base, files, definition] = [
      digestService({ image: "a" }, { x: "1" }),
      digestService({ image: "a" }, { x: "2" }),
      digestService({ image: "b" }, { x: "1" }),
    ].map(parseDigest);
    assert.equal(base?.definition, files?.definition);
    assert.notEqual(base?.files, files?.files);
    assert.equal(base?.files, definition?.files);
    assert.notEqual(base?.definition, definition?.definition);
  });
  test("must be read back, and nothing else be taken for one", () => {
    assert.deepEqual(parseDigest("1.aa.bb"), { scheme: "1", definition: "aa", files: "bb" });
    for (const text of [undefined, "", "1", "1.aa", "1.aa.bb.cc"]) assert.equal(parseDigest(text), undefined);
  });
  test("must be short", () => assert.match(shortDigest("x"), /^[0-9a-f]{32}$/));
});
