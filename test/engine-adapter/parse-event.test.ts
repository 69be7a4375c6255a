import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEvent } from "../../agent/engine/watch-events.ts";

const line = (event: object): string => JSON.stringify(event);

describe("a line of the event stream", () => {
  it("must be read to the millisecond, with the labels that tell whose it is", () => {
    const Attributes = { name: "shop-web-1", "com.docker.compose.project": "shop", "holdfast.stack": "shop", exitCode: "137" };
    // More digits than a number holds.
    const told = line({ Type: "container", Action: "die", Actor: { ID: "c1", Attributes }, timeNano: 0 });
    assert.deepEqual(parseEvent(told.replace('"timeNano":0', '"timeNano":1763728000123456789')), {
      ...{ type: "container", action: "die", id: "c1", atMs: 1_763_728_000_123, name: "shop-web-1" },
      ...{ project: "shop", stack: "shop" },
    });
  });

  it("must tell which container a network was taken from", () => {
    const Actor = { ID: "n1", Attributes: { container: "c1", name: "lan", type: "bridge" } };
    const event = parseEvent(line({ Type: "network", Action: "disconnect", Actor, time: 5 }));
    assert.deepEqual(event, { type: "network", action: "disconnect", id: "n1", atMs: 5_000, name: "lan", containerId: "c1" });
  });

  it("must be told without what a health check found", () => {
    const Actor = { ID: "c1", Attributes: {} };
    assert.equal(parseEvent(line({ Type: "container", Action: "health_status: unhealthy", Actor }))?.action, "health_status");
  });

  for (const text of [
    line({ Type: "container", Action: "exec_start: true", Actor: { ID: "c1" } }),
    line({ Type: "plugin", Action: "enable", Actor: { ID: "p1" } }),
    line({ Type: "container", Action: "die" }),
    '{"Type":"contai',
    "",
  ]) {
    it(`must be left out when it is none of ours: ${text}`, () => assert.equal(parseEvent(text), undefined));
  }
});
