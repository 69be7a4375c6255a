import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import { assertFails, token } from "./assert-fails.ts";
import { commit, createRepository, temporaryDirectory } from "./git-fixture.ts";
import { type GitHttpServerOptions, startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext, options: Partial<GitHttpServerOptions> = {}) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const revision = commit(repository, { files: { a: "1" } });
  const server = await startGitHttpServer(t, { root, ...options });
  const open = (more: Partial<SourceOptions> = {}) =>
    openSource({ url: `${server.url}/repo.git`, branch: "main", gitDirectory: join(root, "store"), ...more });
  return { root, repository, revision, server, open };
}

test("a redirect to another origin must carry no credentials", async (t) => {
  const { revision, server: target } = await setUp(t);
  const { server, open } = await setUp(t);
  server.intercept = (request, response) => {
    request.resume();
    response.writeHead(307, { location: `${target.url}${request.url}` }).end();
    return true;
  };
  const source = open({ token: async () => token });
  assert.equal((await source.readTip(never)).revision, revision);
  await source.fetch({ revision, ref: "refs/heads/main" }, never);
  assert.ok(server.requests.length >= 2 && target.requests.length >= 3);
  assert.deepEqual(new Set(target.requests.map(({ authorization }) => authorization)), new Set([undefined]));
  assert.ok(server.requests.every(({ authorization }) => authorization !== undefined));
  // The address is remembered: no detour at the next poll.
  server.requests.length = 0;
  await source.readTip(never);
  assert.equal(server.requests.length, 0);
});

test("a redirect to an origin that wants credentials must say what to do", async (t) => {
  const { server: target } = await setUp(t, { credentials: `x-access-token:${token}` });
  const { server, open } = await setUp(t);
  server.intercept = (request, response) => {
    request.resume();
    response.writeHead(301, { location: `${target.url}${request.url}` }).end();
    return true;
  };
  await assertFails(open({ token: async () => token }).readTip(never), {
    code: "source-refused",
    handling: "stalled",
    message: /redirects to http:\/\/127\.0\.0\.1:\d+\/repo\.git, which answered 401$/,
    hint: /give that address/,
  });
});

test("a redirect within the origin must keep the credentials", async (t) => {
  const { revision, server, open } = await setUp(t, { credentials: `x-access-token:${token}` });
  server.intercept = (request, response) => {
    if (!request.url?.startsWith("/old.git")) return false;
    request.resume();
    response.writeHead(301, { location: request.url.replace("/old.git", "/repo.git") }).end();
    return true;
  };
  const source = open({ url: `${server.url}/old.git`, token: async () => token });
  assert.equal((await source.readTip(never)).revision, revision);
});

test("a redirect to a login page, or in a circle, must not be followed", async (t) => {
  const { server, open } = await setUp(t);
  let location = "/login?next=repo.git";
  server.intercept = (request, response) => {
    request.resume();
    response.writeHead(302, { location }).end();
    return true;
  };
  const expected = { code: "source-refused", handling: "stalled" };
  await assertFails(open().readTip(never), { ...expected, message: /redirects to http:\/\/127.0.0.1:\d+\/login, which is not/ });
  location = "/repo.git/info/refs?service=git-upload-pack";
  await assertFails(open().readTip(never), { ...expected, message: /redirects more than 5 times/ });
});

function makeCertificate(directory: string, name: string) {
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const subject = ["-subj", "/CN=git", "-addext", `subjectAltName=${name}`];
  const files = ["-keyout", key, "-out", cert];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...files, ...subject], { stdio: "ignore" });
  return { caFile: cert, tls: { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") } };
}

test("a private authority must be trusted through caFile, which is read again after a failure", async (t) => {
  const { caFile, tls } = makeCertificate(temporaryDirectory(t), "IP:127.0.0.1");
  const { root, revision, open } = await setUp(t, { tls });
  const expected = { code: "source-unreachable", handling: "transient", hint: /repository\.caFile/ };
  await assertFails(open().readTip(never), { ...expected, message: /not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/ });
  const later = join(root, "ca.pem");
  const source = open({ caFile: later });
  await assertFails(source.readTip(never), { ...expected, code: "source-refused", handling: "stalled", message: /ENOENT/ });
  writeFileSync(later, makeCertificate(temporaryDirectory(t), "IP:127.0.0.1").tls.cert);
  await assertFails(source.readTip(never), { ...expected, message: /not trusted/ });
  writeFileSync(later, readFileSync(caFile));
  assert.equal((await source.readTip(never)).revision, revision);
});

test("a certificate for another name, and no TLS at all, must be told", async (t) => {
  const { caFile, tls } = makeCertificate(temporaryDirectory(t), "DNS:git.lan");
  const { open } = await setUp(t, { tls });
  const expected = { code: "source-unreachable", handling: "transient" };
  await assertFails(open({ caFile }).readTip(never), { ...expected, message: /is for another name/ });
  const { server } = await setUp(t);
  const source = open({ url: `${server.url.replace("http:", "https:")}/repo.git` });
  await assertFails(source.readTip(never), { ...expected, message: /TLS handshake failed/ });
});
