import assert from "node:assert/strict";
import { test } from "node:test";
import { maskValues } from "../../agent/plan/mask-values.ts";

test("a value must be masked wherever it stands, the longer of two first", () => {
  assert.equal(maskValues("a secret, a secretary, secret", ["secret", "secretary"]), "a ***, a ***, ***");
});

test("what a replacement would interpret must be taken literally", () => {
  assert.equal(maskValues("x $& $1 x", ["$& $1"]), "x *** x");
});

test("a value that stands everywhere must be left", () => {
  assert.equal(maskValues("port 80", ["", "80"]), "port 80");
});
