import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ContainerInfo } from "dockerode";
import { readContainer } from "../../agent/engine/read-container.ts";

const LABELS = { "com.docker.compose.project": "shop", "com.docker.compose.service": "web" };

/** A container of the engine's list; only what differs is given. */
function read(over: Partial<Omit<ContainerInfo, "Names">> & { readonly Names?: readonly string[] | null }) {
  const info = {
    ...{ Id: "0123", Names: ["/shop-web-1"], Image: "nginx", ImageID: "sha256:1", Created: 1_700_000_000, Labels: LABELS },
    ...{ State: "running", Status: "Up 2 minutes" },
    ...over,
  };
  return readContainer(info as unknown as ContainerInfo);
}

describe("a container of the list must", () => {
  const states: [string, string, object][] = [
    ["running", "Up 2 minutes", { state: "running", health: "none", exitCode: undefined }],
    ["running", "Up Less than a second (health: starting)", { state: "running", health: "starting" }],
    ["running", "Up 2 days (healthy)", { state: "running", health: "healthy" }],
    ["running", "Up 2 days (unhealthy)", { state: "running", health: "unhealthy" }],
    ["paused", "Up 2 days (Paused)", { state: "paused", health: "none" }],
    ["exited", "Exited (0) 3 seconds ago", { state: "exited", exitCode: 0 }],
    ["exited", "Exited (137) 3 weeks ago", { state: "exited", exitCode: 137 }],
    ["restarting", "Restarting (1) 3 seconds ago", { state: "restarting", exitCode: 1 }],
    ["created", "Created", { state: "created", exitCode: undefined }],
    ["dead", "Dead", { state: "dead", exitCode: undefined }],
    ["removing", "Removal In Progress", { state: "removing" }],
    ["invented", "Something new", { state: "dead" }],
  ];
  for (const [State, Status, expected] of states) {
    test(`be read from ${State}: ${Status}`, () => {
      const container = read({ State, Status });
      const keys = Object.keys(expected) as (keyof typeof container)[];
      assert.deepEqual(Object.fromEntries(keys.map((key) => [key, container?.[key]])), expected);
    });
  }

  test("have its own name, not that of a link", () => {
    assert.equal(read({ Names: ["/proxy/web", "/shop-web-1"] })?.name, "shop-web-1");
    assert.equal(read({ Names: ["/a"] })?.name, "a");
  });
  test("have its id as name while it is being removed and has no name any more", () => {
    assert.equal(read({ Names: [] })?.name, "0123");
    assert.equal(read({ Names: null, State: "removing" })?.name, "0123");
  });
  test("be replica 1 unless its label says otherwise", () => {
    assert.equal(read({})?.number, 1);
    assert.equal(read({ Labels: { ...LABELS, "com.docker.compose.container-number": "3" } })?.number, 3);
  });
  test("belong to a project and a service of Compose", () => {
    assert.equal(read({ Labels: {} }), undefined);
    assert.equal(read({ Labels: { "com.docker.compose.project": "shop" } }), undefined);
  });
  test("carry Holdfast's labels only when it has them", () => {
    assert.deepEqual(
      Object.keys(read({}) ?? {}).filter((key) => ["stack", "digest"].includes(key)),
      [],
    );
    const container = read({ Labels: { ...LABELS, "holdfast.stack": "shop", "holdfast.digest": "1.a.b" } });
    assert.deepEqual([container?.stack, container?.digest], ["shop", "1.a.b"]);
  });
  test("tell its age in milliseconds", () => assert.equal(read({})?.createdAtMs, 1_700_000_000_000));
});
