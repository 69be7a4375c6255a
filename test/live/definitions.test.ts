import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

for (const { version, path } of await listComposePlugins()) {
  describe(`a network and a volume with another definition, and Compose ${version}`, () => {
    let host: Host;
    const push = (definition: string, web = ""): Promise<string> =>
      host.push({
        "desired-state/stacks/web/stack.yaml": "hosts: all\n",
        "desired-state/stacks/web/compose.yaml": compose(
          { app: `volumes: ["data:/data"]\n${web}`, db: "" },
          `networks: {default: ${definition}}\nvolumes: {data: ${definition}}\n`,
        ),
      });
    const ids = async (): Promise<Map<string, string>> =>
      new Map((await host.containers()).map((container) => [container.name, container.id]));
    const converged = async (): Promise<void> =>
      assert.equal(await host.settle(), "converged", JSON.stringify(host.log.filter((line) => line["level"] !== "info")));

    before(async () => {
      host = await startHost({ plugin: path });
      await host.push({ "desired-state/fleet.yaml": fleet(host), "desired-state/hosts/box.yaml": "{}\n" });
      await push("{}");
      await converged();
    });
    after(() => host?.stop());

    it("must be told and left as they are", async () => {
      const [containers, network] = [await ids(), await host.docker("network", "inspect", "-f", "{{.Id}}", "web_default")];
      await push("{labels: {new: one}}");
      await converged();
      await host.tick();
      assert.deepEqual(await ids(), containers);
      assert.equal(await host.docker("network", "inspect", "-f", "{{.Id}}", "web_default"), network);
      const told = (await host.alerts()).map(({ labels, text }) => [labels["kind"], text.split("\n")[1]]);
      assert.deepEqual(told.sort(), [
        ["network-definition", "network web_default has labels.new missing instead of the Compose file's"],
        ["volume", "volume web_data has labels.new missing instead of the Compose file's"],
      ]);
    });

    it("must hold up nothing: neither healing nor a change", async () => {
      const before = await ids();
      await host.docker("rm", "-f", "web-db-1");
      await converged();
      await push("{labels: {new: one}}", "environment: {CHANGED: yes}");
      await converged();
      const now = await ids();
      assert.deepEqual(
        [...now].filter(([name, id]) => before.get(name) !== id).map(([name]) => name),
        ["web-app-1", "web-db-1"],
      );
      assert.ok((await host.containers()).every(({ state }) => state === "running"));
    });

    it("must be told no more once the definition is as it was", async () => {
      await push("{}", "environment: {CHANGED: yes}");
      await converged();
      await host.tick();
      assert.deepEqual(host.memory().plan?.drift, []);
    });
  });
}
