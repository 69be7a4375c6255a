import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { holdfastError, isHoldfastError, toHoldfastError } from "../../agent/model/error.ts";

describe("an error must", () => {
  test("say what happened, how it is handled, what to do and what caused it", () => {
    const cause = new Error("ECONNREFUSED");
    const error = holdfastError("engine-unreachable", "no engine", { handling: "transient", hint: "start it", cause });
    assert.ok(error instanceof Error);
    assert.deepEqual(
      [error.message, error.code, error.handling, error.hint],
      ["no engine", "engine-unreachable", "transient", "start it"],
    );
    assert.equal(error.cause, cause);
  });

  test("have no hint and no cause that nobody gave", () => {
    const error = holdfastError("bug", "x", { handling: "bug" });
    assert.equal("hint" in error, false);
    assert.equal("cause" in error, false);
  });

  test("be told from others by its shape", () => {
    assert.equal(isHoldfastError(holdfastError("bug", "x", { handling: "bug" })), true);
    for (const other of [
      new Error("HoldfastError"),
      { name: "HoldfastError", code: "bug", handling: "bug" },
      "x",
      undefined,
      null,
    ])
      assert.equal(isHoldfastError(other), false);
  });

  test("be a bug when nobody knows it, and stay what it is otherwise", () => {
    const known = holdfastError("aborted", "x", { handling: "transient" });
    assert.equal(toHoldfastError(known), known);
    const unknown = new TypeError("x is not a function");
    const bug = toHoldfastError(unknown);
    assert.deepEqual([bug.code, bug.handling, bug.message, bug.cause], ["bug", "bug", "x is not a function", unknown]);
    assert.equal(toHoldfastError("text").message, "text");
  });
});
