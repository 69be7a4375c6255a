import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openSource } from "../../agent/git/open-source.ts";
import { commit, createRepository, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;
const mebibyte = 1024 * 1024;
const openSourcePath = fileURLToPath(new URL("../../agent/git/open-source.ts", import.meta.url));

test("a repository larger than the cap must be refused, and be followed again when it is small", async (t) => {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const server = await startGitHttpServer(t, { root });
  commit(repository, { files: { video: randomBytes(12 * mebibyte) } });
  const options = { url: `${server.url}/repo.git`, branch: "main", gitDirectory: join(root, "store") };
  const source = openSource({ ...options, limits: { packBytes: 8 * mebibyte } });
  const tip = await source.readTip(never);
  await assert.rejects(source.fetch(tip, never), {
    code: "source-too-large",
    handling: "stalled",
    message: `${server.url}/repo.git sent more than 8 MiB for a fetch`,
    hint: /move large files out/,
  });
  const revision = commit(repository, { files: { a: "1" }, orphan: true });
  await source.fetch(await source.readTip(never), never);
  assert.equal((await source.readTree(revision, ""))?.files.length, 1);
});

/** Streams a pack of `total` random bytes in side-band lines, as fast as it is read; tells how much was taken. */
function streamPack(response: ServerResponse, total: number, sent: (bytes: number) => void): void {
  response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
  const content = randomBytes(65_515);
  const line = Buffer.concat([Buffer.from("fff0\u0001", "latin1"), content]);
  let done = 0;
  const more = (): void => {
    while (done < total) {
      done += line.length;
      sent(done);
      if (!response.write(line)) return void response.once("drain", more);
    }
    response.end();
  };
  response.write("0008NAK\n");
  more();
}

// In a process of its own, which tells its highest resident memory in KB: before anything was received, and at the end.
const program = `
  const { openSource } = await import(process.argv[1]);
  const source = openSource({ url: process.argv[2], branch: "main", gitDirectory: process.argv[3] });
  const signal = new AbortController().signal;
  await import("isomorphic-git");
  const before = process.resourceUsage().maxRSS;
  const error = await source.fetch({ revision: "1".repeat(40), ref: "refs/heads/main" }, signal).catch((error) => error);
  console.log(JSON.stringify({ code: error.code, before, after: process.resourceUsage().maxRSS }));
`;

test("a pack of 300 MB must be refused at the default cap with less memory than twice the cap", async (t) => {
  const root = temporaryDirectory(t);
  const server = await startGitHttpServer(t, { root });
  let sent = 0;
  server.intercept = (request, response) => {
    request.resume();
    streamPack(response, 300 * mebibyte, (bytes) => {
      sent = bytes;
    });
    return true;
  };
  const argv = ["--input-type=module", "-e", program, openSourcePath, `${server.url}/repo.git`, join(root, "store")];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  const { code, before, after } = JSON.parse(stdout);
  t.diagnostic(`${Math.round((after - before) / 1024)} MiB more at the end, ${Math.round(sent / mebibyte)} MiB sent`);
  assert.equal(code, "source-too-large");
  assert.ok(after - before < 128 * 1024, `${after - before} KB`);
  assert.ok(sent < 80 * mebibyte, `${sent} bytes were sent`);
  assert.equal(server.requests.length, 1);
});
