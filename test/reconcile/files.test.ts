import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../agent/model/error.ts";
import type { Placer } from "../../agent/ports.ts";
import { createFaults } from "./create-faults.ts";
import { type Adapters, BOX, createFakeHost, type FakeHost, state } from "./fake-host.ts";

const bind = (path: string, readOnly = true): string =>
  `{type: bind, source: /stage/root/${path}, target: /x/${path}, read_only: ${readOnly}}`;
const COMPOSE = `services:
  web: {image: "busybox:1.35", restart: always, volumes: [${bind("conf/web.conf")}]}
  prom: {image: "busybox:1.35", restart: always, volumes: [${bind("conf/prom.yml")}]}
  api: {image: "busybox:1.35", restart: always, volumes: [${bind("conf/app.toml")}]}
  db: {image: "busybox:1.35", restart: always, volumes: [${bind("data", false)}]}
`;
const STACK = `hosts: all
hostEnvFiles: [web.env]
onChange:
  - {files: [conf/prom.yml], service: prom, action: signal, signal: HUP}
  - {files: ["conf/*.toml"], service: api, action: restart}
`;
const FILES = {
  ...BOX,
  ...state({
    "stacks/web/stack.yaml": STACK,
    "stacks/web/compose.yaml": COMPOSE,
    "stacks/web/conf/web.conf": "one\n",
    "stacks/web/conf/prom.yml": "one\n",
    "stacks/web/conf/app.toml": "one\n",
    "stacks/web/data/.gitkeep": "\n",
  }),
};

