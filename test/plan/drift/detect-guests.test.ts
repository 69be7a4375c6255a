import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ObservedContainer } from "../../../agent/model/observed.ts";
import { detectDrift } from "../../../agent/plan/drift/detect-drift.ts";
import { findGuests } from "../../../agent/plan/drift/find-guests.ts";
import { buildApplied, buildContainer, buildService, buildStack } from "../build.ts";

const NETWORKS = { default: { name: "shop_default" }, back: {}, lan: { name: "lan", external: true } };
const STACK = buildStack("shop", [buildService("web")], { model: { services: { web: {} }, networks: NETWORKS } });
const on = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { networkId: name, endpointId: name }])) as ObservedContainer["networks"] &
    object;

/** A container that somebody else made. */
function guest(name: string, over: Partial<ObservedContainer>): ObservedContainer {
  const { stack: _stack, digest: _digest, ...container } = buildContainer("", "", { name, id: name });
  return { ...container, ...over };
}

function find(...others: ObservedContainer[]): string[] {
  const containers = [buildContainer("shop", "web"), ...others];
  const request = { stack: STACK, containers: containers.filter(({ project }) => project === "shop") };
  const drift = detectDrift({ ...request, applied: buildApplied(STACK), guests: findGuests(containers) });
  return drift.map(({ kind, mode, container, cause }) => `${kind} ${mode} ${container}: ${cause}`);
}

describe("a container on a network of a stack", () => {
  test("must be told when it is neither of its project nor Holdfast's, and only told", () => {
    const told = (name: string, network: string): string =>
      `foreign report ${name}: container ${name}, which is not Holdfast's, is connected to network ${network}`;
    assert.deepEqual(find(guest("curl", { networks: on("bridge", "shop_default") })), [told("curl", "shop_default")]);
    assert.deepEqual(find(guest("curl", { networks: on("shop_back"), project: "other", service: "x" })), [
      told("curl", "shop_back"),
    ]);
  });

  test("must be no matter when it is Holdfast's, has ended, or the network is not the stack's own", () => {
    assert.deepEqual(find(guest("curl", { networks: on("shop_default"), stack: "other", project: "other" })), []);
    assert.deepEqual(find(guest("curl", { networks: on("shop_default"), state: "exited" })), []);
    assert.deepEqual(find(guest("curl", { networks: on("lan", "bridge") })), []);
    assert.deepEqual(find(guest("run", { networks: on("shop_default"), project: "shop", service: "web", oneOff: true })), []);
  });
});
