import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { isHoldfastError } from "../../agent/model/error.ts";
import type { DnsProbe, HttpProbe, Probe, ProbeResult } from "../../agent/model/probe.ts";
import { openProber } from "../../agent/probe/open-prober.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { strict } from "../fakes/strict.ts";
import { createCertificate } from "../servers/certificate.ts";
import { findFreePort } from "../servers/free-port.ts";
import { type DnsServer, encodeName, encodeNumber, startDnsServer } from "./dns-server.ts";

const never = new AbortController().signal;
const prober = openProber({ engine: strict("the engine", {}) });
const run = (probe: Probe, signal = never): Promise<ProbeResult> => prober.probe(probe, { containers: [] }, signal);

/** Runs a probe and returns its result in one text: `ok: …` or `failed: …`. */
async function see(probe: Probe): Promise<string> {
  const { ok, detail, durationMs } = await run(probe);
  assert.ok(durationMs >= 0 && !detail.includes("\n") && detail.length <= 201, detail);
  return `${ok ? "ok" : "failed"}: ${detail}`;
}

async function listen(server: Server | TcpServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

describe("an http probe", () => {
  const answers: Record<string, RequestListener> = {
    "/ok": (_, response) => void response.end("Welcome to nginx!"),
    "/created": (_, response) => void response.writeHead(201).end(),
    "/moved": (_, response) => void response.writeHead(302, { location: "/login" }).end(),
    "/broken": (_, response) => void response.writeHead(502).end("bad"),
    "/auth": ({ headers }, response) => void response.writeHead(headers.authorization === "Basic bWU6c2VjcmV0" ? 200 : 401).end(),
    "/silent": () => undefined,
    "/stalls": (_, response) => void response.write("Welcome"),
    "/endless": (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, "a")));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
    "/late": (_, response) => void response.end(`${"a".repeat(1024 * 1024)}needle`),
  };
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    answers[request.url ?? ""]?.(request, response);
  });
  let port = 0;
  before(async () => {
    port = await listen(server);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const probe = (path: string, more: Partial<HttpProbe> = {}): HttpProbe => ({
    kind: "http",
    target: { url: `http://127.0.0.1:${port}${path}` },
    timeoutMs: 10_000,
    ...more,
  });

  test("must pass with any 2xx", async () => {
    assert.equal(await see(probe("/ok")), "ok: 200 OK");
    assert.equal(await see(probe("/created")), "ok: 201 Created");
  });
  test("must fail with anything else, and say what came", async () => {
    assert.equal(await see(probe("/broken")), "failed: expected any 2xx, got 502 Bad Gateway");
    assert.equal(await see(probe("/created", { status: 200 })), "failed: expected 200, got 201 Created");
    assert.equal(await see(probe("/broken", { status: 502 })), "ok: 502 Bad Gateway");
  });
  test("must not follow a redirect", async () => {
    requests.length = 0;
    assert.equal(await see(probe("/moved")), "failed: expected any 2xx, got 302 Found to /login");
    assert.equal(await see(probe("/moved", { status: 302 })), "ok: 302 Found to /login");
    assert.deepEqual(requests, ["/moved", "/moved"]);
  });
  test("must look for a text, in the first mebibyte only", async () => {
    assert.equal(await see(probe("/ok", { contains: "nginx" })), 'ok: 200 OK with "nginx"');
    assert.equal(
      await see(probe("/ok", { contains: "apache" })),
      'failed: expected any 2xx with "apache", got 200 OK without it in 17 bytes',
    );
    const capped = 'failed: expected any 2xx with "needle", got 200 OK without it in the first 1048576 bytes';
    assert.equal(await see(probe("/late", { contains: "needle" })), capped);
    assert.equal(await see(probe("/endless", { contains: "needle" })), capped);
  });
  test("must send the credentials of its URL, and never show them", async () => {
    const url = `http://me:secret@127.0.0.1:${port}/auth`;
    assert.equal(await see(probe("", { target: { url } })), "ok: 200 OK");
    assert.equal(await see(probe("/auth")), "failed: expected any 2xx, got 401 Unauthorized");
  });
  test("must end in time when no answer comes, or no end of it", async () => {
    assert.equal(
      await see(probe("/silent", { timeoutMs: 100 })),
      "failed: expected any 2xx, got nothing: no answer within 0.1 s",
    );
    assert.equal(
      await see(probe("/stalls", { timeoutMs: 100, contains: "nginx" })),
      'failed: expected any 2xx with "nginx", got nothing: no answer within 0.1 s',
    );
    assert.equal(await see(probe("/stalls")), "ok: 200 OK", "who looks for no text does not wait for the end");
  });
  test("must say that nobody listens, and that a name does not exist", async () => {
    const url = `http://127.0.0.1:${await findFreePort()}/`;
    assert.equal(await see(probe("", { target: { url } })), "failed: expected any 2xx, got nothing: the connection was refused");
    const nowhere = await see(probe("", { target: { url: "http://no-such-host.invalid/" } }));
    assert.match(nowhere, /^failed: expected any 2xx, got nothing: the name of the host cannot be resolved( now)?$/);
  });
  test("must be interrupted with its signal", async () => {
    const stop = new AbortController();
    const running = run(probe("/silent"), stop.signal);
    stop.abort();
    await assert.rejects(running, (error: unknown) => isHoldfastError(error) && error.code === "aborted");
    await assert.rejects(
      run(probe("/ok"), AbortSignal.abort()),
      (error: unknown) => isHoldfastError(error) && error.code === "aborted",
    );
  });
  test("must say that what answers is not HTTP", async () => {
    const other = createTcpServer((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    const url = `http://127.0.0.1:${await listen(other)}/`;
    assert.match(await see(probe("", { target: { url } })), /^failed: expected any 2xx, got nothing: what answers is not HTTP/);
    other.close();
  });
});

test("an https probe must check the certificate", async () => {
  const { key, cert } = await createCertificate();
  const server = createTlsServer({ key, cert }, (_, response) => void response.end("ok"));
  const port = await listen(server);
  const probe = (scheme: string): HttpProbe => ({
    kind: "http",
    target: { url: `${scheme}://localhost:${port}/` },
    timeoutMs: 10_000,
  });
  assert.equal(
    await see(probe("https")),
    "failed: expected any 2xx, got nothing: its certificate is signed by an authority that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)",
  );
  assert.match(await see(probe("http")), /^failed: expected any 2xx, got /);
  server.closeAllConnections();
  server.close();
});

describe("a tcp probe", () => {
  test("must pass where somebody accepts a connection, and send nothing", async () => {
    const received: Buffer[] = [];
    let ended = (): void => undefined;
    const closed = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const server = createTcpServer((socket) => socket.on("data", (data) => void received.push(data)).on("close", ended));
    const port = await listen(server);
    assert.equal(await see({ kind: "tcp", host: "127.0.0.1", port, timeoutMs: 10_000 }), "ok: a connection");
    assert.equal(await see({ kind: "tcp", host: "localhost", port, timeoutMs: 10_000 }), "ok: a connection");
    await closed;
    assert.deepEqual(received, []);
    server.close();
  });
  test("must fail where nobody does", async () => {
    const port = await findFreePort();
    const refused = "failed: expected a connection, got nothing: the connection was refused";
    assert.equal(await see({ kind: "tcp", host: "127.0.0.1", port, timeoutMs: 10_000 }), refused);
    assert.equal(await see({ kind: "tcp", host: "localhost", port, timeoutMs: 10_000 }), refused, "for each address of the name");
  });
  test("must end in time where nobody accepts what knocks, and with its signal", async () => {
    const program =
      'const s = require("net").createServer().listen({port: 0, host: "127.0.0.1", backlog: 1}, () => console.log(s.address().port))';
    const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const port = Number(String((await once(child.stdout, "data"))[0]));
    // A process that stands still accepts nothing, and once its queue is full the kernel drops who knocks.
    child.kill("SIGSTOP");
    const queued = Array.from({ length: 4 }, () => connect(port, "127.0.0.1"));
    try {
      for (const socket of queued) socket.on("error", () => undefined);
      const probe: Probe = { kind: "tcp", host: "127.0.0.1", port, timeoutMs: 100 };
      await waitUntil("the queue is full", async () => (await see(probe)) !== "ok: a connection");
      assert.equal(await see(probe), "failed: expected a connection, got nothing: no answer within 0.1 s");
      const stop = new AbortController();
      const running = run({ ...probe, timeoutMs: 60_000 }, stop.signal);
      setImmediate(() => stop.abort());
      await assert.rejects(running, (error: unknown) => isHoldfastError(error) && error.code === "aborted");
    } finally {
      for (const socket of queued) socket.destroy();
      child.kill("SIGKILL");
    }
  });
});

describe("a dns probe", () => {
  let server: DnsServer;
  before(async () => {
    const name = encodeName("target.lan");
    server = await startDnsServer((type, asked) => {
      if (asked === "gone.lan") return { code: 3 };
      if (asked === "failing.lan") return { code: 2 };
      if (asked === "refused.lan") return { code: 5 };
      if (asked === "empty.lan") return { records: [] };
      if (asked === "silent.lan") return "silence";
      if (asked === "nonsense.lan") return "nonsense";
      if (asked === "many.lan") return { records: [1, 2, 3, 4, 5].map((last) => Buffer.from([10, 0, 0, last])) };
      switch (type) {
        case "A":
          return { records: [Buffer.from([10, 0, 0, 1])] };
        case "AAAA":
          return { records: [Buffer.from("fd00000000000000000000000000abcd", "hex")] };
        case "MX":
          return { records: [Buffer.concat([encodeNumber(10), name])] };
        case "SRV":
          return { records: [Buffer.concat([encodeNumber(1), encodeNumber(2), encodeNumber(443), name])] };
        case "TXT":
          return { records: [Buffer.concat([Buffer.from([5]), Buffer.from("a\nb c")])] };
        default:
          return { records: [name] };
      }
    });
  });
  after(() => server.stop());
  const probe = (name: string, more: Partial<DnsProbe> = {}): DnsProbe => ({
    ...{ kind: "dns", server: "127.0.0.1", port: server.port, name, type: "A", timeoutMs: 10_000 },
    ...more,
  });

  const RIGHT: readonly (readonly [DnsProbe["type"], string])[] = [
    ["A", "ok: A 10.0.0.1"],
    ["AAAA", "ok: AAAA fd00::abcd"],
    ["CNAME", "ok: CNAME target.lan"],
    ["NS", "ok: NS target.lan"],
    ["PTR", "ok: PTR target.lan"],
    ["TXT", 'ok: TXT "a b c"'],
  ];
  for (const [type, text] of RIGHT)
    test(`must pass with a record of type ${type}`, async () => {
      assert.equal(await see(probe("www.lan", { type })), text);
      assert.ok(server.questions.includes(`${type} www.lan`), "and ask for nothing else");
    });
  test("must show records that have several parts, and not too many", async () => {
    assert.match(await see(probe("www.lan", { type: "MX" })), /^ok: MX .*target\.lan/);
    assert.match(await see(probe("www.lan", { type: "SRV" })), /^ok: SRV .*target\.lan/);
    assert.equal(await see(probe("many.lan")), "ok: A 10.0.0.1, 10.0.0.2, 10.0.0.3, and 2 more");
  });
  test("must take a server by its name", async () =>
    assert.equal(await see(probe("www.lan", { server: "localhost" })), "ok: A 10.0.0.1"));
  test("must not be answered from what the machine knows itself", async () =>
    assert.equal(await see(probe("localhost")), "ok: A 10.0.0.1"));

  const WRONG: readonly (readonly [string, Partial<DnsProbe>, string])[] = [
    ["gone.lan", {}, "expected an A record of gone.lan, got NXDOMAIN: there is no such name"],
    ["empty.lan", { type: "TXT" }, "expected a TXT record of empty.lan, got an answer without such a record"],
    ["failing.lan", {}, "expected an A record of failing.lan, got SERVFAIL: the server failed"],
    ["refused.lan", {}, "expected an A record of refused.lan, got REFUSED: the server does not answer this host"],
    [
      "www.lan",
      { server: "no-such-host.invalid" },
      "expected an A record of www.lan, got no address of the server no-such-host.invalid",
    ],
  ];
  for (const [name, more, text] of WRONG)
    test(`must fail: ${text}`, async () => assert.equal(await see(probe(name, more)), `failed: ${text}`));
  test("must end in time when no answer comes, or none that is one", async () => {
    for (const name of ["silent.lan", "nonsense.lan"]) {
      const said = await see(probe(name, { timeoutMs: 400 }));
      assert.match(
        said,
        new RegExp(
          `^failed: expected an A record of ${name}, got (nothing: no answer (within 0\\.4 s|in time)|an answer that is not DNS)$`,
        ),
      );
    }
  });
  test("must say that no server listens", async () => {
    const said = await see(probe("www.lan", { port: await findFreePort() }));
    assert.equal(said, "failed: expected an A record of www.lan, got nothing: no server listens there");
  });
  test("must be interrupted with its signal", async () => {
    const stop = new AbortController();
    const running = run(probe("silent.lan"), stop.signal);
    setImmediate(() => stop.abort());
    await assert.rejects(running, (error: unknown) => isHoldfastError(error) && error.code === "aborted");
  });
});
