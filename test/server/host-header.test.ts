import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openHostCheck } from "../../agent/server/check-host.ts";
import { parseListen } from "../../agent/server/listen-address.ts";
import { sendRaw, startHttp } from "./start-http.ts";
import { writeSecret } from "./write-secret.ts";

const OPEN = { "token-file": writeSecret("t") };
const NAMED = { "allowed-hosts": "gpu-box.lan,[fd00::5]" };

/** Flags, a Host header, and whether it is accepted on a connection to 127.0.0.1 (to ::1 where that is listened on). */
const CASES: readonly (readonly [Readonly<Record<string, string>>, string, boolean])[] = [
  [{}, "127.0.0.1", true],
  [{}, "127.0.0.1:1", true],
  [{}, "localhost:9616", true],
  [{}, "LOCALHOST.", true],
  [{}, "[::1]:9616", true],
  [{}, "evil.example", false],
  [{}, "evil.example:9616", false],
  [{}, "localhost.evil.example", false],
  [{}, "127.0.0.1.evil.example", false],
  [{}, "evil.example@127.0.0.1", false],
  [{}, "127.0.0.1/evil", false],
  [{}, "127.0.0.1, evil.example", false],
  [{}, "127.0.0.1:80:80", false],
  [{}, "[::1", false],
  [{}, "", false],
  [{}, "0.0.0.0", false],
  [{}, "192.168.1.5", false],
  [{ listen: "[::1]:0" }, "[::1]", true],
  [{ listen: "[::1]:0" }, "[0:0:0:0:0:0:0:1]:9616", true],
  [{ listen: "[::1]:0" }, "localhost", true],
  [{ listen: "[::1]:0" }, "evil.example", false],
  [NAMED, "gpu-box.lan", true],
  [NAMED, "GPU-Box.lan:443", true],
  [NAMED, "[fd00:0::5]:9616", true],
  [NAMED, "localhost", true],
  [NAMED, "sub.gpu-box.lan", false],
  [NAMED, "gpu-box.lan.evil.example", false],
  [{ ...OPEN, listen: "0.0.0.0:0" }, "127.0.0.1", true],
  [{ ...OPEN, listen: "0.0.0.0:0" }, "localhost", true],
  [{ ...OPEN, listen: "0.0.0.0:0" }, "0.0.0.0", false],
  [{ ...OPEN, listen: "0.0.0.0:0" }, "evil.example", false],
  [{ ...OPEN, listen: ":0" }, "127.0.0.1", true],
  [{ ...OPEN, listen: ":0" }, "[::]", false],
  [{ ...OPEN, listen: ":0" }, "evil.example", false],
];

describe("the Host header", () => {
  for (const [flags, host, accepted] of CASES) {
    const where = flags["listen"] ?? flags["allowed-hosts"] ?? "127.0.0.1";
    it(`${JSON.stringify(host)} must be ${accepted ? "accepted" : "refused"} with ${where}`, async () => {
      const http = await startHttp(flags);
      try {
        const { hostname, port } = new URL(await http.url());
        const target = `http://${flags["listen"]?.startsWith("[::1]") ? hostname : "127.0.0.1"}:${port}`;
        const reply = await sendRaw(target, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        if (accepted) assert.match(reply, /^HTTP\/1\.1 200 OK\r\n/);
        else {
          assert.match(reply, /^HTTP\/1\.1 421 Misdirected Request\r\n/);
          assert.match(reply, /content-type: text\/plain; charset=utf-8\r\n/);
          assert.match(reply, /\r\n\r\nthe Host header names neither `listen` nor one of `allowedHosts` of agent\.yaml\n$/);
        }
      } finally {
        await http.stop();
      }
    });
  }

  it("must name the very address of the connection where every address is listened on", () => {
    const check = openHostCheck(parseListen(":9616"), []);
    for (const local of ["192.168.1.5", "::ffff:192.168.1.5"]) {
      assert.equal(check("192.168.1.5:9616", local), true);
      for (const host of ["192.168.1.6", "localhost", "127.0.0.1", "[::1]"]) assert.equal(check(host, local), false);
    }
    assert.equal(check("[fd00:0::5]", "fd00::5"), true);
    assert.equal(check("192.168.1.5", undefined), false);
  });

  it("two of them must be refused, and none", async () => {
    const http = await startHttp();
    const url = await http.url();
    for (const [request, status] of [
      ["GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421],
      ["GET /healthz HTTP/1.0\r\n\r\n", 421],
      ["GET /healthz HTTP/1.1\r\n\r\n", 400],
    ] as const)
      assert.ok((await sendRaw(url, request)).startsWith(`HTTP/1.1 ${status} `), request);
    await http.stop();
  });

  it("one that is refused must be told of in the log, once a minute at most, in a way that prints safely", async () => {
    const http = await startHttp();
    const refused = () => http.log.filter(({ msg }) => msg === "request for another host refused; see allowedHosts");
    for (let round = 0; round < 20; round += 1) await http.ask("/", { headers: { host: `evil\u009b${round}.example` } });
    assert.deepEqual(
      refused().map(({ level, host, remote }) => [level, host, remote]),
      [["warn", "evil?0.example", "127.0.0.1"]],
    );
    http.clock.advance(60_000);
    await http.ask("/", { headers: { host: "e".repeat(5_000) } });
    assert.deepEqual([refused().length, refused()[1]?.["alike"], String(refused()[1]?.["host"]).length], [2, 19, 201]);
    await http.stop();
  });
});
