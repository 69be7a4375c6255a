import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findUndelivered, markEdited, markStarted, markTold } from "../../../agent/plan/alerts/deliveries.ts";
import { detectDrift } from "../../../agent/plan/drift/detect-drift.ts";
import { planStack } from "../../../agent/plan/plan-stack.ts";
import { buildApplied, buildContainer, buildService, buildStack } from "../build.ts";

const WEB = buildService("web", {
  files: { "a.conf": "1" },
  onChange: { "hup.conf": { action: "signal", signal: "HUP", key: "2" }, "restart.conf": { action: "restart", key: "3" } },
});
const JOB = buildService("job", { oneShot: true, files: { "a.conf": "1" } });
const STACK = buildStack("shop", [JOB, WEB]);
const ALL = { web: { "hup.conf": "2", "restart.conf": "3" } };
const paths = (record: object) =>
  findUndelivered(WEB, record as never).map(({ path, edited }) => `${path}${edited ? " edited" : ""}`);

describe("what a service was given of its files must", () => {
  test("be everything once its containers were made", () => {
    assert.deepEqual(markStarted({}, STACK, "web"), ALL);
    assert.deepEqual(paths(ALL), []);
  });
  test("be nothing as long as nobody knows, but for files that its digest covers", () =>
    assert.deepEqual(paths({}), ["hup.conf", "restart.conf"]));
  test("lack what has changed since", () => assert.deepEqual(paths({ web: { ...ALL.web, "hup.conf": "1" } }), ["hup.conf"]));
  test("lack what was edited and put back, of every file, for every service that has it and is no one-shot", () => {
    const marked = markEdited(ALL, STACK, ["a.conf", "hup.conf", "nobody.conf"]);
    assert.deepEqual(marked, { web: { "a.conf": "edited", "hup.conf": "edited", "restart.conf": "3" } });
    assert.deepEqual(paths(marked), ["a.conf edited", "hup.conf edited"]);
    assert.deepEqual(findUndelivered(JOB, { job: { "a.conf": "edited" } }), []);
  });
  test("grow by what it is told, and by everything but what only a replacement brings when it is restarted", () => {
    const marked = markEdited(ALL, STACK, ["a.conf", "hup.conf", "restart.conf"]);
    assert.deepEqual(paths(markTold(marked, STACK, "web", ["hup.conf"])), ["a.conf edited", "restart.conf edited"]);
    assert.deepEqual(paths(markTold(marked, STACK, "web")), ["a.conf edited"]);
    assert.deepEqual(markStarted(marked, STACK, "web"), ALL);
  });
  test("forget services and files that are gone", () => {
    const old = { web: { ...ALL.web, "old.conf": "1" }, gone: { x: "1" } };
    assert.deepEqual(markTold(old, STACK, "web"), ALL);
  });
});

describe("a service whose digest is right must be replaced", () => {
  const upOf = (record: Readonly<Record<string, Readonly<Record<string, string>>>>, digest = "1.def.files") => {
    const stack = buildStack("shop", [{ ...WEB, replicas: 2 }]);
    const containers = [buildContainer("shop", "web"), buildContainer("shop", "web", { number: 2, digest })];
    const drift = detectDrift({ stack, containers, applied: buildApplied(stack), delivered: record });
    return planStack({ stack, containers, drift, placed: {}, delivered: record }).find(({ action }) => action === "up");
  };
  const isForced = (up: ReturnType<typeof upOf>): boolean => up?.action === "up" && up.recreate && up.force === true;
  test("by force where an edited file asks for it", () => assert.ok(isForced(upOf({ web: { ...ALL.web, "a.conf": "edited" } }))));
  test("with all its replicas where one differs and a file is new", () =>
    assert.ok(isForced(upOf({ web: { ...ALL.web, "hup.conf": "1" } }, "1.old.files"))));
  test("without force where only one replica differs", () => {
    const up = upOf(ALL, "1.old.files");
    assert.ok(up?.action === "up" && up.recreate && !isForced(up));
  });
});
