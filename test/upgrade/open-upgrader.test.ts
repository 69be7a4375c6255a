import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { UpgradeTarget } from "../../agent/model/upgrade.ts";
import { fetchExecutable } from "../../agent/upgrade/fetch-executable.ts";
import { openUpgrader } from "../../agent/upgrade/open-upgrader.ts";
import { createCertificate } from "../servers/certificate.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

const sum = (content: string): string => createHash("sha256").update(content).digest("hex");
const PROGRAM = "#!/bin/sh\necho '0.2.0 (commit 0123, linux-x64)'\n";
const signal = new AbortController().signal;

describe("a version that is fetched", () => {
  let work: string;
  let directory: string;
  let answer: RequestListener;
  let asked: string[];
  let server: Server;
  let url: string;
  beforeEach(async () => {
    work = createTemporaryDirectory("hf-upgrade-");
    directory = join(work, "upgrade");
    writeFileSync(join(work, "program"), "what runs");
    asked = [];
    answer = (_request, response) => response.end(gzipSync(PROGRAM));
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      assert.equal(request.headers.authorization, undefined);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    removeTemporaryDirectory(work);
  });

  const open = (caFile?: string) =>
    openUpgrader({
      ...{ version: "0.1.0", platform: "linux-x64", program: join(work, "program"), directory, environment: {} },
      ...(caFile === undefined ? {} : { caFile }),
    });
  const target = (more: Partial<UpgradeTarget> = {}): UpgradeTarget => ({
    ...{ version: "0.2.0", url: `${url}/v0.2.0/`, sha256: sum(PROGRAM), key: "k" },
    ...more,
  });
  /** What is left for the next start. */
  const left = (name: string): string => readFileSync(join(directory, name), "utf8");

  test("must lie ready with its checksum, and nobody else may read or change it", async () => {
    const upgrader = open();
    await upgrader.stage(target(), signal);
    assert.deepEqual(asked, ["/v0.2.0/holdfast-linux-x64.gz"]);
    assert.equal(left("candidate"), PROGRAM);
    assert.deepEqual(left("staged").split("\n"), [sum(PROGRAM), "k", "0.2.0", "0.1.0", ""]);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.deepEqual(await upgrader.recall(), {
      state: "staged",
      version: "0.2.0",
      from: "0.1.0",
      sha256: sum(PROGRAM),
      key: "k",
    });
    await upgrader.settle();
    assert.equal(await upgrader.recall(), undefined);
    assert.equal(await upgrader.identify(), sum("what runs"));
  });

  test("must be told of with the reason when upgrade.sh has taken it back", async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, "failed"), `${"a".repeat(64)}\nk\n0.2.0\n0.1.0\nit ended\n`);
    const trial = await open().recall();
    assert.deepEqual(trial, {
      state: "failed",
      version: "0.2.0",
      from: "0.1.0",
      sha256: "a".repeat(64),
      key: "k",
      reason: "it ended",
    });
  });

  test("must be the one that was meant, and run here", async () => {
    const cases: [string, Partial<UpgradeTarget>, string, RegExp][] = [
      ["another checksum", { sha256: "0".repeat(64) }, PROGRAM, /its SHA-256 is [0-9a-f]{64}, and agent\.sha256 says 0{64}$/],
      ["another version", { version: "0.3.0" }, PROGRAM, /is version 0\.2\.0, and agent\.version says 0\.3\.0$/],
      ["no program", { sha256: sum("x") }, "x", /the executable does not run here/],
      ["a program that fails", { sha256: sum("#!/bin/sh\nexit 3\n") }, "#!/bin/sh\nexit 3\n", /does not run here: exit code 3$/],
    ];
    for (const [what, more, content, message] of cases) {
      answer = (_request, response) => response.end(gzipSync(content));
      await assert.rejects(open().stage(target(more), signal), { code: "upgrade-failed", handling: "stalled", message }, what);
      assert.equal(existsSync(directory), false, what);
    }
  });

  test("must be tried again when the server or the way to it is at fault", async () => {
    const cases: [string, RequestListener, RegExp][] = [
      ["not there yet", (_request, response) => response.writeHead(404).end(), /the server answered 404$/],
      ["not compressed", (_request, response) => response.end(PROGRAM), /is damaged, or not compressed with gzip$/],
      ["cut off", (_request, response) => response.end(gzipSync(PROGRAM).subarray(0, 20)), /is damaged, or not compressed/],
      ["closed", (request) => request.destroy(), /the connection was closed$/],
    ];
    for (const [what, listener, message] of cases) {
      answer = listener;
      await assert.rejects(open().stage(target(), signal), { code: "upgrade-failed", handling: "transient", message }, what);
      assert.equal(existsSync(directory), false, what);
    }
  });

  test("must come through redirects, but not for ever, and not from TLS to none", async () => {
    answer = (request, response) => {
      if (request.url === "/real") response.end(gzipSync(PROGRAM));
      else response.writeHead(302, { location: "/real" }).end();
    };
    await open().stage(target(), signal);
    assert.equal(left("candidate"), PROGRAM);
    answer = (_request, response) => response.writeHead(302, { location: "/again" }).end();
    await assert.rejects(open().stage(target(), signal), { handling: "stalled", message: /more than 5 times$/ });
    answer = (_request, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end();
    await assert.rejects(open().stage(target(), signal), { handling: "stalled", message: /which is not as safe$/ });
  });

  test("must not repeat what signs an address, which alerts would carry on", async () => {
    answer = (request, response) => {
      const isSigned = request.url?.startsWith("/signed") === true;
      response.writeHead(isSigned ? 403 : 302, isSigned ? {} : { location: "/signed?Signature=very-secret" }).end();
    };
    const start = url.replace("//", "//me:secret@");
    for (const address of [url, start, `${start}/signed`])
      await assert.rejects(open().stage(target({ url: address }), signal), ({ message }: Error) => {
        assert.match(message, /\/signed.* answered 403$/);
        return !message.includes("secret");
      });
    answer = (_request, response) => response.end("no gzip");
    await assert.rejects(open().stage(target({ url: start }), signal), ({ message }: Error) => !message.includes("secret"));
  });

  test("must come over TLS from a server that the repository's authority vouches for", async () => {
    const { key, cert, certFile } = await createCertificate();
    const tls = createTlsServer({ key, cert }, (request, response) => {
      if (request.url?.startsWith("/away")) response.writeHead(302, { location: `${url}/plain` }).end();
      else response.end(gzipSync(PROGRAM));
    });
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    const address = `https://127.0.0.1:${(tls.address() as AddressInfo).port}`;
    try {
      await open(certFile).stage(target({ url: address }), signal);
      assert.equal(left("candidate"), PROGRAM);
      await assert.rejects(open().stage(target({ url: address }), signal), {
        handling: "transient",
        message: /authority that is not trusted/,
      });
      await assert.rejects(open(certFile).stage(target({ url: `${address}/away` }), signal), {
        message: /which is not as safe$/,
      });
      assert.deepEqual(asked, []);
    } finally {
      tls.closeAllConnections();
      tls.close();
    }
  });

  test("must not fill the disk", async () => {
    answer = (_request, response) => response.end(gzipSync(Buffer.alloc(100_000)));
    const file = join(work, "candidate");
    const request = { url, sha256: "", file, environment: {}, limitBytes: 50_000 };
    await assert.rejects(fetchExecutable(request, signal), { handling: "stalled", message: /: it is larger than 50000 bytes$/ });
    assert.ok(statSync(file).size <= 50_000);
  });

  test("must not be waited for for ever, and be given up when the agent stops", async () => {
    answer = () => undefined;
    const request = { url, sha256: "", file: join(work, "candidate"), environment: {}, timeoutMs: 50 };
    await assert.rejects(fetchExecutable(request, signal), { handling: "transient", message: /took longer than 0\.05 s$/ });
    const stop = new AbortController();
    const staging = open().stage(target(), stop.signal);
    stop.abort(new Error("stopped"));
    await assert.rejects(staging, /stopped/);
    assert.equal(existsSync(directory), false);
  });
});
