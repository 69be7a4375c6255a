import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dropSymbols } from "../../install/release/drop-symbols.ts";
import { runCommand } from "../engine/run-command.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

test("an executable without symbols must be smaller and run as before", async () => {
  const directory = createTemporaryDirectory("hf-symbols-");
  try {
    const whole = readFileSync(process.execPath);
    const without = dropSymbols(whole);
    assert.ok(whole.length - without.length > 10_000_000, `${whole.length - without.length} bytes`);
    const file = join(directory, "node");
    writeFileSync(file, without);
    chmodSync(file, 0o755);
    const { stdout } = await runCommand([
      file,
      "-p",
      "require('node:sqlite').DatabaseSync.name + require('node:crypto').getFips()",
    ]);
    assert.equal(stdout, "DatabaseSync0\n");
    assert.deepEqual(dropSymbols(without), without);
  } finally {
    removeTemporaryDirectory(directory);
  }
});

test("what is no 64-bit ELF executable must be refused", () => {
  for (const content of [Buffer.from("#!/bin/sh\n"), Buffer.from("7f454c460101010000000000", "hex")]) {
    assert.throws(() => dropSymbols(content), /not a 64-bit ELF executable/);
  }
});
