import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import { type Certificate, createCertificate } from "../servers/certificate.ts";
import { findFreePort } from "../servers/free-port.ts";
import { type HttpProxyOptions, startHttpProxy } from "../servers/http-proxy.ts";
import { assertFails, token } from "./assert-fails.ts";
import { commit, createRepository, temporaryDirectory } from "./git-fixture.ts";
import { type GitHttpServerOptions, startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;
const unreachable = { code: "source-unreachable", handling: "transient" };
const refused = { code: "source-refused", handling: "stalled" };
/** What would give the user name and the token away is the same for the proxy as for the Git server. */
const credentials = `x-access-token:${token}`;

let certificate: Promise<Certificate> | undefined;

interface Setting {
  readonly tls?: boolean;
  readonly server?: Partial<GitHttpServerOptions>;
  readonly proxy?: HttpProxyOptions;
}

/** A Git server, a proxy, and sources that find the proxy in their environment. */
async function setUp(t: TestContext, setting: Setting = {}) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const revision = commit(repository, { files: { a: "1" } });
  certificate ??= createCertificate();
  const { key, cert, certFile } = await certificate;
  const tls = setting.tls === true ? { tls: { key, cert } } : {};
  const server = await startGitHttpServer(t, { root, ...tls, ...setting.server });
  const proxy = await startHttpProxy(setting.proxy);
  t.after(() => proxy.stop());
  const host = new URL(server.url).host;
  const variable = setting.tls === true ? "HTTPS_PROXY" : "HTTP_PROXY";
  const open = (value: string = proxy.url, more: Partial<SourceOptions> = {}) =>
    openSource({
      url: `${server.url}/repo.git`,
      gitDirectory: join(root, "store"),
      environment: { [variable]: value },
      ...(setting.tls === true ? { caFile: certFile } : {}),
      ...more,
    });
  const withPassword = (password: string) => proxy.url.replace("://", `://x-access-token:${password}@`);
  return { root, repository, revision, server, host, proxy, variable, open, withPassword };
}

test("https must go through one tunnel, in which the proxy sees nothing", async (t) => {
  const { repository, revision, server, host, proxy, open } = await setUp(t, { tls: true, server: { credentials } });
  const source = open(proxy.url, { token: async () => token });
  for (const _ of [1, 2, 3]) assert.equal((await source.readTip(never)).revision, revision);
  await source.fetch({ revision, ref: "refs/heads/main" }, never);
  assert.equal((await source.readTree(revision, ""))?.files.length, 1);
  const next = commit(repository, { files: { a: "2" } });
  assert.equal((await source.readTip(never)).revision, next);
  assert.equal(server.requests.length, 5);
  assert.deepEqual(proxy.requests, [{ method: "CONNECT", target: host, authorization: undefined, host }]);
});

test("http must be asked of the proxy by its whole address, with the token for the server", async (t) => {
  const { revision, server, host, proxy, open } = await setUp(t, { server: { credentials } });
  const source = open(proxy.url, { token: async () => token });
  for (const _ of [1, 2]) assert.equal((await source.readTip(never)).revision, revision);
  await source.fetch({ revision, ref: "refs/heads/main" }, never);
  assert.equal(server.requests.length, 3);
  const asked = { method: "POST", target: `${server.url}/repo.git/git-upload-pack`, authorization: undefined, host };
  assert.deepEqual(proxy.requests, [asked, asked, asked]);
});

