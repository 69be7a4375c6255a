import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, it } from "node:test";
import type { HistoryEntry } from "../../agent/model/history.ts";
import { openHistory } from "../../agent/state/open-history.ts";
import { openStore } from "../../agent/state/open-store.ts";
import { runCommand } from "../engine/run-command.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const DAY_MS = 86_400_000;
const entry = (atMs: number, over: Partial<HistoryEntry> = {}): HistoryEntry => ({
  ...{ atMs, event: "healed", stack: "web", text: `at ${atMs}` },
  ...over,
});

describe("the history's table", () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = createTemporaryDirectory("hf-history-");
    path = join(directory, "state", "holdfast.db");
  });

  function rowCount(): unknown {
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare("SELECT count(*) AS number FROM history").get();
    database.close();
    return row?.["number"];
  }

  it("must give back what was kept, the newest last, as many as are asked for, and of one stack", () => {
    const history = openHistory(path);
    const full: HistoryEntry = {
      ...entry(3, { stack: "db", revision: "01", text: "ü ' \" | \n" }),
      steps: [{ text: "create db", causes: ["a", "b"] }],
      drift: [{ kind: "stopped", expected: "running", actual: "exited", cause: "c" }],
      findings: ["a.yaml:1:1: wrong (r)"],
    };
    const { stack: _none, ...ofHost } = entry(2);
    for (const one of [entry(1), ofHost, full]) history.append(one);
    assert.deepEqual(openHistory(path).list({ limit: 10 }), [entry(1), ofHost, full]);
    assert.deepEqual(history.list({ limit: 2 }), [ofHost, full]);
    assert.deepEqual(history.list({ stack: "web", limit: 10 }), [entry(1)]);
    assert.deepEqual(history.list({ stack: "gone", limit: 10 }), []);
    assert.deepEqual(history.stacks(), ["db", "web"]);
  });

  it("must be empty where nothing has been kept, and make no file", () => {
    const history = openHistory(path);
    assert.deepEqual([history.list({ limit: 1 }), history.stacks(), existsSync(join(directory, "state"))], [[], [], false]);
    openStore(path).close();
    assert.deepEqual([history.list({ limit: 1 }), history.stacks()], [[], []]);
  });

  it("must be readable by its owner only, and leave no open file behind", () => {
    openHistory(path).append(entry(1));
    assert.equal((statSync(path).mode & 0o777).toString(8), "600");
    openHistory(path).list({ limit: 1 });
    assert.deepEqual(readdirSync(join(directory, "state")), ["holdfast.db"]);
  });

  it("must hold as many entries as it may, and none that is too old", () => {
    const history = openHistory(path, { entries: 5, ageMs: 10 * DAY_MS });
    for (let day = 0; day < 8; day += 1) history.append(entry(day * DAY_MS));
    assert.deepEqual(
      history.list({ limit: 100 }).map(({ atMs }) => atMs / DAY_MS),
      [3, 4, 5, 6, 7],
    );
    history.append(entry(15.5 * DAY_MS));
    assert.deepEqual(
      history.list({ limit: 100 }).map(({ atMs }) => atMs / DAY_MS),
      [6, 7, 15.5],
    );
    history.append(entry(99 * DAY_MS));
    assert.equal(rowCount(), 1);
  });

  it("must take entries of a clock that goes back", () => {
    const history = openHistory(path, { ageMs: DAY_MS });
    for (const atMs of [5 * DAY_MS, 1, 2]) history.append(entry(atMs));
    assert.equal(history.list({ limit: 9 }).length, 3);
  });

  it("must share its file with a store that is open, and be lost with it alone", () => {
    const store = openStore(path);
    const history = openHistory(path);
    store.write("a", 1);
    history.append(entry(1));
    store.write("b", 2);
    history.append(entry(2));
    assert.deepEqual([history.list({ limit: 9 }).length, store.list("").size], [2, 2]);
    store.close();
    const again = openStore(path);
    assert.deepEqual([again.read("a"), again.read("b"), history.list({ limit: 9 }).length], [1, 2, 2]);
    again.close();
    writeFileSync(path, "no database ".repeat(1000));
    const fresh = openStore(path);
    assert.deepEqual(history.list({ limit: 9 }), []);
    history.append(entry(3));
    assert.deepEqual([history.list({ limit: 9 }).length, fresh.read("a")], [1, undefined]);
    fresh.close();
  });

  it("another version's table must make place, and cost the store nothing", () => {
    const store = openStore(path);
    store.write("a", 1);
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE history (what TEXT)");
    other.close();
    const history = openHistory(path);
    history.append(entry(1));
    assert.deepEqual([history.list({ limit: 9 }), store.list("").size], [[entry(1)], 1]);
    assert.equal(existsSync(`${path}.broken`), false);
    store.close();
  });

  it("pages that are damaged must cost what happened before, and the store nothing", () => {
    const store = openStore(path);
    store.write("a", 1);
    const history = openHistory(path);
    for (let index = 0; index < 300; index += 1) history.append(entry(index, { text: "x".repeat(500) }));
    store.close();
    const content = readFileSync(path);
    // The root of the store's table is the second page; what the history holds comes after it.
    writeFileSync(path, content.fill(0xff, 4096 * 2 + 100));
    const again = openStore(path);
    assert.equal(again.read("a"), 1);
    try {
      history.append(entry(1000));
    } catch {
      // Not every damage can be mended; it must not spread.
    }
    assert.deepEqual([again.read("a"), existsSync(`${path}.broken`)], [1, false]);
    again.write("b", 2);
    again.close();
  });

  it("a database that somebody else holds must be told as a failure, soon", () => {
    openHistory(path).append(entry(1));
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    assert.throws(() => openHistory(path).append(entry(2)), { code: "state-failed" });
    other.exec("COMMIT");
    other.close();
    openHistory(path).append(entry(3));
    assert.equal(openHistory(path).list({ limit: 9 }).length, 2);
  });

  it("a full disk must fail what is written, and be recovered from", async () => {
    const mount = join(directory, "small");
    mkdirSync(mount);
    await runCommand(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount]);
    try {
      const history = openHistory(join(mount, "holdfast.db"));
      history.append(entry(1));
      await runCommand(["sh", "-c", `head -c 1M /dev/zero > ${join(mount, "ballast")} || true`]);
      assert.throws(() => history.append(entry(2, { text: "x".repeat(20_000) })), { code: "state-failed" });
      await runCommand(["rm", join(mount, "ballast")]);
      history.append(entry(3));
      assert.deepEqual(
        history.list({ limit: 9 }).map(({ atMs }) => atMs),
        [1, 3],
      );
    } finally {
      await runCommand(["umount", mount]);
    }
  });
});
