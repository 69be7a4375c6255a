import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { runCommand } from "../engine/run-command.ts";
import { BOX, stackFiles } from "../reconcile/fake-host.ts";
import { type ServedHost, startAgent } from "../server/start-agent.ts";
import { writeSecret } from "../server/write-secret.ts";
import { codeOf, listBlocks, readTable } from "./read-pages.ts";

const PAGE = "docs/api.md";

describe("docs/api.md", () => {
  let agent: ServedHost;
  before(async () => {
    agent = await startAgent({ flags: { "webhook-secret-file": writeSecret("a secret") } });
    agent.host.git.commit({ ...BOX, ...stackFiles("ai", { app: "" }) });
    await agent.host.verify();
  });
  after(() => agent.stop());

  test("its table of paths must list those that there are, and who is answered", async () => {
    for (const [cell = "", , who] of readTable(PAGE, "# HTTP API")) {
      const [method = "", path = ""] = codeOf(cell).split(" ");
      const options = method === "POST" ? { method, body: "{}" } : { method: "HEAD" };
      const { status } = await agent.ask(path.replace("STACK", "ai"), options);
      const expected = who === "the token" || path === "/hooks/git" ? 401 : 200;
      assert.equal(status, expected, cell);
    }
  });

  test("its commands must work", async () => {
    const block = listBlocks().find(({ page, marker }) => page === PAGE && marker === "api");
    const script = (block?.text ?? "")
      .replaceAll("/etc/holdfast/token", writeSecret(agent.token))
      .replaceAll("http://127.0.0.1:9616", agent.url);
    const { stdout } = await runCommand(["sh", "-euc", script], { environment: { PATH: process.env["PATH"] } });
    assert.match(stdout, /^\{"host":"box".*"reason":"a new disk".*"stacks":\["ai"\].*"event":"finished","result":"converged"/s);
  });

  test("its table of answers must list exactly those that there are", async () => {
    const bare = await startAgent({ flags: { "token-file": "" } });
    const spoilt = await startAgent({ flags: { "token-file": "/nowhere" } });
    const open = await startAgent({ flags: { listen: "0.0.0.0:0" } });
    const post = { method: "POST", body: "{}" };
    const authorization = `Bearer ${agent.token}`;
    const seen = new Set<number>();
    for (const [to, path, options] of [
      [agent, "/v1/status", {}],
      [open, "/", {}],
      [agent, "/v1/sync", { ...post, body: "{", headers: { authorization } }],
      [agent, "/v1/sync", post],
      [bare, "/v1/sync", post],
      [agent, "/nothing", {}],
      [agent, "/v1/sync", {}],
      [agent, "/", { headers: { host: "evil.example" } }],
      [spoilt, "/v1/sync", post],
    ] as const)
      seen.add((await to.ask(path, options)).status);
    for (let round = 0; round < 11; round += 1)
      seen.add((await agent.ask("/v1/sync", { ...post, headers: { authorization: "Bearer wrong" } })).status);
    await Promise.all([bare, spoilt, open].map((one) => one.stop()));
    const told = readTable(PAGE, "## What it answers").map(([status]) => Number(status));
    assert.deepEqual([...seen].sort(), told.sort());
  });
});
