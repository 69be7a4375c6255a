import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createDirectory } from "../../agent/host/create-directory.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

async function refuses(path: string, message: RegExp): Promise<void> {
  await assert.rejects(createDirectory(path, 0o755), (error: unknown) => {
    assert.ok(isHoldfastError(error), String(error));
    assert.equal(error.code, "place-failed");
    assert.match(error.message, message);
    return true;
  });
}

describe("a missing directory must", () => {
  const root = createTemporaryDirectory("hf-create-");

  test("be made with its mode whatever the umask, and its parents with 755", async () => {
    const before = process.umask(0o077);
    try {
      assert.equal(await createDirectory(join(root, "a/b/c"), 0o2775), true);
    } finally {
      process.umask(before);
    }
    assert.deepEqual([modeOf(join(root, "a")), modeOf(join(root, "a/b")), modeOf(join(root, "a/b/c"))], ["755", "755", "2775"]);
  });

  test("be left exactly as it is when it is there", async () => {
    const path = join(root, "there");
    mkdirSync(path);
    chmodSync(path, 0o711);
    writeFileSync(join(path, "file"), "");
    assert.equal(await createDirectory(path, 0o755), false);
    assert.equal(await createDirectory(`${path}/`, 0o755), false);
    assert.equal(modeOf(path), "711");
    assert.deepEqual(readdirSync(path), ["file"]);
  });

  test("never be made through a symbolic link or a file", async () => {
    const outside = createTemporaryDirectory("hf-outside-");
    symlinkSync(outside, join(root, "link"));
    symlinkSync(join(outside, "not-there"), join(root, "dangling"));
    writeFileSync(join(root, "file"), "");
    await refuses(join(root, "link/inner"), /^the directory \S+\/link cannot be made: it is a file or a symbolic link/);
    await refuses(join(root, "link"), /\/link cannot be made/);
    await refuses(join(root, "dangling"), /\/dangling cannot be made/);
    await refuses(join(root, "file/inner"), /\/file cannot be made: it is a file/);
    assert.deepEqual(readdirSync(outside), []);
  });

  test("be named by an absolute path without detours", async () => {
    for (const path of ["relative", `${root}/x/../y`, `${root}//x`, `${root}/x\0y`, "/"])
      await refuses(path, /expected an absolute path/);
    await refuses(`${root}/../x`, /expected an absolute path/);
    assert.equal(existsSync(join(root, "x")), false);
  });

  test("be made once by several at once", async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => createDirectory(join(root, "once/deep"), 0o750)));
    assert.equal(made.filter(Boolean).length, 1);
    assert.deepEqual([modeOf(join(root, "once")), modeOf(join(root, "once/deep"))], ["755", "750"]);
  });
});
