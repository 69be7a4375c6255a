import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { JsonObject } from "../../agent/model/desired.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import type { ObservedContainer } from "../../agent/model/observed.ts";
import type { Compose, Engine, ProjectRequest } from "../../agent/ports.ts";
import { waitUntil } from "../engine/wait-until.ts";

/** Compose, the engine that it acts on, and what people do there behind Holdfast's back. */
export interface ComposeSubject {
  readonly compose: Compose;
  readonly engine: Engine;
  /** Writes the model that Holdfast makes of these services: labelled, without depends_on. */
  project(services: JsonObject): Promise<ProjectRequest>;
  stop(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  /** Changes whenever the container's program is started. */
  readStart(id: string): Promise<string>;
  listVolumes(): Promise<readonly string[]>;
  /** As Compose makes the one that the model calls `key`. */
  addNetwork(name: string, key: string): Promise<void>;
  removeNetwork(name: string): Promise<void>;
  clean(): Promise<void>;
  close(): Promise<void>;
}

const IMAGE = "busybox:1.35";
/** Nothing listens there, so it is refused at once. */
const MISSING = "127.0.0.1:1/missing:1";
const never = new AbortController().signal;
const sleep = (over: JsonObject = {}): JsonObject => ({ image: IMAGE, command: ["sleep", "1000"], init: true, ...over });
const WEB = sleep({ depends_on: { job: { condition: "service_completed_successfully" }, db: { condition: "service_started" } } });
const JOB: JsonObject = { image: IMAGE, command: ["true"] };
const changed = (service: JsonObject): JsonObject => ({ ...service, environment: { CHANGED: "1" } });

/** Everything that Holdfast relies on of the Compose port's `pull` and `up`. */
export function testCompose(name: string, open: () => Promise<ComposeSubject>): void {
  describe(`${name} must`, () => {
    let subject: ComposeSubject;
    before(async () => {
      subject = await open();
    });
    afterEach(() => subject.clean());
    after(() => subject?.close());

    const list = (): Promise<readonly ObservedContainer[]> => subject.engine.listContainers(never);
    async function up(services: JsonObject, names: readonly string[], recreate = false, force = false): Promise<void> {
      await subject.compose.up({ ...(await subject.project(services)), services: names, recreate, force }, never);
    }
    async function find(service: string, number = 1): Promise<ObservedContainer> {
      const found = (await list()).filter((item) => item.service === service && item.number === number);
      assert.equal(found.length, 1, `${service} has one container ${number}`);
      return found[0] as ObservedContainer;
    }
    const finish = (service: string): Promise<ObservedContainer> =>
      waitUntil(`${service} has finished`, async () => {
        const container = await find(service);
        return container.state === "exited" && container;
      });
    const fails = (work: Promise<unknown>, message: RegExp): Promise<void> =>
      assert.rejects(work, (error: unknown) => {
        assert.ok(isHoldfastError(error), String(error));
        assert.deepEqual([error.code, error.handling], ["compose-failed", "transient"]);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n|level=/);
        return true;
      });

    test("create what it is given and nothing else", async () => {
      await up({ web: WEB, db: sleep(), job: JOB }, ["web"]);
      assert.deepEqual(
        (await list()).map((container) => container.name),
        ["shop-web-1"],
      );
      const { project, state, stack, digest, number, oneOff, image } = await find("web");
      assert.deepEqual(
        { project, state, stack, number, oneOff, image },
        {
          ...{ project: "shop", state: "running", stack: "shop", number: 1, oneOff: false, image: IMAGE },
        },
      );
      assert.match(digest ?? "", /^1\.[0-9a-f]{32}\.[0-9a-f]{32}$/);
    });

    for (const recreate of [false, true]) {
      test(`not touch what is right (recreate: ${recreate})`, async () => {
        await up({ web: WEB, db: sleep() }, ["web", "db"]);
        const before = await list();
        const start = await subject.readStart((await find("web")).id);
        await up({ web: WEB, db: sleep() }, ["web", "db"], recreate);
        assert.deepEqual((await list()).map(({ id }) => id).sort(), before.map(({ id }) => id).sort());
        assert.equal(await subject.readStart((await find("web")).id), start);
      });

      test(`not run a finished one-shot again, nor recreate anything else, for up web (recreate: ${recreate})`, async () => {
        await up({ web: WEB, db: sleep(), job: JOB }, ["job", "db"]);
        const [job, db] = [await finish("job"), await find("db")];
        const starts = await Promise.all([job.id, db.id].map(subject.readStart));
        // All of them differ now, and web depends on both.
        await up({ web: WEB, db: changed(sleep()), job: changed(JOB) }, ["web"], recreate);
        assert.deepEqual([(await find("job")).id, (await find("db")).id], [job.id, db.id]);
        assert.deepEqual(await Promise.all([job.id, db.id].map(subject.readStart)), starts);
        assert.equal((await find("job")).state, "exited");
        await up({ web: changed(WEB), db: sleep(), job: JOB }, ["web"], recreate);
        assert.deepEqual(await Promise.all([job.id, db.id].map(subject.readStart)), starts);
      });
    }

    test("leave a container alone that differs, unless it is to be recreated", async () => {
      await up({ web: sleep() }, ["web"]);
      const first = await find("web");
      await up({ web: changed(sleep()) }, ["web"]);
      assert.equal((await find("web")).id, first.id);
      await up({ web: changed(sleep()) }, ["web"], true);
      const second = await find("web");
      assert.notEqual(second.id, first.id);
      assert.notEqual(second.digest, first.digest);
      assert.deepEqual([second.name, second.state, second.number], [first.name, "running", 1]);
    });

    test("replace by force what is right, with its volumes, and nothing else", async () => {
      const volumes = [{ type: "volume", target: "/anonymous" }];
      const services = {
        web: { ...WEB, volumes, network_mode: "service:db" },
        db: sleep(),
        job: JOB,
        many: sleep({ deploy: { replicas: 2 } }),
      };
      await up(services, ["job", "db"]);
      const job = await finish("job");
      await up(services, ["web", "many"]);
      const [web, db, kept] = [await find("web"), await find("db"), await subject.listVolumes()];
      const many = [await find("many"), await find("many", 2)];
      const request = { ...(await subject.project(services)), services: ["web", "many"], recreate: true, force: true };
      await subject.compose.up(request, never);
      const now = await find("web");
      assert.notEqual(now.id, web.id);
      assert.deepEqual([now.state, now.digest, now.name], ["running", web.digest, web.name]);
      assert.deepEqual([(await find("db")).id, (await find("job")).id, await subject.listVolumes()], [db.id, job.id, kept]);
      assert.notEqual((await find("many")).id, many[0]?.id);
      assert.notEqual((await find("many", 2)).id, many[1]?.id);
      assert.equal((await find("job")).state, "exited");
    });

    test("run a finished one-shot again that it is given, which is why plans do not give it", async () => {
      await up({ job: JOB }, ["job"]);
      const job = await finish("job");
      const start = await subject.readStart(job.id);
      await up({ job: JOB }, ["job"]);
      assert.notEqual(await subject.readStart(job.id), start);
      assert.equal((await finish("job")).id, job.id);
    });

    test("bring replicas up and down, and keep the lowest", async () => {
      const replicas = (count: number): JsonObject => ({ web: sleep({ deploy: { replicas: count } }) });
      await up(replicas(1), ["web"]);
      const first = await find("web");
      await up(replicas(3), ["web"]);
      assert.deepEqual((await list()).map(({ number }) => number).sort(), [1, 2, 3]);
      await up(replicas(1), ["web"]);
      assert.deepEqual(
        (await list()).map(({ id }) => id),
        [first.id],
      );
      await up(replicas(0), ["web"]);
      assert.deepEqual(await list(), []);
    });

    test("keep the named and the anonymous volumes of what it recreates", async () => {
      const volumes = [
        { type: "volume", source: "data", target: "/data" },
        { type: "volume", target: "/anonymous" },
      ];
      await up({ web: sleep({ volumes }) }, ["web"]);
      const before = await subject.listVolumes();
      assert.equal(before.length, 2);
      await up({ web: changed(sleep({ volumes })) }, ["web"], true);
      assert.deepEqual(await subject.listVolumes(), before);
    });

    test("replace what is right when it is forced to, with its volumes, and nothing else", async () => {
      const volumes = [
        { type: "volume", source: "data", target: "/data" },
        { type: "volume", target: "/anonymous" },
      ];
      const services = { web: sleep({ volumes, network_mode: "service:vpn", scale: 2 }), vpn: sleep(), db: sleep() };
      await up(services, ["vpn", "db", "web"]);
      const before = new Map((await list()).map(({ name, id }) => [name, id]));
      const kept = await subject.listVolumes();
      await up(services, ["web"], true, true);
      const now = new Map((await list()).map(({ name, id }) => [name, id]));
      assert.deepEqual([...now.keys()].sort(), ["shop-db-1", "shop-vpn-1", "shop-web-1", "shop-web-2"]);
      const same = [...now].filter(([name, id]) => before.get(name) === id).map(([name]) => name);
      assert.deepEqual(same.sort(), ["shop-db-1", "shop-vpn-1"]);
      assert.deepEqual(await subject.listVolumes(), kept);
      assert.equal((await find("web")).state, "running");
    });

    test("replace a container whose network is gone, or was made anew, when it is forced to", async () => {
      const services = { web: sleep({ networks: { back: { aliases: ["www"] }, default: null } }) };
      await up(services, ["web"]);
      const { id } = await find("web");
      for (const anew of [false, true]) {
        await subject.stop((await find("web")).id);
        await subject.removeNetwork("real-back");
        if (anew) await subject.addNetwork("real-back", "back");
        // Nothing of what Compose compares has changed.
        await fails(up(services, ["web"], true), /^docker compose up: .*(not found|could not be found)/);
        await up(services, ["web"], true, true);
      }
      const now = await find("web");
      assert.notEqual(now.id, id);
      assert.deepEqual([now.state, Object.keys(now.networks ?? {}).sort()], ["running", ["real-back", "shop_default"]]);
    });

    test("give containers the names on their networks and the limits of their service", async () => {
      const networks = { default: null, back: { aliases: ["www", "w3"] } };
      await up({ web: sleep({ networks, mem_limit: "67108864", pids_limit: 20, cpus: 0.5, restart: "always" }) }, ["web"]);
      const { endpoints, limits } = (await subject.engine.inspectContainer((await find("web")).id, never)) ?? {};
      assert.deepEqual(endpoints?.["shop_default"]?.aliases, ["shop-web-1", "web"]);
      assert.deepEqual(endpoints?.["real-back"]?.aliases, ["shop-web-1", "web", "www", "w3"]);
      const { memory, memorySwap, pidsLimit, nanoCpus, restart } = limits ?? {};
      assert.deepEqual(
        { memory, memorySwap, pidsLimit, nanoCpus, restart },
        { memory: 67_108_864, memorySwap: 134_217_728, pidsLimit: 20, nanoCpus: 500_000_000, restart: "always" },
      );
    });

    test("let a service follow the one that it lives in, also when that was replaced earlier", async () => {
      const app = sleep({ network_mode: "service:vpn" });
      await up({ app, vpn: sleep() }, ["vpn"]);
      await up({ app, vpn: sleep() }, ["app"]);
      const [vpn, first] = [await find("vpn"), await find("app")];
      await up({ app, vpn: sleep() }, ["app"], true);
      assert.deepEqual([(await find("vpn")).id, (await find("app")).id], [vpn.id, first.id]);
      await up({ app, vpn: changed(sleep()) }, ["vpn"], true);
      assert.notEqual((await find("vpn")).id, vpn.id);
      assert.equal((await find("app")).id, first.id);
      await up({ app, vpn: changed(sleep()) }, ["app"], true);
      assert.notEqual((await find("app")).id, first.id);
    });

    test("replace a paused container that differs, but fail at one that does not", async () => {
      await up({ web: sleep() }, ["web"]);
      const first = await find("web");
      await subject.pause(first.id);
      await fails(up({ web: sleep() }, ["web"]), /^docker compose up: .*cannot start a paused container/);
      await up({ web: changed(sleep()) }, ["web"], true);
      const second = await find("web");
      assert.deepEqual([second.id === first.id, second.state], [false, "running"]);
    });

    test("start what was stopped of what it is given", async () => {
      await up({ web: sleep() }, ["web"]);
      const { id } = await find("web");
      await subject.stop(id);
      await up({ web: changed(sleep()) }, ["web"]);
      assert.deepEqual([(await find("web")).id, (await find("web")).state], [id, "running"]);
    });

    test("not touch orphans and strangers of the project", async () => {
      await up({ old: sleep() }, ["old"]);
      const { id } = await find("old");
      await up({ web: sleep() }, ["web"], true);
      assert.equal((await find("old")).id, id);
    });

    test("pull nothing that is here, and say what cannot be had", async () => {
      const request = await subject.project({ web: sleep(), gone: { image: MISSING } });
      await subject.compose.pull({ ...request, services: ["web"], refresh: false }, never);
      await fails(
        subject.compose.pull({ ...request, services: ["web", "gone"], refresh: false }, never),
        /^docker compose pull: .*(127\.0\.0\.1:1|missing)/,
      );
    });

    test("say what image is missing, and create nothing", async () => {
      await fails(up({ web: { image: MISSING } }, ["web"]), /^docker compose up: .*(127\.0\.0\.1:1|missing)/);
      assert.deepEqual(await list(), []);
    });

    test("keep what runs when the image of its successor is missing", async () => {
      await up({ web: sleep() }, ["web"]);
      const { id } = await find("web");
      await fails(up({ web: sleep({ image: MISSING }) }, ["web"], true), /^docker compose up: /);
      assert.deepEqual([(await find("web")).id, (await find("web")).state], [id, "running"]);
    });

    test("run a command in a container of its own, which leaves nothing behind and touches nothing else", async () => {
      const services = { web: WEB, db: sleep(), job: JOB };
      await up(services, ["db", "job", "web"]);
      await finish("job");
      const before = (await list()).map(({ id, state }) => `${id} ${state}`).sort();
      const next = { ...services, web: { ...WEB, init: false }, db: changed(sleep()) };
      const request = { ...(await subject.project(next)), timeoutMs: 30_000 };
      const run = { ...request, service: "web", container: "test-web-hook", command: ["sh", "-c", "echo it works"] };
      assert.equal(await subject.compose.run(run, never), "it works");
      assert.deepEqual((await list()).map(({ id, state }) => `${id} ${state}`).sort(), before);
      await fails(
        subject.compose.run({ ...run, command: ["sh", "-c", "echo no luck >&2; exit 3"] }, never),
        /^docker compose run: ended with code 3: no luck$/,
      );
      assert.deepEqual((await list()).map(({ id, state }) => `${id} ${state}`).sort(), before);
    });

    test("do nothing when it is interrupted before it begins", async () => {
      const request = { ...(await subject.project({ web: sleep() })), services: ["web"], recreate: false };
      await assert.rejects(subject.compose.up(request, AbortSignal.abort()), { code: "aborted", handling: "transient" });
      assert.deepEqual(await list(), []);
    });
  });
}