describe("files that are edited on the host", () => {
  let host: FakeHost;
  let looks: string[][];
  beforeEach(async () => {
    looks = [];
    host = await start((adapters) => ({ ...adapters, placer: watched(adapters.placer) }));
    looks.length = 0;
  });

  async function start(wrap?: (adapters: Adapters) => Adapters): Promise<FakeHost> {
    const made = createFakeHost(wrap === undefined ? {} : { wrap });
    made.env.set("web.env", "TOKEN=correct-horse\n");
    made.git.commit(FILES);
    assert.equal(await made.settle(), "converged", JSON.stringify(made.log));
    return made;
  }
  /** Writes down what is looked at. */
  function watched(placer: Placer): Placer {
    return {
      ...{ directoryOf: placer.directoryOf, place: placer.place, describeEdit: placer.describeEdit },
      inspect(stack, files) {
        looks.push(files.map(({ path }) => path));
        return placer.inspect(stack, files);
      },
    };
  }
  const edit = (path: string, text: string, on = host): void => void on.placed.set(`web/${path}`, text);
  const tell = (on = host): void => void on.memory().files.told.add("web");
  const steps = (from: number, on = host): unknown[] =>
    on.log.slice(from).flatMap((line) => (line.msg === "step" ? [line["step"]] : []));
  const ids = (on = host): Record<string, string> =>
    Object.fromEntries(on.world.containers().map(({ service, id }) => [service, id]));

  it("must be looked at when something is told, at the start and at an audit, and at no other tick", async () => {
    await host.tick();
    assert.equal(looks.length, 0);
    tell();
    await host.tick();
    assert.deepEqual(looks, [["compose.yaml", "conf/app.toml", "conf/prom.yml", "conf/web.conf", "stack.yaml"]]);
    await host.tick();
    delete host.memory().watch.auditedAtMs;
    await host.tick();
    assert.equal(looks.length, 2);
    host.restart();
    await host.tick();
    assert.equal(looks.length, 3);
    host.git.commit(state({ "stacks/web/README.md": "x\n" }));
    await host.tick();
    assert.ok(looks.at(-1)?.includes("README.md"), "another revision has other files");
  });

  it("must be put back within one tick, with everything that mounts them, and told with what was changed", async () => {
    const [before, from] = [ids(), host.log.length];
    edit("conf/web.conf", "password: x\nuse correct-horse\n");
    edit("conf/prom.yml", "two\n");
    host.placed.delete("web/conf/app.toml");
    tell();
    assert.equal(await host.tick(), "converged");
    assert.deepEqual(steps(from), [
      "put back 3 files",
      "restart api: conf/app.toml changed",
      "signal HUP to prom: conf/prom.yml changed",
      "recreate web",
    ]);
    assert.deepEqual(
      ["conf/web.conf", "conf/prom.yml", "conf/app.toml"].map((path) => host.placed.get(`web/${path}`)),
      ["one\n", "one\n", "one\n"],
    );
    const now = ids();
    assert.deepEqual(
      Object.keys(now).filter((service) => now[service] !== before[service]),
      ["web"],
    );
    assert.ok(host.engine.calls.includes("kill HUP web-prom-1") && host.compose.calls.includes("up --force-recreate web"));
    const healed = host.memory().healed.map(({ kind, cause, diff }) => [kind, cause, diff]);
    assert.deepEqual(healed, [
      ["files-edited", "conf/app.toml was deleted by hand", undefined],
      ["files-edited", "conf/prom.yml was edited by hand", "-one\n\n+two\n"],
      ["files-edited", "conf/web.conf was edited by hand", "-one\n\n+password: ***\nuse ***\n"],
    ]);
    assert.deepEqual(host.memory().plan?.drift, []);
    const calls = [...host.engine.calls];
    tell();
    await host.tick();
    assert.deepEqual(host.engine.calls.slice(calls.length), ["list"], "nothing is done twice");
  });

  it("must be told once, and looked at alone until they are right again, where they are only reported", async () => {
    host.git.commit(state({ "stacks/web/stack.yaml": `${STACK}drift: {rules: {files-edited: report}}\n` }));
    await host.settle();
    const from = host.log.length;
    looks.length = 0;
    edit("conf/web.conf", "two\n");
    tell();
    for (let round = 0; round < 3; round += 1) await host.tick();
    assert.deepEqual(looks.slice(1), [["conf/web.conf"], ["conf/web.conf"]]);
    assert.deepEqual(
      host.log.slice(from).map(({ msg }) => msg),
      ["placed file differs"],
    );
    assert.deepEqual(
      host.memory().plan?.drift.map(({ kind, mode }) => [kind, mode]),
      [["files-edited", "report"]],
    );
    assert.ok(
      host
        .alerting()
        .firing()
        .some(({ alert }) => alert.labels["kind"] === "files-edited"),
    );
    edit("conf/web.conf", "one\n");
    await host.tick();
    assert.deepEqual(host.memory().plan?.drift, []);
    assert.equal(host.placed.get("web/conf/web.conf"), "one\n");
  });

  it("must be left where a container may write them, and be put back when the stack says so", async () => {
    edit("data/.gitkeep", "written\n");
    tell();
    await host.tick();
    assert.deepEqual(host.memory().plan?.drift, []);
    host.git.commit(state({ "stacks/web/stack.yaml": `${STACK}drift: {rules: {files-edited: heal}}\n` }));
    await host.settle();
    assert.equal(host.placed.get("web/data/.gitkeep"), "\n");
  });

  it("must be put back although the diff cannot be made", async () => {
    host = await start((adapters) => {
      const placer = { ...adapters.placer, inspect: adapters.placer.inspect, place: adapters.placer.place };
      const describeEdit = () => Promise.reject(holdfastError("place-failed", "no", { handling: "transient" }));
      return { ...adapters, placer: { ...placer, directoryOf: adapters.placer.directoryOf, describeEdit } };
    });
    edit("conf/web.conf", "two\n");
    tell();
    assert.equal(await host.tick(), "converged");
    assert.equal(host.placed.get("web/conf/web.conf"), "one\n");
  });

  it("must stop being put back when they keep being edited", async () => {
    for (let round = 0; round < 6; round += 1) {
      edit("conf/web.conf", `${round}\n`);
      tell();
      await host.tick();
    }
    assert.equal(host.placed.get("web/conf/web.conf"), "5\n");
    assert.ok(
      host
        .alerting()
        .firing()
        .some(({ alert }) => alert.name === "HoldfastDriftFighting"),
    );
  });

  it("an agent that ends between putting a file back and replacing its container must replace it at its next start", async () => {
    const before = ids();
    // What a process that is killed leaves behind: the call never came back.
    host = await start((adapters) => ({
      ...adapters,
      compose: {
        ...{
          version: adapters.compose.version,
          fingerprint: adapters.compose.fingerprint,
          render: adapters.compose.render,
          pull: adapters.compose.pull,
          run: adapters.compose.run,
        },
        up: (request, signal) => (request.force && !dead ? never() : adapters.compose.up(request, signal)),
      },
    }));
    let dead = false;
    let called = false;
    function never(): Promise<void> {
      called = true;
      return new Promise(() => undefined);
    }
    edit("conf/web.conf", "two\n");
    tell();
    void host.tick();
    for (let turn = 0; turn < 1_000 && !called; turn += 1) await new Promise(setImmediate);
    assert.ok(called);
    assert.equal(host.placed.get("web/conf/web.conf"), "one\n");
    dead = true;
    const [mid, from] = [ids(), host.log.length];
    host.restart();
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(steps(from), ["recreate web"]);
    assert.notEqual(ids()["web"], mid["web"]);
    assert.deepEqual([before["api"] === mid["api"], host.memory().plan?.drift], [true, []]);
    const again = host.log.length;
    host.restart();
    await host.settle();
    assert.deepEqual(steps(again), [], "and not once more");
  });

  for (const when of ["before", "after"] as const) {
    it(`one failure at any position (${when} the call did its work) must be recovered from`, async () => {
      const plain = createFaults(-1, when);
      const reference = await start(plain.wrap);
      const first = plain.calls.length;
      edit("conf/web.conf", "two\n", reference);
      edit("conf/prom.yml", "two\n", reference);
      tell(reference);
      await reference.settle();
      const positions = plain.calls.slice(first);
      assert.ok(positions.length > 10);
      for (const [index, call] of positions.entries()) {
        const one = await start(createFaults(first + index, when).wrap);
        const before = ids(one);
        edit("conf/web.conf", "two\n", one);
        edit("conf/prom.yml", "two\n", one);
        tell(one);
        await one.tick();
        if (index % 2 === 0) one.restart();
        for (let round = 0; round < 4; round += 1) {
          one.clock.advance(60_000);
          await one.settle();
        }
        const result = [one.placed.get("web/conf/web.conf"), one.placed.get("web/conf/prom.yml"), one.memory().plan?.drift];
        assert.deepEqual(result, ["one\n", "one\n", []], `${index} ${call}`);
        const now = ids(one);
        assert.deepEqual(
          Object.keys(now).filter((name) => now[name] !== before[name]),
          ["web"],
          `${index} ${call}`,
        );
        assert.ok(one.engine.calls.includes("kill HUP web-prom-1"), `${index} ${call}`);
      }
    });
  }
});

