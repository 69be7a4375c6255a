import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { waitUntil } from "../engine/wait-until.ts";
import { createCertificate } from "../servers/certificate.ts";
import { type Http, sendRaw, startHttp } from "./start-http.ts";
import { writeSecret } from "./write-secret.ts";

/** Short enough for a test, and what a slow machine needs for a request is well below. */
const SHORT = { headersTimeoutMs: 1_000, requestTimeoutMs: 1_500, checkEveryMs: 50, keepAliveTimeoutMs: 500 };

describe("what strangers may use up", () => {
  const started: Http[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const http of started.splice(0)) await http.stop();
  });
  async function start(...args: Parameters<typeof startHttp>): Promise<Http> {
    const http = await startHttp(...args);
    started.push(http);
    return http;
  }
  async function open(http: Http): Promise<Socket> {
    const { port } = new URL(await http.url());
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => undefined);
    sockets.push(socket);
    return socket;
  }
  /** Sends a piece again and again for as long as the connection lives. */
  function drip(socket: Socket, first: string, piece: string): Promise<string> {
    let received = "";
    socket.setEncoding("latin1").on("data", (text) => {
      received += text;
    });
    socket.write(first);
    const timer = setInterval(() => socket.write(piece), 20);
    return new Promise((resolve) =>
      socket.once("close", () => {
        clearInterval(timer);
        resolve(received);
      }),
    );
  }

  it("headers that never end must end the connection, while others are served", async () => {
    const http = await start({}, { ...SHORT, requestTimeoutMs: 60_000 });
    const slow = drip(await open(http), "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n", "X-A: b\r\n");
    assert.equal((await http.ask("/healthz")).status, 200);
    assert.match(await slow, /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assert.equal((await http.ask("/healthz")).status, 200);
  });

  it("a body that never ends must end the connection", async () => {
    const http = await start({ "webhook-secret-file": writeSecret("s") }, SHORT);
    const head = "POST /hooks/git HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Gitlab-Token: s\r\nContent-Length: 1000000\r\n\r\n";
    assert.match(await drip(await open(http), head, "x"), /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assert.equal(http.nudges(), 0);
    assert.equal(http.log.filter(({ level }) => level === "error").length, 0);
  });

  it("a connection that says nothing must be closed, and one that is kept alive too", async () => {
    const http = await start({}, { ...SHORT, idleTimeoutMs: 500 });
    assert.equal(await sendRaw(await http.url(), ""), "");
    assert.match(await sendRaw(await http.url(), "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), /^HTTP\/1\.1 200 OK/);
  });

  it("a TLS handshake that never ends must be given up", async () => {
    const { certFile } = await createCertificate();
    const keyFile = certFile.replace(/cert\.pem$/, "key.pem");
    const http = await start({ "tls-cert-file": certFile, "tls-key-file": keyFile }, SHORT);
    assert.equal(await sendRaw(await http.url(), "\x16\x03"), "");
    const { port } = new URL(await http.url());
    const socket = connectTls({ port: Number(port), host: "127.0.0.1", rejectUnauthorized: false, maxVersion: "TLSv1.1" });
    await assert.rejects(new Promise((_resolve, reject) => socket.once("error", reject)), /protocol|version|alert/i);
  });

  it("headers that are too large must be refused", async () => {
    const http = await start({}, { headerBytes: 2_000 });
    const reply = await sendRaw(
      await http.url(),
      `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ${"b".repeat(3_000)}\r\n\r\n`,
    );
    assert.match(reply, /^HTTP\/1\.1 431 /);
  });

  it("connections beyond the limit must be closed, and there be room again when others have ended", async () => {
    const http = await start({}, { connections: 3 });
    const open3 = [await open(http), await open(http), await open(http)];
    await Promise.all(open3.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
    await waitUntil("the fourth is refused", () =>
      http.ask("/healthz").then(
        () => false,
        () => true,
      ),
    );
    for (const socket of open3) socket.destroy();
    await waitUntil("there is room", async () => (await http.ask("/healthz")).status === 200);
  });

  it("what is no HTTP must be refused, and end nothing", async () => {
    const http = await start();
    for (const text of [
      "hello\r\n\r\n",
      "\0\0\0\0",
      "GET / HTTP/9.9\r\n\r\n",
      "GET /\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ])
      assert.match(await sendRaw(await http.url(), text), /^(HTTP\/1\.1 (400|505) .*)?/);
    const smuggled =
      "POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert.match(await sendRaw(await http.url(), smuggled), /^HTTP\/1\.1 400 /);
    assert.equal((await http.ask("/healthz")).status, 200);
  });

  it("what is left of a body that nobody reads must not be taken for a request", async () => {
    const http = await start();
    const inner = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    const reply = await sendRaw(
      await http.url(),
      `POST /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${inner.length + 10}\r\n\r\n${inner}`,
    );
    assert.match(reply, /^HTTP\/1\.1 404 /);
    assert.match(reply, /\r\nconnection: close\r\n/i);
    assert.equal(reply.match(/HTTP\/1\.1 /g)?.length, 1);
  });
});
