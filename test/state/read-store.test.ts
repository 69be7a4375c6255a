import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { openStore } from "../../agent/state/open-store.ts";
import { readStore } from "../../agent/state/read-store.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

describe("the store of those who only look", () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = join(createTemporaryDirectory("hf-read-"), "state");
    path = join(directory, "holdfast.db");
  });

  it("must show what the agent holds while it runs, and when it has ended, and leave no file behind", () => {
    const store = openStore(path);
    store.write("applied/web", { inputs: "a" });
    store.write("applied/db", 1);
    store.write("heal/db", 2);
    for (const state of ["runs", "has ended"]) {
      const seen = readStore(path);
      assert.deepEqual(seen.read("applied/web"), { inputs: "a" }, state);
      assert.deepEqual([...seen.list("applied/").keys()], ["applied/db", "applied/web"]);
      assert.equal(seen.read("none"), undefined);
      seen.close();
      if (state === "runs") store.close();
    }
    assert.deepEqual(readdirSync(directory), ["holdfast.db"]);
  });

  it("must show what an agent that was killed had written", () => {
    const program = `
      import { openStore } from ${JSON.stringify(join(import.meta.dirname, "../../agent/state/open-store.ts"))};
      openStore(${JSON.stringify(path)}).write("a", 1);
      process.kill(process.pid, "SIGKILL");`;
    spawnSync(process.execPath, ["--input-type=module", "-e", program]);
    assert.ok(existsSync(`${path}-wal`));
    assert.equal(readStore(path).read("a"), 1);
    const store = openStore(path);
    assert.equal(store.read("a"), 1, "and take nothing away from the next one");
    store.close();
  });

  it("must be empty without a store, and make none", () => {
    assert.deepEqual([[...readStore(path).list("")], existsSync(directory)], [[], false]);
  });

  it("must be empty where the agent would start afresh, and leave that to it", () => {
    mkdirSync(directory);
    writeFileSync(path, "no database ".repeat(1000));
    assert.deepEqual([[...readStore(path).list("")], readdirSync(directory)], [[], ["holdfast.db"]]);
  });

  it("must not need to write to the directory", () => {
    openStore(path).close();
    chmodSync(path, 0o400);
    assert.deepEqual([...readStore(path).list("")], []);
  });

  it("must refuse to be written", () => {
    for (const change of [() => readStore(path).write("a", 1), () => readStore(path).remove("a")])
      assert.throws(change, { code: "bug" });
  });
});
