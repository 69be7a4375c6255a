import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keepExisting } from "../../../agent/plan/desire/keep-existing.ts";

const model = {
  name: "shop",
  services: { web: {} },
  networks: { default: { name: "shop_default", internal: true }, far: { name: "far", external: true }, two: { name: "twice" } },
  volumes: { data: { name: "shop_data", driver_opts: { o: "x" } }, new: { name: "shop_new" } },
};
const named = (...names: string[]) => names.map((name) => ({ name }));

describe("what exists of a model", () => {
  test("must be nobody's to make, and everything else as it is", () => {
    assert.deepEqual(keepExisting(model, named("shop_default", "far", "other"), named("shop_data")), {
      ...model,
      networks: { ...model.networks, default: { name: "shop_default", external: true } },
      volumes: { ...model.volumes, data: { name: "shop_data", external: true } },
    });
  });
  test("must be left to Compose where two have one name", () =>
    assert.deepEqual(keepExisting(model, named("twice", "twice"), []), model));
  test("must be nothing where nothing exists, or the model has none", () => {
    assert.deepEqual(keepExisting(model, [], []), model);
    assert.deepEqual(keepExisting({ services: {} }, named("a"), named("b")), { services: {} });
  });
});
