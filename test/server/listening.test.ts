import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, before, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { type Certificate, createCertificate } from "../servers/certificate.ts";
import { findFreePort } from "../servers/free-port.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { ask, type Http, sendRaw, startHttp } from "./start-http.ts";

const RETRY_MS = 10_000;
const started: Http[] = [];
afterEach(async () => {
  for (const http of started.splice(0)) await http.stop();
});
async function start(...args: Parameters<typeof startHttp>): Promise<Http> {
  const http = await startHttp(...args);
  started.push(http);
  return http;
}

describe("listening", () => {
  let occupant: Server | undefined;
  afterEach(() => occupant?.close());

  it("a port that is taken must be a warning that ends nothing, and be taken when it is free", async () => {
    const port = await findFreePort();
    occupant = createServer();
    await new Promise<void>((resolve) => occupant?.listen(port, "127.0.0.1", resolve));
    const http = await start({ listen: `127.0.0.1:${port}` });
    await http.clock.waitedFor(RETRY_MS);
    const taken = "another program listens there; end it (`ss -ltnp` names it), or choose another port with listen";
    assert.deepEqual(http.warnings.list(), [`listen: 127.0.0.1:${port}: ${taken}`]);
    for (let round = 0; round < 3; round += 1) {
      http.clock.advance(RETRY_MS);
      await http.clock.waitedFor(RETRY_MS);
    }
    assert.equal(http.log.length, 1, "the same is told once");
    await new Promise((resolve) => occupant?.close(resolve));
    http.clock.advance(RETRY_MS);
    assert.equal((await http.ask("/healthz")).status, 200);
    assert.deepEqual(http.warnings.list(), []);
    assert.deepEqual(
      http.log.map(({ msg }) => msg),
      ["warning", "warning ended", "listening"],
    );
  });

  it("an address that is not there must be a warning too", async () => {
    const http = await start({ listen: "192.0.2.1:9616", "token-file": "/nowhere" });
    await http.clock.waitedFor(RETRY_MS);
    assert.equal(
      http.warnings.list()[0],
      "listen: 192.0.2.1:9616: this machine has no such address; bring up its interface, or choose another address with listen",
    );
  });

  it("must end with its connections, and leave the port", async () => {
    const http = await start();
    const url = await http.url();
    const hanging = sendRaw(url, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    assert.equal((await http.ask("/healthz")).status, 200);
    await http.stop();
    assert.equal(await hanging, "");
    const again = await start({ listen: new URL(url).host });
    assert.equal(await again.url(), url);
  });
});

describe("listening with a certificate", () => {
  let first: Certificate;
  let second: Certificate;
  let files: { cert: string; key: string };
  before(async () => {
    [first, second] = await Promise.all([createCertificate(), createCertificate()]);
    const directory = createTemporaryDirectory("hf-served-");
    files = { cert: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  });

  function install({ certFile }: Certificate): void {
    copyFileSync(certFile, files.cert);
    copyFileSync(join(dirname(certFile), "key.pem"), files.key);
  }
  const flags = () => ({ "tls-cert-file": files.cert, "tls-key-file": files.key });

  it("must speak HTTPS, and no HTTP", async () => {
    install(first);
    const http = await start(flags());
    const url = await http.url();
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
    const { status, body } = await http.ask("/healthz", { ca: first.cert });
    assert.deepEqual([status, body], [200, "ok\n"]);
    await assert.rejects(http.ask("/healthz"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    await assert.rejects(ask(url.replace("https", "http"), "/healthz"));
    assert.equal((await http.ask("/healthz", { ca: first.cert })).status, 200, "which harmed nobody else");
  });

  it("must take a renewed certificate without a restart, and keep the old one while the new one is no good", async () => {
    install(first);
    const http = await start(flags());
    const trusts = async ({ cert }: Certificate): Promise<boolean> =>
      http.ask("/healthz", { ca: cert }).then(
        ({ status }) => status === 200,
        () => false,
      );
    assert.equal(await trusts(first), true);
    writeFileSync(files.cert, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    http.clock.advance(60_000);
    assert.equal(await trusts(first), true);
    await waitUntil("it is told", () => http.warnings.list().length === 1);
    assert.match(
      http.warnings.list()[0] ?? "",
      /^tls: the certificate in use stays: tls: \S+cert\.pem and \S+key\.pem cannot be used: \S.*$/,
    );
    assert.equal(await trusts(first), true);
    install(second);
    http.clock.advance(60_000);
    await waitUntil("the new one is used", () => trusts(second));
    assert.equal(await trusts(first), false);
    assert.deepEqual(http.warnings.list(), []);
  });

  it("one that cannot be read or used must be a warning, and be taken once it can", async () => {
    const missing = join(dirname(files.cert), "none.pem");
    install(first);
    const none = await start({ ...flags(), "tls-cert-file": missing });
    await none.clock.waitedFor(RETRY_MS);
    assert.deepEqual(none.warnings.list(), [`listen: tls.certFile ${missing} cannot be read (ENOENT)`]);
    copyFileSync(second.certFile, files.cert);
    const http = await start(flags());
    await http.clock.waitedFor(RETRY_MS);
    assert.match(http.warnings.list()[0] ?? "", /^listen: tls: .* cannot be used: .*key values mismatch$/);
    install(second);
    http.clock.advance(RETRY_MS);
    assert.equal((await http.ask("/healthz", { ca: second.cert })).status, 200);
  });
});
