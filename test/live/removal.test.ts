import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const DATA = "volumes: [data:/data]\nnetworks: [lan]";
const REST = "volumes: {data: {}}\nnetworks: {lan: {}}\n";

describe("a stack that leaves the repository", () => {
  let host: Host;
  before(async () => {
    host = await startHost();
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "{}\n",
      ...stack("shop", compose({ app: DATA, db: DATA }, REST)),
      ...stack("blog", compose({ app: "" })),
      ...stack("wiki", compose({ app: "" })),
    });
    assert.equal(await host.settle(), "converged");
  });
  after(() => host?.stop());

  const stack = (name: string, text: string | null): Record<string, string | null> => ({
    [`desired-state/stacks/${name}/stack.yaml`]: text === null ? null : "hosts: all\n",
    [`desired-state/stacks/${name}/compose.yaml`]: text,
  });
  const names = async (): Promise<string[]> => (await host.containers()).map(({ name }) => name).sort();
  const list = async (what: "volume" | "network"): Promise<string[]> =>
    (await host.docker(what, "ls", "--format", "{{.Name}}")).split("\n").sort();

  it("must lose its containers, networks and placed files, and keep its volumes and what containers wrote", async () => {
    const directory = join(host.directory, "state/stacks/shop");
    mkdirSync(join(directory, "data"));
    writeFileSync(join(directory, "data/notes"), "theirs");
    await host.docker("run", "-d", "--name", "guest", "--network", "shop_lan", "busybox:1.35", "sleep", "1000");
    const others = (await host.containers()).filter(({ project }) => project !== "shop").map(({ id }) => id);
    await host.push(stack("shop", null));
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(await names(), ["blog-app-1", "wiki-app-1"]);
    assert.deepEqual((await host.containers()).map(({ id }) => id).sort(), others.sort());
    assert.ok((await list("volume")).includes("shop_data"));
    assert.ok(existsSync(join(directory, "data/notes")));
    assert.ok(!existsSync(join(directory, "compose.yaml")));
    assert.ok((await list("network")).includes("shop_lan"), "somebody else uses it");
    assert.ok(!(await list("network")).includes("shop_default"));
    await host.docker("rm", "-f", "guest");
  });

  it("must be told with the volumes and paths that stay and how to delete them, what needs another one first", async () => {
    const service = `volumes: [data:/data, ./data:/own]\ninit: true`;
    await host.push({
      ...stack("zoo", compose({ app: service }, "volumes: {data: {}}\n")),
      ...stack("ape", compose({ app: "init: true" })),
      "desired-state/stacks/ape/stack.yaml": "hosts: all\ndependsOn: [zoo]\n",
      "desired-state/stacks/zoo/data/.gitkeep": "",
    });
    assert.equal(await host.settle(), "converged");
    await host.repository.commit(
      { ...stack("zoo", null), ...stack("ape", null), "desired-state/stacks/zoo/data/.gitkeep": null },
      { message: "close the zoo\n\nHoldfast-Allow-Removal: zoo, ape" },
    );
    assert.equal(await host.settle(), "converged");
    const gone = host.history().filter(({ event, stack: name = "" }) => event === "removed" && ["zoo", "ape"].includes(name));
    const own = join(host.directory, "state/stacks/zoo/data");
    assert.deepEqual(
      gone.map(({ stack: name, output }) => [name, output]),
      [
        ["ape", undefined],
        ["zoo", ["volume zoo_data stays; to delete it: docker volume rm zoo_data", `${own} stays; to delete it: rm -r ${own}`]],
      ],
      "ape needs zoo",
    );
    assert.ok((await list("volume")).includes("zoo_data"));
    await host.docker("volume", "rm", "zoo_data");
  });

  it("must be held when it is one of too many, and go when a commit says so", async () => {
    await host.push({ ...stack("blog", null), ...stack("wiki", null) });
    assert.equal(await host.settle(), "failed");
    assert.deepEqual(await names(), ["blog-app-1", "wiki-app-1"]);
    const alert = (await host.alerts()).find(({ name }) => name === "HoldfastRemovalHeld");
    assert.match(alert?.text ?? "", /it would remove the last of this host's stacks \(blog, wiki\)/);
    assert.match(alert?.text ?? "", /Holdfast-Allow-Removal: blog, wiki/);
    await host.repository.commit({ "README.md": "x" }, { message: "clean up\n\nHoldfast-Allow-Removal: blog, wiki" });
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(await names(), []);
    assert.deepEqual(
      (await host.alerts()).map(({ name }) => name).filter((name) => name === "HoldfastRemovalHeld"),
      [],
    );
  });

  it("under another name must leave before its successor comes, which needs its port", async () => {
    const text = compose({ app: 'ports: ["127.0.0.1:8089:80"]' });
    await host.push({ ...stack("old", text), ...stack("blog", compose({ app: "" })) });
    assert.equal(await host.settle(), "converged");
    await host.push({ ...stack("old", null), ...stack("new", text) });
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(await names(), ["blog-app-1", "new-app-1"]);
  });
});
