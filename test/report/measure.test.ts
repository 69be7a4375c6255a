import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openDiskGauge } from "../../agent/report/measure-disks.ts";
import { measureProcess } from "../../agent/report/measure-process.ts";
import { openExpiryReader } from "../../agent/report/read-expiry.ts";
import { runCommand } from "../engine/run-command.ts";
import { createCertificate } from "../servers/certificate.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

describe("what is measured for metrics", () => {
  it("must be of this process, as the kernel has it", async () => {
    const {
      cpuSeconds,
      residentBytes,
      virtualBytes = 0,
      openFds = 0,
      maxFds = 0,
      startTimeSeconds,
    } = await measureProcess(Date.now());
    assert.ok(cpuSeconds > 0 && residentBytes > 10_000_000 && virtualBytes > residentBytes);
    assert.ok(openFds > 2 && maxFds >= openFds);
    assert.ok(startTimeSeconds < Date.now() / 1000 && startTimeSeconds > Date.now() / 1000 - 3_600);
  });

  it("must be of the disks that are there, each once, as df says", async () => {
    const directory = createTemporaryDirectory("hf-disks-");
    const disks = await openDiskGauge().measure([directory, directory, join(directory, "none")]);
    assert.deepEqual(
      disks.map(({ path }) => path),
      [directory],
    );
    const { stdout } = await runCommand(["df", "--block-size=1", "--output=size", directory]);
    assert.equal(disks[0]?.sizeBytes, Number(stdout.trim().split("\n")[1]));
  });

  it("a disk that hangs must be left out, and nothing more be begun until it answers", async () => {
    const hanging = Promise.withResolvers<never>();
    const asked: string[] = [];
    const gauge = openDiskGauge(((path: string) => {
      asked.push(path);
      return path === "/dead" ? hanging.promise : Promise.resolve({ bavail: 1, blocks: 2, bsize: 4 });
    }) as never);
    assert.deepEqual(
      (await gauge.measure(["/a", "/dead", "/b"])).map(({ path }) => path),
      ["/a"],
    );
    assert.deepEqual(await gauge.measure(["/a"]), []);
    hanging.reject(new Error("gone"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await gauge.measure(["/a"]), [{ path: "/a", freeBytes: 4, sizeBytes: 8 }]);
    assert.deepEqual(asked, ["/a", "/dead", "/a"]);
  });

  it("must be when the first certificate of a file expires, also after it was renewed", async () => {
    const { cert, certFile } = await createCertificate();
    const { stdout } = await runCommand(["openssl", "x509", "-noout", "-enddate", "-in", certFile]);
    const expected = Date.parse(stdout.replace("notAfter=", ""));
    const reader = openExpiryReader();
    const [none, text] = [join(certFile, "../none.pem"), join(certFile, "../text.pem")];
    writeFileSync(text, "no certificate\n");
    assert.deepEqual(await reader.read([certFile, certFile, none, text]), [{ file: certFile, notAfterMs: expected }]);
    writeFileSync(none, `${cert}${cert}`);
    assert.equal((await reader.read([none]))[0]?.notAfterMs, expected);
    writeFileSync(none, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert.deepEqual(await reader.read([none]), []);
    rmSync(none);
    assert.deepEqual(await reader.read([none]), []);
  });
});
