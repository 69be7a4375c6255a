import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { isHoldfastError } from "../../agent/model/error.ts";
import type { ContainerDetails, Limits, ObservedContainer } from "../../agent/model/observed.ts";
import { waitUntil } from "../engine/wait-until.ts";
import type { EngineSubject } from "./engine.contract.ts";

const never = new AbortController().signal;
const UNLIMITED: Limits = {
  ...{ memory: 0, memoryReservation: 0, memorySwap: 0, nanoCpus: 0, cpuShares: 0, cpuQuota: 0, cpuPeriod: 0 },
  ...{ cpusetCpus: "", cpusetMems: "", cpuRealtimePeriod: 0, cpuRealtimeRuntime: 0, blkioWeight: 0, restart: "no" },
};
const MIB = 1024 * 1024;

/** Everything that Holdfast relies on of the Engine port about limits, names, networks and volumes. */
export function testEngineDetails(name: string, open: () => Promise<EngineSubject>): void {
  describe(`${name} must`, () => {
    let subject: EngineSubject;
    before(async () => {
      subject = await open();
    });
    afterEach(() => subject.clean());
    after(() => subject?.close());

    async function find(id: string): Promise<ObservedContainer> {
      const found = (await subject.engine.listContainers(never)).find((container) => container.id === id);
      assert.ok(found, `${id} is listed`);
      return found;
    }
    async function inspect(id: string): Promise<ContainerDetails> {
      const details = await subject.engine.inspectContainer(id, never);
      assert.ok(details, `${id} is there`);
      return details;
    }
    const fails = (work: Promise<unknown>, message: RegExp): Promise<void> =>
      assert.rejects(work, (error: unknown) => {
        assert.ok(isHoldfastError(error), String(error));
        assert.equal(error.code, "engine-refused");
        assert.match(error.message, message);
        return true;
      });

    test("tell the limits of a container, and nothing of one that is gone", async () => {
      const id = await subject.run();
      const { limits, restartCount, oomKilled } = await inspect(id);
      assert.deepEqual({ limits, restartCount, oomKilled }, { limits: UNLIMITED, restartCount: 0, oomKilled: false });
      await subject.engine.remove(id, never);
      assert.equal(await subject.engine.inspectContainer(id, never), undefined);
    });

    test("set limits of what runs without ending it, and take back those that can be", async () => {
      const id = await subject.run();
      const set = { memory: 64 * MIB, memorySwap: 128 * MIB, cpuShares: 512, cpuQuota: 50_000, cpuPeriod: 50_000, pidsLimit: 20 };
      await subject.engine.update(id, { ...set, cpusetCpus: "0", cpusetMems: "0", restart: "on-failure:3" }, never);
      assert.deepEqual((await inspect(id)).limits, {
        ...UNLIMITED,
        ...set,
        cpusetCpus: "0",
        cpusetMems: "0",
        restart: "on-failure:3",
      });
      assert.equal((await find(id)).state, "running");
      await subject.engine.update(id, { cpuQuota: -1, cpuPeriod: 100_000, pidsLimit: 0, restart: "always" }, never);
      const { cpuQuota, cpuPeriod, pidsLimit, restart, memory } = (await inspect(id)).limits;
      assert.deepEqual(
        { cpuQuota, cpuPeriod, pidsLimit, restart, memory },
        { cpuQuota: -1, cpuPeriod: 100_000, pidsLimit: 0, restart: "always", memory: 64 * MIB },
      );
    });

    test("set limits of what does not run", async () => {
      const id = await subject.run({ started: false });
      await subject.engine.update(id, { memory: 64 * MIB, memorySwap: 96 * MIB, nanoCpus: 500_000_000 }, never);
      const { memory, memorySwap, nanoCpus } = (await inspect(id)).limits;
      assert.deepEqual([memory, memorySwap, nanoCpus], [64 * MIB, 96 * MIB, 500_000_000]);
      assert.equal((await find(id)).state, "created");
    });

    test("say which registries it asks without TLS", async () => {
      const { insecureRegistries } = await subject.engine.info(never);
      assert.ok(insecureRegistries.includes("127.0.0.0/8"), insecureRegistries.join());
    });

    test("say whether it limits swap", async () => assert.equal((await subject.engine.info(never)).limitsSwap, true));

    test("rename what runs, and say who has a name that is taken", async () => {
      const [id, other] = [await subject.run(), await subject.run({ service: "db" })];
      await subject.engine.rename(id, "somewhere-else", never);
      assert.equal((await find(id)).name, "somewhere-else");
      await fails(
        subject.engine.rename(id, "test-db-1", never),
        new RegExp(`^the name test-db-1 is taken by container ${other.slice(0, 12)}, which is not this one's$`),
      );
      await subject.engine.rename(id, "test-web-1", never);
      assert.equal((await find(id)).name, "test-web-1");
    });

    test("tell the networks of a container by name and id, also once it has ended", async () => {
      const network = await subject.addNetwork("shop_back");
      const id = await subject.run({ network: "shop_back" });
      const running = (await find(id)).networks;
      assert.deepEqual([Object.keys(running ?? {}), running?.["shop_back"]?.networkId], [["shop_back"], network]);
      const { endpoints } = await inspect(id);
      assert.equal(endpoints["shop_back"]?.endpointId, running?.["shop_back"]?.endpointId);
      assert.deepEqual(endpoints["shop_back"]?.aliases, ["web"]);
      await subject.stop(id);
      const ended = await waitUntil("it has left", async () => {
        const { networks } = await find(id);
        return networks?.["shop_back"]?.endpointId === "" && networks;
      });
      assert.deepEqual(ended, { shop_back: { networkId: network, endpointId: "" } });
      assert.equal((await inspect(id)).endpoints["shop_back"]?.endpointId, "");
    });

    test("refuse to connect what runs to a network that is not there, but not what has ended", async () => {
      const id = await subject.run();
      await fails(subject.engine.connect(id, "shop_gone", { aliases: [] }, never), /shop_gone not found/);
      await subject.stop(id);
      await subject.engine.connect(id, "shop_gone", { aliases: [] }, never);
      assert.equal((await find(id)).networks?.["shop_gone"]?.networkId, "");
      await fails(subject.engine.start(id, never), /shop_gone not found/);
    });

    test("tell another endpoint after a restart", async () => {
      const id = await subject.run();
      const before = (await find(id)).networks?.["bridge"]?.endpointId;
      await subject.engine.restart(id, never);
      assert.notEqual((await find(id)).networks?.["bridge"]?.endpointId, before);
    });

    test("connect what runs under its names and with its address, and disconnect it", async () => {
      await subject.addNetwork("shop_back", { ipam: { driver: "default", config: [{ subnet: "10.98.7.0/24" }] } });
      await subject.addNetwork("shop_front");
      const id = await subject.run({ network: "shop_front" });
      const endpoint = { aliases: ["web", "www"], ipv4Address: "10.98.7.9" };
      await subject.engine.connect(id, "shop_back", endpoint, never);
      assert.deepEqual(Object.keys((await find(id)).networks ?? {}).sort(), ["shop_back", "shop_front"]);
      const { aliases, ipv4Address } = (await inspect(id)).endpoints["shop_back"] ?? {};
      assert.deepEqual({ aliases, ipv4Address }, endpoint);
      await fails(subject.engine.connect(id, "shop_back", endpoint, never), /already exists in network/);
      await subject.engine.disconnect(id, "shop_front", never);
      await subject.engine.disconnect(id, "shop_front", never);
      assert.deepEqual(Object.keys((await find(id)).networks ?? {}), ["shop_back"]);
    });

    test("connect and disconnect what has ended, and start it there", async () => {
      const [back] = [await subject.addNetwork("shop_back"), await subject.addNetwork("shop_front")];
      const id = await subject.run({ network: "shop_front" });
      await subject.stop(id);
      await subject.engine.connect(id, "shop_back", { aliases: ["web"] }, never);
      await subject.engine.disconnect(id, "shop_front", never);
      assert.deepEqual((await find(id)).networks, { shop_back: { networkId: "", endpointId: "" } });
      await subject.engine.start(id, never);
      assert.equal((await find(id)).networks?.["shop_back"]?.networkId, back);
    });

    test("not start what holds on to a network that was made anew, but what left it", async () => {
      const first = await subject.addNetwork("shop_back");
      const id = await subject.run({ network: "shop_back" });
      await subject.stop(id);
      await subject.removeNetwork("shop_back");
      await fails(subject.engine.start(id, never), /not found/);
      const second = await subject.addNetwork("shop_back");
      assert.notEqual(second, first);
      await fails(subject.engine.start(id, never), /not found/);
      assert.equal((await find(id)).networks?.["shop_back"]?.networkId, first);
      await subject.engine.disconnect(id, "shop_back", never);
      await subject.engine.connect(id, "shop_back", { aliases: ["web"] }, never);
      await subject.engine.start(id, never);
      assert.equal((await find(id)).networks?.["shop_back"]?.networkId, second);
    });

    test("tell networks with their definitions", async () => {
      const pool = {
        subnet: "10.98.8.0/24",
        gateway: "10.98.8.1",
        ipRange: "10.98.8.0/25",
        auxAddresses: { spare: "10.98.8.200" },
      };
      const definition = {
        ...{ driver: "bridge", internal: true, attachable: true, enableIpv6: false, labels: { tier: "back" } },
        options: { "com.docker.network.bridge.enable_icc": "true" },
        ipam: { driver: "default", config: [pool] },
      };
      const id = await subject.addNetwork("shop_back", definition);
      const networks = await subject.engine.listNetworks(never);
      assert.deepEqual(
        networks.find((network) => network.name === "shop_back"),
        { id, name: "shop_back", ...definition },
      );
      assert.ok(networks.some((network) => network.name === "bridge"));
    });

    test("tell volumes with their definitions", async () => {
      const definition = { driver: "local", options: { type: "tmpfs", device: "tmpfs", o: "size=10m" }, labels: { keep: "yes" } };
      await subject.addVolume("shop_data", definition);
      await subject.addVolume("shop_plain");
      const volumes = await waitUntil("they are listed", async () => {
        const listed = await subject.engine.listVolumes(never);
        return listed.length === 2 && listed;
      });
      assert.deepEqual(
        [...volumes].sort((a, b) => (a.name < b.name ? -1 : 1)),
        [
          { name: "shop_data", ...definition },
          { name: "shop_plain", driver: "local", options: {}, labels: {} },
        ],
      );
    });

    test("say that there is no such container", async () => {
      const id = "0123456789ab";
      await fails(subject.engine.rename(id, "other", never), /No such container/);
      await fails(subject.engine.connect(id, "bridge", { aliases: [] }, never), /No such container/);
      await fails(subject.engine.update(id, { restart: "no" }, never), /No such container/);
    });
  });
}
