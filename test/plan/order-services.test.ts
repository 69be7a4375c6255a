import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findReached, orderServices } from "../../agent/plan/order-services.ts";
import { buildDependency, buildService } from "./build.ts";

const restarting = (name: string) => buildDependency(name, "service_started", { restart: true });

describe("services", () => {
  test("must come after what they depend on and live in", () => {
    const services = [
      buildService("api", { dependencies: [buildDependency("migrate")] }),
      buildService("migrate", { dependencies: [buildDependency("zdb")] }),
      buildService("side", { sharesWith: ["api"] }),
      buildService("zdb"),
    ];
    assert.deepEqual(
      orderServices(services).map((service) => service.name),
      ["zdb", "migrate", "api", "side"],
    );
  });
});

describe("a replacement", () => {
  const reach = (...replaced: string[]) => {
    const services = [
      buildService("vpn"),
      buildService("app", { sharesWith: ["vpn"] }),
      buildService("side", { sharesWith: ["app"] }),
      buildService("asked", { dependencies: [restarting("app")] }),
      buildService("indifferent", { dependencies: [buildDependency("app")] }),
      buildService("both", { sharesWith: ["vpn"], dependencies: [restarting("vpn")] }),
    ];
    const { recreate, restart } = findReached(services, new Set(replaced));
    return [[...recreate].sort(), [...restart].sort()];
  };

  test("must reach what lives in it, however deep, and restart what asked for it", () => {
    assert.deepEqual(reach("vpn"), [["app", "both", "side"], ["asked"]]);
  });
  test("must not reach upwards", () => assert.deepEqual(reach("side"), [[], []]));
  test("must not name what is replaced itself", () => assert.deepEqual(reach("vpn", "app"), [["both", "side"], ["asked"]]));
  test("of nothing must reach nothing", () => assert.deepEqual(reach(), [[], []]));
});
