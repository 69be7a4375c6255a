import assert from "node:assert/strict";
import { test } from "node:test";
import { interpolateRequires } from "../../../agent/plan/preflight/interpolate-requires.ts";

test("variables of requires must be filled in, and everything else stay as it is", () => {
  const requires = {
    docker: ">=20.10",
    disk: [{ path: "${STORAGE}/", free: "50GiB" }, { path: "/" }],
    addresses: ["${IP}", "127.0.0.1"],
  };
  assert.deepEqual(interpolateRequires(requires, { STORAGE: "/srv", IP: "10.0.0.1" }), {
    requires: {
      docker: ">=20.10",
      disk: [{ path: "/srv", free: "50GiB" }, { path: "/" }],
      addresses: ["10.0.0.1", "127.0.0.1"],
    },
    problems: [],
  });
  assert.deepEqual(interpolateRequires({}, {}), { requires: {}, problems: [] });
});

test("what cannot be filled in must be told at its place, and be left out", () => {
  const requires = { disk: [{ path: "$NONE" }, { path: "$HERE" }], addresses: ["${ALSO}", "::1"] };
  const result = interpolateRequires(requires, { HERE: "here" });
  assert.deepEqual(result.requires, { disk: [], addresses: ["::1"] });
  assert.deepEqual(
    result.problems.map(({ pointer, message }) => `${pointer.join(".")}: ${message}`),
    [
      "requires.disk.0.path: $NONE has no value; define NONE under vars",
      'requires.disk.1.path: expected an absolute path, found "here"',
      "requires.addresses.0: ${ALSO} has no value; define ALSO under vars",
    ],
  );
});
