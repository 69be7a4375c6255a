import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, beforeEach, describe, it } from "node:test";
import { isHoldfastError } from "../../agent/model/error.ts";
import type { Store } from "../../agent/ports.ts";
import { openStore } from "../../agent/state/open-store.ts";
import { runCommand } from "../engine/run-command.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

function failsWithState(use: () => unknown): void {
  assert.throws(use, (error) => {
    assert.ok(isHoldfastError(error), String(error));
    assert.deepEqual([error.code, error.handling], ["state-failed", "transient"]);
    assert.match(error.message, /^\S+holdfast\.db: \S[^\n]*$/);
    assert.match(error.hint ?? "", /disk full/);
    return true;
  });
}

describe("the store", () => {
  let directory: string;
  let path: string;
  const open: Store[] = [];
  beforeEach(() => {
    directory = createTemporaryDirectory("hf-store-");
    path = join(directory, "state", "holdfast.db");
  });
  after(() => {
    for (const store of open) store.close();
  });

  function use(file = path): Store {
    const store = openStore(file);
    open.push(store);
    return store;
  }

  function reopen(store: Store): Store {
    open.splice(open.indexOf(store), 1);
    store.close();
    return use();
  }

  it("must keep every JSON value through a reopening, and tell what is not there", () => {
    const values = { text: "ü ' \" \n", number: -1.5, yes: true, none: null, list: [1, [2]], tree: { a: { b: [] } }, empty: "" };
    let store = use();
    for (const [key, value] of Object.entries(values)) store.write(`applied/${key}`, value);
    store.write("applied/number", 2);
    store.remove("applied/yes");
    store.remove("applied/never");
    store = reopen(store);
    const { yes: _yes, ...rest } = { ...values, number: 2 };
    for (const [key, value] of Object.entries(rest)) assert.deepEqual(store.read(`applied/${key}`), value, key);
    assert.equal(store.read("applied/yes"), undefined);
  });

  it("must list by prefix, in order, and nothing beside it", () => {
    const store = use();
    for (const key of ["heal/b", "heal/a", "heal/a_b", "heal/é", "heal/\u{1f600}", "heal", "heap/x", "Heal/x", "heal%", "heal0"])
      store.write(key, key);
    assert.deepEqual([...store.list("heal/").keys()], ["heal/a", "heal/a_b", "heal/b", "heal/é", "heal/\u{1f600}"]);
    assert.equal(store.list("heal/").get("heal/a"), "heal/a");
    assert.deepEqual([...store.list("none/")], []);
  });

  it("must be readable by its owner only, whatever the umask", () => {
    const before = process.umask(0);
    try {
      const store = use();
      store.write("a", 1);
      assert.deepEqual(readdirSync(join(directory, "state")).sort(), ["holdfast.db", "holdfast.db-shm", "holdfast.db-wal"]);
      for (const file of readdirSync(join(directory, "state"))) assert.equal(modeOf(join(directory, "state", file)), "600", file);
      assert.equal(modeOf(join(directory, "state")), "700");
    } finally {
      process.umask(before);
    }
  });

  it("must take away what an older version let others read", () => {
    let store = use();
    store.write("a", 1);
    chmodSync(path, 0o644);
    store = reopen(store);
    assert.equal(modeOf(path), "600");
    assert.equal(store.read("a"), 1);
  });

  for (const [name, content] of [
    ["text", "not a database, but long enough to hold a header ".repeat(100)],
    ["zeros", Buffer.alloc(8192)],
  ] as const) {
    it(`a file of ${name} must be moved aside and started afresh`, () => {
      mkdirSync(join(directory, "state"));
      writeFileSync(path, content);
      writeFileSync(`${path}-wal`, "what is left of another database");
      let store = use();
      assert.equal(store.read("a"), undefined);
      store.write("a", 1);
      store = reopen(store);
      assert.equal(store.read("a"), 1);
      if (name === "text") assert.equal(readFileSync(`${path}.broken`, "utf8"), content);
    });
  }

  it("a database whose pages were damaged must be moved aside at the next start", () => {
    let store = use();
    for (let index = 0; index < 500; index += 1) store.write(`key/${index}`, "x".repeat(100));
    store.close();
    open.splice(open.indexOf(store), 1);
    const content = readFileSync(path);
    writeFileSync(path, content.fill(0xff, 100, 4096 * 3));
    store = use();
    assert.equal(store.list("key/").size, 0);
    store.write("a", 1);
    assert.ok(existsSync(`${path}.broken`));
  });

  it("damage that is found while the agent runs must be moved aside then, and what is written is kept", () => {
    let store = use();
    for (let index = 0; index < 500; index += 1) store.write(`key/${index}`, "x".repeat(1000));
    store = reopen(store);
    const content = readFileSync(path);
    writeFileSync(path, content.fill(0xff, 4096, 4096 * 60));
    store.write("a", 1);
    assert.equal(store.list("key/").size, 0);
    assert.ok(existsSync(`${path}.broken`));
    store = reopen(store);
    store.write("b", 2);
    assert.equal(store.read("b"), 2);
  });

  it("a database with other tables must be moved aside", () => {
    mkdirSync(join(directory, "state"));
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE entries (something INTEGER)");
    other.close();
    const store = use();
    store.write("a", 1);
    assert.equal(store.read("a"), 1);
  });

  it("must work in memory, and make no file", () => {
    const store = use(":memory:");
    store.write("a", 1);
    assert.deepEqual([store.read("a"), existsSync(":memory:")], [1, false]);
  });

  it("a database that another process holds must be waited for and never be moved aside", () => {
    let store = use();
    store.write("a", 1);
    store.close();
    open.splice(open.indexOf(store), 1);
    const other = new DatabaseSync(path);
    other.exec(
      "PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE entries SET value = value",
    );
    failsWithState(() => openStore(path, { busyTimeoutMs: 50 }));
    other.exec("COMMIT");
    other.close();
    assert.equal(existsSync(`${path}.broken`), false);
    store = use();
    assert.equal(store.read("a"), 1);
  });

  it("two processes at once must both be able to write, and lose nothing", async () => {
    const program = `
      import { openStore } from ${JSON.stringify(join(import.meta.dirname, "../../agent/state/open-store.ts"))};
      const store = openStore(${JSON.stringify(path)});
      for (let index = 0; index < 200; index += 1) store.write(process.argv[1] + "/" + index, index);
      store.close();`;
    const run = (name: string): Promise<number | null> =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", program, name], { stdio: "inherit" });
        child.once("error", reject);
        child.once("close", resolve);
      });
    assert.deepEqual(await Promise.all([run("one"), run("two")]), [0, 0]);
    const store = use();
    assert.deepEqual([store.list("one/").size, store.list("two/").size], [200, 200]);
    assert.equal(existsSync(`${path}.broken`), false);
  });

  it("a directory that cannot be made must be told as a failure of the state", () => {
    writeFileSync(join(directory, "state"), "a file");
    failsWithState(() => openStore(path));
  });

  it("a full disk must fail what is written, keep what is there, and be recovered from", async () => {
    const mount = join(directory, "small");
    mkdirSync(mount);
    await runCommand(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount]);
    try {
      const store = openStore(join(mount, "holdfast.db"));
      store.write("kept", "value");
      writeFileSync(join(mount, "ballast"), Buffer.alloc(100 * 1024));
      failsWithState(() => {
        for (let index = 0; index < 100; index += 1) store.write(`filler/${index}`, "x".repeat(8192));
      });
      assert.equal(store.read("kept"), "value");
      await runCommand(["rm", join(mount, "ballast")]);
      store.write("after", 1);
      assert.equal(store.read("after"), 1);
      store.close();
      writeFileSync(join(mount, "holdfast.db"), "");
      await runCommand(["sh", "-c", `head -c 1M /dev/zero > ${join(mount, "ballast")} || true`]);
      failsWithState(() => openStore(join(mount, "holdfast.db")));
      assert.equal(existsSync(join(mount, "holdfast.db.broken")), false, "a disk that is full is no damage");
    } finally {
      await runCommand(["umount", mount]);
    }
  });
});