for (const tls of [true, false]) {
  const scheme = tls ? "https" : "http";

  test(`${scheme}: a proxy that wants a password must get it, and the server must not`, async (t) => {
    const { revision, server, proxy, open, withPassword } = await setUp(t, { tls, proxy: { credentials } });
    const seen: string[] = [];
    server.intercept = ({ rawHeaders }) => {
      seen.push(...rawHeaders);
      return false;
    };
    assert.equal((await open(withPassword(token)).readTip(never)).revision, revision);
    assert.deepEqual(
      proxy.requests.map(({ authorization }) => authorization),
      [`Basic ${btoa(credentials)}`],
    );
    assert.ok(seen.length > 0 && !seen.some((text) => /authorization|Basic/i.test(text)), seen.join(" "));
  });

  test(`${scheme}: a password that is missing or wrong must be told without it`, async (t) => {
    const { revision, server, proxy, variable, open, withPassword } = await setUp(t, { tls, proxy: { credentials } });
    await assertFails(open().readTip(never), {
      ...refused,
      message: new RegExp(`repo\\.git: the proxy ${proxy.url} asks for a user name and a password \\(407\\)$`),
      hint: new RegExp(`^give them in ${variable} as http://user:password@host:port`),
    });
    const wrong = open(withPassword(`${token}-is-wrong`));
    await assertFails(wrong.readTip(never), {
      ...refused,
      message: new RegExp(`repo\\.git: the proxy ${proxy.url} refused the user name and password \\(407\\)$`),
      hint: new RegExp(`^check them in ${variable}`),
    });
    assert.equal(server.requests.length, 0);
    assert.equal((await open(withPassword(token)).readTip(never)).revision, revision);
  });

  test(`${scheme}: a proxy that cannot be reached must be told, and be used again when it is back`, async (t) => {
    const { revision, server, proxy, variable, open } = await setUp(t, { tls });
    const port = await findFreePort();
    const hint = new RegExp(`^check ${variable}, or name the host in NO_PROXY`);
    await assertFails(open(`http://x-access-token:${token}@127.0.0.1:${port}`).readTip(never), {
      ...unreachable,
      message: new RegExp(`repo\\.git: the proxy http://127\\.0\\.0\\.1:${port} cannot be reached: the connection was refused$`),
      hint,
    });
    await assertFails(open("http://no-such-proxy.invalid:3128").readTip(never), {
      ...unreachable,
      message: /the proxy http:\/\/no-such-proxy\.invalid:3128 cannot be reached: the name of the host cannot be resolved/,
      hint,
    });
    const source = open();
    proxy.fault = "close";
    await assertFails(source.readTip(never), {
      ...unreachable,
      message: /the proxy http:\S+ .*: the connection was closed$/,
      hint,
    });
    assert.equal(server.requests.length, 0);
    proxy.fault = null;
    assert.equal((await source.readTip(never)).revision, revision);
  });

  test(`${scheme}: a port that speaks no HTTP must be called a proxy that fails`, async (t) => {
    const { open } = await setUp(t, { tls });
    const other = createServer((socket: Socket) => void socket.on("error", () => undefined).end("SSH-2.0-OpenSSH_9.2\r\n"));
    const port = await findFreePort();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    t.after(() => other.close());
    const message = new RegExp(`repo\\.git: the proxy http://127\\.0\\.0\\.1:${port} \\S+.*: \\S`);
    await assertFails(open(`http://127.0.0.1:${port}`).readTip(never), { ...unreachable, message });
  });

  test(`${scheme}: a variable that holds no address of a proxy must be told, and nothing be sent`, async (t) => {
    const { server, variable, open } = await setUp(t, { tls });
    for (const value of [`http://x-access-token:12/${token}@proxy.lan:3128`, `socks5://x-access-token:${token}@proxy.lan`]) {
      const message = new RegExp(`repo\\.git: ${variable} (does not hold the address of a proxy|names a socks5 proxy, which)`);
      await assertFails(open(value).readTip(never), { ...refused, message, hint: /^give it as http:\/\/host:port or/ });
    }
    assert.equal(server.requests.length, 0);
  });

  test(`${scheme}: what NO_PROXY names must be reached directly, and the loopback address only then`, async (t) => {
    const { revision, server, proxy, variable, open } = await setUp(t, { tls });
    for (const list of ["127.0.0.1", `other.lan, ${new URL(server.url).host}`, "127.0.0.0/8", "*"]) {
      const environment = { [variable]: proxy.url, NO_PROXY: list };
      assert.equal((await open(proxy.url, { environment }).readTip(never)).revision, revision);
    }
    assert.equal(proxy.requests.length, 0);
    const environment = { ALL_PROXY: proxy.url, NO_PROXY: "localhost,.lan" };
    assert.equal((await open(proxy.url, { environment }).readTip(never)).revision, revision);
    assert.equal(proxy.requests.length, 1);
  });
}

