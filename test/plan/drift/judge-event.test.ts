import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredStack } from "../../../agent/model/desired.ts";
import type { EngineEvent } from "../../../agent/model/engine-event.ts";
import type { ObservedContainer } from "../../../agent/model/observed.ts";
import { type EventEffect, judgeEvent } from "../../../agent/plan/drift/judge-event.ts";

const STACK = {
  name: "shop",
  services: [{ name: "web", image: "docker.io/library/nginx:1.27" }],
  model: { networks: { default: { name: "shop_default" }, lan: { name: "lan" } }, volumes: { data: { name: "shop_data" } } },
} as unknown as DesiredStack;
const KNOWN = {
  stacks: [STACK],
  containers: [
    { id: "c1", project: "shop" },
    { id: "c2", project: "other" },
  ] as unknown as ObservedContainer[],
};
const judge = (event: Partial<EngineEvent>): EventEffect =>
  judgeEvent({ type: "container", action: "stop", id: "x", atMs: 0, ...event }, KNOWN);
const NOTHING = { containers: false, networks: false, volumes: false, images: false };
const CONTAINERS = { ...NOTHING, containers: true };

describe("an event must make out of date", () => {
  for (const [name, event, effect] of [
    ["the containers, when one of a stack's project ends", { project: "shop" }, CONTAINERS],
    ["the containers, when one that carries our label ends, whatever its project", { project: "old", stack: "old" }, CONTAINERS],
    ["the containers, when one is known that tells no labels", { id: "c1" }, CONTAINERS],
    ["nothing, when it is about somebody else's container", { id: "c2", project: "other" }, NOTHING],
    [
      "a container's details, when it has ended: why is not in the list",
      { id: "c1", action: "die" },
      { ...CONTAINERS, details: "c1" },
    ],
    ["a container's details, when it was updated", { id: "c1", action: "update" }, { ...CONTAINERS, details: "c1" }],
    ["the containers, when one of ours is connected", { type: "network", action: "connect", containerId: "c1" }, CONTAINERS],
    [
      "the containers, when somebody else's is connected to a network of ours",
      { type: "network", action: "connect", containerId: "c3", name: "shop_default" },
      CONTAINERS,
    ],
    ["nothing, when somebody else's is", { type: "network", action: "connect", containerId: "c2" }, NOTHING],
    [
      "the networks, when one that a stack uses is removed",
      { type: "network", action: "destroy", id: "n1", name: "lan" },
      { ...CONTAINERS, networks: true },
    ],
    ["nothing, when another network is", { type: "network", action: "destroy", id: "n1", name: "wan" }, NOTHING],
    [
      "the volumes, when a stack's is removed",
      { type: "volume", action: "destroy", id: "shop_data" },
      { ...CONTAINERS, volumes: true },
    ],
    [
      "the images, when a tag that a service uses moves",
      { type: "image", action: "tag", id: "sha256:1", name: "nginx:1.27" },
      { ...CONTAINERS, images: true },
    ],
    ["nothing, when another image is tagged", { type: "image", action: "tag", id: "sha256:1", name: "ci/build:7" }, NOTHING],
    [
      "the images, when one is deleted that is told by its id alone",
      { type: "image", action: "delete", id: "sha256:1" },
      { ...CONTAINERS, images: true },
    ],
  ] satisfies [string, Partial<EngineEvent>, EventEffect][]) {
    it(name, () => assert.deepEqual(judge(event), effect));
  }
});
