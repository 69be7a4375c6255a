import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../agent/model/desired.ts";
import { compareFields, compareFiles, describeFields } from "../../../agent/plan/desire/describe-fields.ts";

const definition: JsonObject = {
  image: "nginx:1.27",
  environment: { PORT: "80", PASSWORD: "hunter2" },
  labels: { a: "b" },
  command: ["--password", "hunter2"],
  ports: [],
  entrypoint: null,
};

describe("fields", () => {
  const compare = (change: JsonObject) => compareFields(describeFields(definition), describeFields({ ...definition, ...change }));

  test("must keep no value but the image, which is no secret", () => {
    const fields = describeFields(definition);
    assert.equal(fields["image"], "nginx:1.27");
    assert.doesNotMatch(JSON.stringify(fields), /hunter2|"80"/);
  });
  test("must tell nothing where nothing changed", () => assert.deepEqual(compare({}), []));
  test("must tell nothing for what is empty or null", () =>
    assert.deepEqual(compare({ cap_drop: [], deploy: {}, dns: null }), []));

  const cases: [string, JsonObject, string[]][] = [
    ["an image with both names", { image: "nginx:1.28" }, ["image nginx:1.27 -> nginx:1.28"]],
    ["a variable by its name", { environment: { PORT: "81", PASSWORD: "hunter2" } }, ["environment PORT changed"]],
    ["a label by its name", { labels: { a: "b", c: "d" } }, ["labels c added"]],
    ["a whole field", { command: ["--other"] }, ["command changed"]],
    ["an added field", { mem_limit: "1g" }, ["mem_limit added"]],
    ["several, by name", { user: "1", command: null }, ["command removed", "user added"]],
  ];
  for (const [what, change, expected] of cases) {
    test(`must name ${what}`, () => assert.deepEqual(compare(change), expected));
  }
});

test("files must be named with what happened to them", () => {
  assert.deepEqual(compareFiles({ a: "1", b: "1", c: "1" }, { a: "1", b: "2", d: "1" }), [
    "file b changed",
    "file c removed",
    "file d added",
  ]);
});
