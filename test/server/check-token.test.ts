import assert from "node:assert/strict";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Http, type Reply, STATUS, startHttp } from "./start-http.ts";
import { writeSecret } from "./write-secret.ts";

const TOKEN = "the-quick-brown-token";

describe("the token, where listen is not loopback", () => {
  let http: Http;
  let file: string;
  beforeEach(async () => {
    file = writeSecret(TOKEN);
    http = await startHttp({ listen: "0.0.0.0:0", "token-file": file });
  });
  afterEach(() => http.stop());

  async function read(authorization?: string): Promise<Reply> {
    const headers = { host: "127.0.0.1", ...(authorization === undefined ? {} : { authorization }) };
    return http.ask("/v1/status", { headers });
  }

  it("must be asked for by what is read, and not by whether the agent lives", async () => {
    for (const path of ["/healthz", "/readyz", "/nothing"])
      assert.notEqual((await http.ask(path, { headers: { host: "127.0.0.1" } })).status, 401);
    const reply = await read();
    assert.deepEqual([reply.status, reply.headers["www-authenticate"]], [401, 'Bearer realm="holdfast"']);
    assert.equal(reply.body, "send the token: Authorization: Bearer TOKEN\n");
  });

  for (const [authorization, status] of [
    [`Bearer ${TOKEN}`, 200],
    [`bearer  ${TOKEN} `, 200],
    [`Bearer ${TOKEN}x`, 401],
    [`Bearer ${TOKEN.slice(0, -1)}`, 401],
    [`Bearer ${TOKEN.toUpperCase()}`, 401],
    ["Bearer ", 401],
    ["Bearer", 401],
    [TOKEN, 401],
    [`Basic ${Buffer.from(`holdfast:${TOKEN}`).toString("base64")}`, 401],
    [`Bearer ${TOKEN}, Bearer x`, 401],
  ] as const) {
    it(`${JSON.stringify(authorization)} must be a ${status}`, async () => {
      const reply = await read(authorization);
      assert.equal(reply.status, status);
      if (status === 200) assert.deepEqual(JSON.parse(reply.body), STATUS);
      else assert.ok(!reply.body.includes("Bearer x"));
    });
  }

  it("a new one must count from the next request on", async () => {
    assert.equal((await read(`Bearer ${TOKEN}`)).status, 200);
    writeFileSync(file, "another\n");
    assert.equal((await read(`Bearer ${TOKEN}`)).status, 401);
    assert.equal((await read("Bearer another")).status, 200);
  });

  for (const [what, spoil, problem] of [
    ["is gone", () => rmSync(file), "there is no such file; create it, for example with: install -m 600 /dev/null FILE"],
    ["is empty", () => writeFileSync(file, " \n"), "the file is empty; write the secret into it"],
    [
      "others can read",
      () => chmodSync(file, 0o644),
      "the file has mode 644, so that others can read or change it; run: chmod 600 FILE",
    ],
    ["is huge", () => writeFileSync(file, "x".repeat(65_537)), "the file has 65537 bytes; a secret is one line"],
  ] as const) {
    it(`a file that ${what} must let nobody in, and be told once until it is mended`, async () => {
      spoil();
      for (let round = 0; round < 3; round += 1) {
        const reply = await read(`Bearer ${TOKEN}`);
        assert.deepEqual([reply.status, reply.body], [503, "the token cannot be checked; the agent's log says why\n"]);
      }
      const expected = `${file}: ${problem.replace("FILE", file)}`;
      assert.deepEqual(http.warnings.list(), [`tokenFile: ${expected}`]);
      assert.deepEqual(
        http.log.filter(({ level }) => level === "error").map(({ about, problem }) => [about, problem]),
        [["tokenFile", expected]],
      );
      writeFileSync(file, TOKEN);
      chmodSync(file, 0o600);
      assert.equal((await read(`Bearer ${TOKEN}`)).status, 200);
      assert.deepEqual(http.warnings.list(), []);
    });
  }
});

describe("a secret that cannot be read at the start", () => {
  it("must be told then, not only when it is needed", async () => {
    const file = writeSecret("s", 0o644);
    const http = await startHttp({ "token-file": `${file}-none`, "webhook-secret-file": file });
    await http.url();
    assert.deepEqual(
      http.warnings.list().map((line) => line.replaceAll(file, "FILE")),
      [
        "tokenFile: FILE-none: there is no such file; create it, for example with: install -m 600 /dev/null FILE-none",
        "webhookSecretFile: FILE: the file has mode 644, so that others can read or change it; run: chmod 600 FILE",
      ],
    );
    await http.stop();
  });
});
