import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ContainerDetails, ObservedContainer } from "../../../agent/model/observed.ts";
import { detectState } from "../../../agent/plan/drift/detect-state.ts";
import { buildContainer, buildDetails, buildService, buildStack } from "../build.ts";

const STACK = buildStack("shop", [buildService("web")]);
const NOW_MS = 1_000_000;

function look(over: Partial<ObservedContainer>, details: Partial<ContainerDetails> & { readonly memory?: number }): string[] {
  const container = buildContainer("shop", "web", over);
  const { memory = 0, ...rest } = details;
  const all = new Map([[container.id, { ...buildDetails({ memory }), ...rest }]]);
  const request = { stack: STACK, containers: [container], details: all, atMs: NOW_MS };
  return detectState(buildService("web"), container, request).map(({ kind, mode, cause }) => `${kind} ${mode}: ${cause}`);
}

describe("a container that ends", () => {
  const restarting = { state: "restarting", exitCode: 137 } as const;

  test("must be told with how often it was started again, and that it was killed for want of memory", () => {
    assert.deepEqual(look(restarting, { restartCount: 4, oomKilled: true, memory: 16 * 1024 ** 2 }), [
      "restarting report: container shop-web-1 is restarting with code 137 after 4 restarts; it was killed for want of memory (limit 16 MiB)",
    ]);
    assert.deepEqual(look(restarting, { restartCount: 1, oomKilled: true }), [
      "restarting report: container shop-web-1 is restarting with code 137 after 1 restart; it was killed for want of memory (it has no limit, the host has no more)",
    ]);
    assert.deepEqual(look({ state: "exited", exitCode: 137 }, { oomKilled: true, memory: 1024 }), [
      "stopped heal: container shop-web-1 is exited with code 137; it was killed for want of memory (limit 1 KiB)",
    ]);
    assert.deepEqual(look({ state: "exited", exitCode: 1 }, {}), ["stopped heal: container shop-web-1 is exited with code 1"]);
  });

  test("must be seen between two ends, when it runs and looks like any other", () => {
    const crashes = { restartCount: 3, startedAtMs: NOW_MS - 20_000 };
    assert.deepEqual(look({ state: "running" }, { ...crashes, oomKilled: true, memory: 1024 }), [
      "restarting report: container shop-web-1 is restarting again and again after 3 restarts; it was killed for want of memory (limit 1 KiB)",
    ]);
    assert.deepEqual(look({ state: "running" }, { ...crashes, restartCount: 2 }), [], "that may happen");
    assert.deepEqual(look({ state: "running" }, { ...crashes, startedAtMs: NOW_MS - 60_000 }), [], "it has come to rest");
  });
});
