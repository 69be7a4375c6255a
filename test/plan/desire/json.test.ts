import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asArray, asObject, asString, mapStrings } from "../../../agent/plan/desire/json.ts";

describe("a JSON value", () => {
  test("must be read as what it is, and as nothing otherwise", () => {
    const others = [undefined, null, 1, true];
    for (const value of [...others, "a", ["a"]]) assert.deepEqual(asObject(value), {});
    for (const value of [...others, "a", { a: 1 }]) assert.deepEqual(asArray(value), []);
    for (const value of [...others, ["a"], { a: 1 }]) assert.equal(asString(value), undefined);
    assert.deepEqual([asObject({ a: 1 }), asArray([1]), asString("")], [{ a: 1 }, [1], ""]);
  });

  test("must have its texts replaced, but not its keys", () => {
    const value = { a: ["a", { a: "a" }, 1, null, true], b: "b" };
    const replaced = { a: ["A", { a: "A" }, 1, null, true], b: "B" };
    assert.deepEqual(
      mapStrings(value, (text) => text.toUpperCase()),
      replaced,
    );
  });
});