test("what a proxy does not let through, or cannot reach, must be told", async (t) => {
  const { revision, host, proxy, open } = await setUp(t, { tls: true });
  const source = open();
  proxy.fault = 403;
  await assertFails(source.readTip(never), {
    ...refused,
    message: new RegExp(`the proxy ${proxy.url} does not allow a connection to ${host} \\(403\\)$`),
    hint: /^allow it at the proxy/,
  });
  proxy.fault = 503;
  await assertFails(source.readTip(never), {
    ...unreachable,
    message: new RegExp(`the proxy ${proxy.url} does not get through to ${host} \\(503\\)$`),
    hint: /^check that the proxy reaches/,
  });
  proxy.fault = "hang";
  await assertFails(open(proxy.url, { timeouts: { connectMs: 100 } }).readTip(never), {
    ...unreachable,
    message: /the proxy http:\S+ opens no connection: no answer came in time$/,
  });
  proxy.fault = null;
  assert.equal((await source.readTip(never)).revision, revision);
});

test("an answer over http that may be the proxy's own must name it", async (t) => {
  const { proxy, open } = await setUp(t);
  proxy.fault = 503;
  const message = new RegExp(`repo\\.git answered 503, or the proxy ${proxy.url} did$`);
  await assertFails(open().readTip(never), { ...unreachable, message });
});

test("a poll that is stopped while the proxy does not answer must end", { timeout: 60_000 }, async (t) => {
  const { proxy, open } = await setUp(t, { tls: true });
  proxy.fault = "hang";
  const source = open(proxy.url, { timeouts: { pollMs: 200, connectMs: 3_600_000 } });
  await assertFails(source.readTip(never), { ...unreachable, message: /took longer than 0\.2 s$/ });
  proxy.fault = null;
  await source.readTip(never);
});

test("a tunnel that the proxy closed meanwhile must not fail the poll", async (t) => {
  const { revision, proxy, open } = await setUp(t, { tls: true });
  const source = open();
  for (const tunnels of [1, 2, 3]) {
    assert.equal((await source.readTip(never)).revision, revision);
    assert.equal(proxy.requests.length, tunnels);
    proxy.dropTunnels();
  }
});

test("the certificate must be the server's own, whoever passes the bytes on", async (t) => {
  const { proxy, open } = await setUp(t, { tls: true });
  const source = open(proxy.url, { caFile: (await createCertificate()).certFile });
  await assertFails(source.readTip(never), { ...unreachable, message: /repo\.git: its certificate is signed by an authority/ });
  assert.equal(proxy.requests.length, 1);
});

test("a proxy that is spoken to over TLS must be trusted by the system's authorities, not by repository.caFile", async (t) => {
  certificate ??= createCertificate();
  const { key, cert, certFile } = await certificate;
  const { root, revision, server, host, proxy, open } = await setUp(t, { tls: true, proxy: { credentials, tls: { key, cert } } });
  await assertFails(open().readTip(never), {
    ...unreachable,
    message: new RegExp(
      `repo\\.git: the proxy ${proxy.url} cannot be reached: its certificate is signed by an authority that is not trusted`,
    ),
  });
  // The authorities of a process are read at its start: so also the variables are those of a whole process.
  const options = { url: `${server.url}/repo.git`, gitDirectory: join(root, "other"), caFile: certFile };
  const module = JSON.stringify(join(import.meta.dirname, "../../agent/git/open-source.ts"));
  const program = `import { openSource } from ${module};
const tip = await openSource(${JSON.stringify(options)}).readTip(new AbortController().signal);
console.log(tip.revision);
process.exit();`;
  const env = { NODE_EXTRA_CA_CERTS: certFile, HTTPS_PROXY: proxy.url.replace("://", `://${credentials}@`) };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { env });
  assert.equal(stdout.trim(), revision);
  assert.equal(proxy.requests.at(-1)?.target, host);
});
