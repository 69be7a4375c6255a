import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runCommand } from "../engine/run-command.ts";
import { fromGitHub, pushFromGitHub, SECRET } from "../server/deliveries.ts";
import { type Http, startHttp } from "../server/start-http.ts";
import { writeSecret } from "../server/write-secret.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { codeOf, listBlocks, readTable } from "./read-pages.ts";

const PAGE = "docs/webhook.md";

describe("docs/webhook.md", () => {
  const directory = createTemporaryDirectory("hf-webhook-page-");
  const [secretFile, tokenFile, headerFile] = ["webhook-secret", "token", "webhook-header"].map((name) => join(directory, name));
  let http: Http;
  before(() => mkdirSync(directory, { recursive: true }));
  after(() => http?.stop());

  function readBlock(marker: string): string {
    const block = listBlocks().find((one) => one.page === PAGE && one.marker === marker);
    assert.ok(block, marker);
    return block.text;
  }

  test("its commands must make a secret and a token that the agent accepts", async () => {
    await runCommand(["sh", "-euc", readBlock("secrets").replaceAll("/etc/holdfast", directory)], {
      environment: { PATH: process.env["PATH"] },
    });
    const flags = { "webhook-secret-file": secretFile ?? "", "token-file": tokenFile ?? "" };
    http = await startHttp({ ...flags, listen: "0.0.0.0:0" });
    await http.url();
    assert.deepEqual(http.warnings.list(), []);
    for (const path of [secretFile ?? "", tokenFile ?? ""]) {
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.match(readFileSync(path, "utf8"), /^[0-9a-f]{64}\n$/);
    }
    const authorization = `Bearer ${readFileSync(tokenFile ?? "", "utf8").trim()}`;
    assert.equal((await http.ask("/v1/status", { headers: { authorization, host: "127.0.0.1" } })).status, 200);
  });

  test("its post-receive hook must have the repository asked, and only for what is followed", async () => {
    const secret = readFileSync(secretFile ?? "", "utf8");
    writeFileSync(headerFile ?? "", `X-Gitlab-Token: ${secret}`, { mode: 0o600 });
    const url = `http://127.0.0.1:${new URL(await http.url()).port}/hooks/git`;
    const script = readBlock("post-receive")
      .replaceAll("/srv/git/webhook-header", headerFile ?? "")
      .replaceAll("http://gpu-box.lan:9616/hooks/git", url);
    const zero = "0".repeat(40);
    const input = Buffer.from(`${zero} ${zero} refs/heads/next\n${zero} ${zero} refs/heads/main\n`);
    const { stdout } = await runCommand(["sh", "-euc", script], { input, environment: { PATH: process.env["PATH"] } });
    const answers = ["ignored: refs/heads/next is not followed here", "accepted: refs/heads/main; the repository is asked", ""];
    assert.deepEqual(stdout.split("\n"), answers);
    assert.equal(http.nudges(), 1);
  });

  test("its table of answers must list exactly those that there are", async () => {
    const spoilt = await startHttp({ "webhook-secret-file": join(directory, "none") });
    const none = await startHttp();
    const good = await startHttp({ "webhook-secret-file": writeSecret(SECRET) });
    const push = pushFromGitHub();
    const seen = new Set<number>();
    for (const [to, { headers, body }, more] of [
      [good, push, {}],
      [good, fromGitHub("ping", {}), {}],
      [good, { ...push, body: `${push.body} ` }, {}],
      [good, { headers: { "x-gitlab-token": SECRET }, body: "hello" }, {}],
      [good, { headers: { "content-length": String(25 * 1024 * 1024 + 1) }, body: "{" }, {}],
      [good, push, { host: "evil.example" }],
      [none, push, {}],
      [spoilt, push, {}],
    ] as const)
      seen.add((await to.ask("/hooks/git", { method: "POST", headers: { ...headers, ...more }, body })).status);
    await Promise.all([spoilt, none, good].map((one) => one.stop()));
    const told = readTable(PAGE, "beside each delivery").map(([status]) => Number(status));
    assert.deepEqual([...seen].sort(), told.sort());
  });

  test("its table of paths must list those that there are", async () => {
    for (const [cell = ""] of readTable(PAGE, "needs no restart")) {
      const [method = "", path = ""] = codeOf(cell).split(" ");
      const { status } = await http.ask(path, { method, headers: { host: "127.0.0.1" } });
      assert.ok(![404, 405].includes(status), `${cell}: ${status}`);
    }
  });
});