describe("files that change in the repository", () => {
  let host: FakeHost;
  beforeEach(async () => {
    host = createFakeHost();
    host.env.set("web.env", "A=1\n");
    host.git.commit(FILES);
    await host.settle();
  });
  const delivered = () => JSON.parse(host.store.values.get("delivered/web") ?? "{}") as Record<string, Record<string, string>>;
  const callsAfter = async (act: () => void): Promise<string[]> => {
    const from = [host.engine.calls.length, host.compose.calls.length] as const;
    act();
    await host.settle();
    const calls = [...host.engine.calls.slice(from[0]), ...host.compose.calls.slice(from[1])];
    return calls.filter((call) => !/^(list|inspect|config|info|survey|platform)/.test(call));
  };
  const change = (path: string, text: string) => () => void host.git.commit(state({ [`stacks/web/${path}`]: text }));

  it("must reach their service as it asks, and no other", async () => {
    assert.deepEqual(Object.keys(delivered()).sort(), ["api", "prom"]);
    assert.deepEqual(await callsAfter(change("conf/prom.yml", "two\n")), ["kill HUP web-prom-1"]);
    assert.deepEqual(await callsAfter(change("conf/app.toml", "two\n")), ["restart web-api-1"]);
    assert.deepEqual(await callsAfter(change("conf/web.conf", "two\n")), ["up web"]);
    assert.deepEqual(host.alerting().firing(), []);
  });

  it("must need no signal for a container that is made or started after them", async () => {
    const prom = () => host.world.containers().find(({ service }) => service === "prom")?.id ?? "";
    const removed = (): void => {
      host.world.remove(prom());
      change("conf/prom.yml", "two\n")();
    };
    assert.deepEqual(await callsAfter(removed), ["up --no-recreate prom"]);
    const stopped = (): void => {
      host.world.stop(prom());
      change("conf/prom.yml", "three\n")();
    };
    assert.deepEqual(await callsAfter(stopped), ["start web-prom-1"]);
    assert.deepEqual(await callsAfter(() => undefined), []);
  });

  it("must be told again at most once when the store is lost", async () => {
    const [from, values] = [host.world.containers().map(({ id }) => id), host.store.values];
    values.delete("delivered/web");
    assert.deepEqual(await callsAfter(() => undefined), ["restart web-api-1", "kill HUP web-prom-1"]);
    assert.deepEqual(await callsAfter(() => undefined), []);
    assert.deepEqual(
      host.world.containers().map(({ id }) => id),
      from,
    );
  });

  it("must replace their service when it no longer asks for a signal", async () => {
    const calls = await callsAfter(change("stack.yaml", "hosts: all\nhostEnvFiles: [web.env]\n"));
    assert.deepEqual(calls, ["up api prom"]);
    assert.deepEqual(delivered(), {});
  });

  it("must be made for a stack whose file is written by its container only when they change", async () => {
    host.placed.set("web/data/.gitkeep", "written\n");
    await callsAfter(change("conf/web.conf", "two\n"));
    assert.equal(host.placed.get("web/data/.gitkeep"), "written\n");
    await callsAfter(change("data/.gitkeep", "new\n"));
    assert.equal(host.placed.get("web/data/.gitkeep"), "new\n");
  });
});
