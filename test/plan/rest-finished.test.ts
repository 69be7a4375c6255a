import assert from "node:assert/strict";
import { test } from "node:test";
import { noteFinished, restFinished } from "../../agent/plan/rest-finished.ts";
import { buildContainer, buildExited, buildService, buildStack } from "./build.ts";

const STACK = buildStack("shop", [buildService("migrate", { oneShot: true }), buildService("web")]);
const [migrate] = STACK.services;
const digest = migrate?.digest ?? "";

test("a one-shot has finished once its container has exited 0 with the desired digest", () => {
  assert.deepEqual(noteFinished(STACK, [buildExited("shop", "migrate", 0)], {}), { migrate: digest });
  assert.deepEqual(noteFinished(STACK, [buildExited("shop", "migrate", 1)], {}), {});
  assert.deepEqual(noteFinished(STACK, [{ ...buildExited("shop", "migrate", 0), digest: "1.old.old" }], {}), {});
  assert.deepEqual(noteFinished(STACK, [buildExited("shop", "web", 0)], {}), {});
  assert.deepEqual(noteFinished(STACK, [], { migrate: digest }), { migrate: digest }, "and stays so when it is gone");
});

test("a finished one-shot whose container is gone is wanted no more, until its definition changes", () => {
  const replicas = (finished: Record<string, string>, containers = [buildContainer("shop", "web")]) =>
    restFinished(STACK, containers, finished).services.map((service) => service.replicas);
  assert.deepEqual(replicas({ migrate: digest }), [0, 1]);
  assert.deepEqual(replicas({ migrate: "1.old.old" }), [1, 1]);
  assert.deepEqual(replicas({}), [1, 1]);
  assert.deepEqual(replicas({ migrate: digest }, [buildExited("shop", "migrate", 0)]), [1, 1]);
});
