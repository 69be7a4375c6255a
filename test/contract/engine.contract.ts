import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { EngineEvent } from "../../agent/model/engine-event.ts";
import { type ErrorCode, isHoldfastError } from "../../agent/model/error.ts";
import type { ObservedContainer, ObservedNetwork, ObservedVolume } from "../../agent/model/observed.ts";
import type { Engine } from "../../agent/ports.ts";
import { waitUntil } from "../engine/wait-until.ts";

/** What the container of a test runs. */
export type ProgramName = "sleep" | "exit 0" | "exit 3" | "healthy" | "unhealthy" | "crash" | "talk" | "exit 7 at HUP";

export interface ContainerRequest {
  readonly project?: string;
  readonly service?: string;
  readonly number?: number;
  readonly program?: ProgramName;
  /** Labels of Holdfast's. */
  readonly stack?: string;
  readonly digest?: string;
  readonly oneOff?: boolean;
  readonly image?: string;
  /** Made without Compose's labels. */
  readonly plain?: boolean;
  /** With one named and one anonymous volume. */
  readonly volumes?: boolean;
  /** Default: true. */
  readonly started?: boolean;
  /** The network that it is made on, with its service's name; the engine's own by default. */
  readonly network?: string;
}

/** An engine, and what people do to its containers behind Holdfast's back. */
export interface EngineSubject {
  readonly engine: Engine;
  /** How long one request may take, milliseconds. */
  readonly timeoutMs: number;
  run(request?: ContainerRequest): Promise<string>;
  stop(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  listVolumes(): Promise<readonly string[]>;
  /** Returns the network's id. */
  addNetwork(name: string, definition?: Partial<ObservedNetwork>): Promise<string>;
  removeNetwork(name: string): Promise<void>;
  addVolume(name: string, definition?: Partial<ObservedVolume>): Promise<void>;
  /** Gives the name of an image to another image; returns the other one's id. */
  moveTag(tag: string): Promise<string>;
  freeze(): void;
  thaw(): void;
  end(): Promise<void>;
  begin(): Promise<void>;
  /** Removes all containers, volumes and networks. */
  clean(): Promise<void>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/** Everything that Holdfast relies on of the Engine port. */
export function testEngine(name: string, open: () => Promise<EngineSubject>): void {
  describe(`${name} must`, () => {
    let subject: EngineSubject;
    before(async () => {
      subject = await open();
    });
    afterEach(() => subject.clean());
    after(() => subject?.close());

    const list = (): Promise<readonly ObservedContainer[]> => subject.engine.listContainers(never);
    const find = async (id: string): Promise<ObservedContainer | undefined> => (await list()).find((item) => item.id === id);
    const see = (id: string, what: Partial<ObservedContainer>): Promise<ObservedContainer> =>
      waitUntil(`the container is ${JSON.stringify(what)}`, async () => {
        const container = await find(id);
        const keys = Object.keys(what) as (keyof ObservedContainer)[];
        return container !== undefined && keys.every((key) => container[key] === what[key]) && container;
      });
    const fails = (work: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> =>
      assert.rejects(work, (error: unknown) => {
        assert.ok(isHoldfastError(error), String(error));
        assert.deepEqual([error.code, error.handling], [code, "transient"]);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });

    test("describe itself", async () => {
      const { version, platform, runtimes, cgroupVersion, dataDirectory } = await subject.engine.info(never);
      assert.match(version, /^\d+\.\d+\.\d+/);
      assert.match(platform, /^linux\/(amd64|arm64)$/);
      assert.ok(
        ["nvidia", "runc"].every((name) => runtimes.includes(name)),
        String(runtimes),
      );
      assert.match(cgroupVersion, /^[12]$/);
      assert.match(dataDirectory, /^\//);
    });

    test("list nothing when there is nothing", async () => assert.deepEqual(await list(), []));

    test("list a container with everything that plans need", async () => {
      const id = await subject.run({ project: "shop", service: "web", number: 2, stack: "shop", digest: "1.a.b" });
      const { createdAtMs, imageId, networks, ...container } = await see(id, { state: "running" });
      assert.deepEqual(Object.keys(networks ?? {}), ["bridge"]);
      assert.deepEqual(container, {
        ...{ id, name: "shop-web-2", project: "shop", service: "web", number: 2, oneOff: false },
        ...{ state: "running", health: "none", image: "busybox:1.35", stack: "shop", digest: "1.a.b" },
      });
      assert.ok(Math.abs(Date.now() - createdAtMs) < 60_000);
      assert.match(imageId, /^sha256:/);
      assert.ok((await subject.engine.listImages(never)).some((image) => image.id === imageId));
    });

    test("list what is on a network that somebody made, whoever made it", async () => {
      await subject.addNetwork("shop_default");
      const guest = await subject.run({ plain: true, service: "guest", network: "shop_default" });
      const { project, service, networks, stack } = await see(guest, { state: "running" });
      assert.deepEqual([project, service, stack, Object.keys(networks ?? {})], ["", "", undefined, ["shop_default"]]);
    });

    test("list what Compose made without Holdfast, and one-off runs, but nothing else", async () => {
      await subject.run({ plain: true, service: "mine" });
      const foreign = await subject.run({ service: "web" });
      const run = await subject.run({ service: "job", oneOff: true });
      const containers = await list();
      assert.deepEqual(containers.map((container) => container.id).sort(), [foreign, run].sort());
      assert.deepEqual(Object.keys(containers.find((item) => item.id === foreign) ?? {}).includes("digest"), false);
      assert.equal(containers.find((item) => item.id === run)?.oneOff, true);
    });

    test("tell containers that were created, ended, and how", async () => {
      const created = await subject.run({ service: "created", started: false });
      assert.equal((await see(created, { state: "created" })).exitCode, undefined);
      const done = await subject.run({ service: "done", program: "exit 0" });
      await see(done, { state: "exited", exitCode: 0 });
      const failed = await subject.run({ service: "failed", program: "exit 3" });
      await see(failed, { state: "exited", exitCode: 3 });
    });

    test("tell a crash loop with its exit code", async () => {
      const id = await subject.run({ program: "crash" });
      await see(id, { state: "restarting", exitCode: 1 });
    });

    test("start what was created or stopped, and be content when it runs", async () => {
      const id = await subject.run({ started: false });
      await subject.engine.start(id, never);
      await see(id, { state: "running" });
      await subject.engine.start(id, never);
      await subject.stop(id);
      assert.notEqual((await see(id, { state: "exited" })).exitCode, undefined);
      await subject.engine.start(id, never);
      assert.equal((await see(id, { state: "running" })).exitCode, undefined);
    });

    test("unpause, and refuse to start what is paused or to unpause what is not", async () => {
      const id = await subject.run();
      await subject.pause(id);
      await see(id, { state: "paused" });
      await fails(subject.engine.start(id, never), "engine-refused", /^engine cannot start container: .*paused/);
      await subject.engine.unpause(id, never);
      await see(id, { state: "running" });
      await fails(subject.engine.unpause(id, never), "engine-refused", /^engine cannot unpause container: .*not paused/);
    });

    test("restart what runs and what does not, under the same id", async () => {
      const id = await subject.run();
      await subject.engine.restart(id, never);
      await see(id, { state: "running" });
      await subject.stop(id);
      await subject.engine.restart(id, never);
      await see(id, { state: "running" });
    });

    test("send a signal to what runs, and refuse it for what does not", async () => {
      const id = await subject.run({ program: "exit 7 at HUP" });
      await see(id, { state: "running", health: "healthy" });
      await subject.engine.kill(id, "USR1", never);
      await subject.engine.kill(id, "HUP", never);
      await see(id, { state: "exited", exitCode: 7 });
      await fails(subject.engine.kill(id, "HUP", never), "engine-refused", /^engine cannot signal container: .*is not running/);
      await fails(
        subject.engine.kill("0123456789ab", "HUP", never),
        "engine-refused",
        /engine cannot signal container: .*No such container/,
      );
    });

    test("tell the health of a container", async () => {
      const [healthy, unhealthy] = await Promise.all([
        subject.run({ service: "well", program: "healthy" }),
        subject.run({ service: "ill", program: "unhealthy" }),
      ]);
      await see(healthy, { state: "running", health: "healthy" });
      await see(unhealthy, { state: "running", health: "unhealthy" });
      await subject.stop(healthy);
      await see(healthy, { state: "exited", health: "none" });
    });

    test("name an image by its id once its name belongs to another one", async () => {
      const id = await subject.run();
      const { imageId } = await see(id, { image: "busybox:1.35" });
      const other = await subject.moveTag("busybox:1.35");
      assert.notEqual(other, imageId);
      const container = await find(id);
      assert.deepEqual([container?.image, container?.imageId], [imageId, imageId]);
      const images = await subject.engine.listImages(never);
      assert.equal(images.find((image) => image.tags.includes("busybox:1.35"))?.id, other);
    });

    test("remove a container whatever its state, and be content when it is gone", async () => {
      const [running, paused, created] = [
        await subject.run({ service: "a" }),
        await subject.run({ service: "b" }),
        await subject.run({ service: "c", started: false }),
      ];
      await subject.pause(paused);
      for (const id of [running, paused, created]) {
        await subject.engine.remove(id, never);
        await subject.engine.remove(id, never);
      }
      assert.deepEqual(await list(), []);
    });

    test("keep the named and the anonymous volumes of what it removes", async () => {
      const id = await subject.run({ volumes: true });
      const volumes = await subject.listVolumes();
      assert.equal(volumes.length, 2);
      await subject.engine.remove(id, never);
      assert.deepEqual(await subject.listVolumes(), volumes);
    });

    test("say that there is no such container", async () => {
      const id = "0123456789ab";
      for (const verb of ["start", "unpause", "restart"] as const)
        await fails(
          subject.engine[verb](id, never),
          "engine-refused",
          new RegExp(`engine cannot ${verb} container: No such container`),
        );
    });

    test("stop a container, and take one that does not run, or is gone, for stopped", async () => {
      const id = await subject.run();
      await subject.engine.stop(id, never);
      await see(id, { state: "exited" });
      await subject.engine.stop(id, never);
      await subject.engine.stop("0".repeat(64), never);
    });

    test("read the last lines of a container's log, and none of one that is gone", async () => {
      const id = await subject.run({ program: "talk" });
      const log = await waitUntil("both lines are there", async () => {
        const lines = await subject.engine.readLog(id, 2, never);
        return lines.includes("second") && lines.includes("third") && lines;
      });
      assert.deepEqual([...log].sort(), ["second", "third"]);
      assert.deepEqual(await subject.engine.readLog("0".repeat(64), 2, never), []);
    });

    test("give an image another name, and take it away again", async () => {
      const id = await subject.run();
      const imageId = (await find(id))?.imageId ?? "";
      await subject.engine.tagImage(imageId, "holdfast/test-web:kept-1", never);
      const tags = async () => (await subject.engine.listImages(never)).find((image) => image.id === imageId)?.tags ?? [];
      assert.ok((await tags()).includes("holdfast/test-web:kept-1"));
      await subject.engine.untagImage("holdfast/test-web:kept-1", never);
      await subject.engine.untagImage("holdfast/test-web:kept-1", never);
      assert.deepEqual(await tags(), ["busybox:1.35"]);
      await fails(subject.engine.tagImage(`sha256:${"0".repeat(64)}`, "x:1", never), "engine-refused", /No such image/);
    });

    test("say that the engine is not there, and work again when it is", async () => {
      const id = await subject.run({ started: false });
      await subject.end();
      await fails(list(), "engine-unreachable", /^the Docker engine at .* cannot be reached: /);
      await fails(subject.engine.info(never), "engine-unreachable", /^the Docker engine at .* cannot be reached: /);
      await fails(subject.engine.start(id, never), "engine-unreachable", /cannot be reached/);
      await subject.begin();
      await subject.engine.start(id, never);
      await see(id, { state: "running" });
    });

    test("not wait for ever for an engine that does not answer, and work again when it does", async () => {
      subject.freeze();
      const startedAt = performance.now();
      try {
        await fails(list(), "engine-unreachable", /cannot be reached: it does not answer$/);
      } finally {
        subject.thaw();
      }
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs >= subject.timeoutMs - 50 && tookMs < subject.timeoutMs + 5_000, String(tookMs));
      await list();
    });

    test("end at once when it is interrupted, before or while it waits", async () => {
      await fails(subject.engine.listContainers(AbortSignal.abort()), "aborted", /interrupted/);
      subject.freeze();
      try {
        await fails(subject.engine.listContainers(AbortSignal.timeout(50)), "aborted", /^list containers: interrupted$/);
      } finally {
        subject.thaw();
      }
    });

    describe("tell events, and", () => {
      /** Follows the events from a time on; `done` ends it and waits until it has ended. */
      function follow(sinceMs: number) {
        const stop = new AbortController();
        const events: EngineEvent[] = [];
        let open = false;
        const ended = subject.engine.watchEvents(
          sinceMs,
          {
            onOpen() {
              open = true;
            },
            onEvent: (event) => void events.push(event),
          },
          stop.signal,
        );
        ended.catch(() => undefined);
        const of = (id: string): string[] => events.filter((event) => event.id === id).map((event) => event.action);
        const done = async (): Promise<void> => {
          stop.abort();
          await ended;
        };
        return { events, of, ended, done, opened: () => waitUntil("the stream is there", async () => open) };
      }

      test("what happens to a container as it happens, with the stack that it belongs to", async () => {
        const stream = follow(Date.now());
        await stream.opened();
        const id = await subject.run({ stack: "shop" });
        await waitUntil("create and start are told", async () => stream.of(id).length >= 2);
        await subject.engine.remove(id, never);
        await waitUntil("its end is told", async () => stream.of(id).includes("destroy"));
        await stream.done();
        assert.deepEqual(
          ["create", "start", "destroy"].filter((action) => stream.of(id).includes(action)),
          ["create", "start", "destroy"],
        );
        const event = stream.events.find((item) => item.id === id);
        assert.deepEqual([event?.type, event?.project, event?.stack], ["container", "test", "shop"]);
        assert.ok(Math.abs(Date.now() - (event?.atMs ?? 0)) < 60_000, String(event?.atMs));
      });

      test("what happened before, from the time that was asked for", async () => {
        const sinceMs = Date.now() - 1;
        const id = await subject.run();
        const stream = follow(sinceMs);
        await waitUntil("the past is told", async () => stream.of(id).includes("start"));
        await stream.done();
      });

      test("the health of a container, and none of the commands that find it out", async () => {
        const stream = follow(Date.now());
        await stream.opened();
        const id = await subject.run({ program: "healthy" });
        await waitUntil("health is told", async () => {
          await list();
          return stream.of(id).includes("health_status");
        });
        await stream.done();
        assert.deepEqual(
          stream.of(id).filter((action) => action.startsWith("exec")),
          [],
        );
      });

      test("end when the engine ends, and say why when it is not there", async () => {
        const stream = follow(Date.now());
        await stream.opened();
        await subject.end();
        await stream.ended.catch(() => undefined);
        await fails(follow(Date.now()).ended, "engine-unreachable", /cannot be reached/);
        await subject.begin();
        const next = follow(Date.now());
        await next.opened();
        await next.done();
      });
    });
  });
}
