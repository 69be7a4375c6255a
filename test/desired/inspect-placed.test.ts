import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { inspectPlaced, type SeenFiles } from "../../agent/desired/inspect-placed.ts";
import { openPlacer } from "../../agent/desired/place-files.ts";
import { openTrusted } from "../../agent/lib/open-below.ts";
import type { DesiredFile } from "../../agent/model/desired.ts";
import type { Placer } from "../../agent/ports.ts";
import { waitUntil } from "../engine/wait-until.ts";

let base: string;
let placer: Placer;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "inspect-"));
  placer = openPlacer({ stateDir: join(base, "state") });
});
afterEach(async () => await rm(base, { recursive: true, force: true }));

const oidOf = (text: string): string =>
  createHash("sha1")
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest("hex");
const inStack = (path: string): string => join(base, "state/stacks/web", path);
const TEXTS: Readonly<Record<string, string>> = { "a.conf": "one\n", "conf/b": "two\n", "conf/c": "", "conf/deep/d": "ü\n" };
const FILES: readonly DesiredFile[] = Object.entries(TEXTS).map(([path, text]) => ({
  ...{ path, oid: oidOf(text), executable: path === "conf/b" },
}));

async function place(): Promise<void> {
  const contents = FILES.map(({ path, executable }) => ({ path, executable, content: Buffer.from(TEXTS[path] ?? "") }));
  await placer.place("web", contents, []);
}
const look = async () => (await placer.inspect("web", FILES)).map(({ path, state, found }) => `${path} ${state}: ${found}`);

test("what stands as it was placed is not told, and the hash is Git's", async () => {
  await place();
  assert.deepEqual(await look(), []);
  assert.equal(FILES[0]?.oid, execFileSync("git", ["hash-object", inStack("a.conf")], { encoding: "utf8" }).trim());
});

const EDITS: readonly (readonly [string, () => Promise<unknown>, readonly string[]])[] = [
  ["another content", () => writeFile(inStack("a.conf"), "ONE\nmore"), ["a.conf edited: 8 bytes of other content"]],
  [
    "another content of the same length",
    () => writeFile(inStack("a.conf"), "ONE\n"),
    ["a.conf edited: 4 bytes of other content"],
  ],
  ["an empty file", () => writeFile(inStack("a.conf"), ""), ["a.conf edited: 0 bytes of other content"]],
  ["a file that is gone", () => rm(inStack("conf/b")), ["conf/b missing: nothing"]],
  ["a mode", () => chmod(inStack("conf/b"), 0o644), ["conf/b mode: mode 644"]],
  [
    "another mode and content",
    async () => [await writeFile(inStack("a.conf"), "x"), await chmod(inStack("a.conf"), 0o600)],
    ["a.conf edited: 1 bytes of other content"],
  ],
  ["a set-user-id bit", () => chmod(inStack("conf/b"), 0o4755), ["conf/b mode: mode 4755"]],
  ["a directory", () => swap("conf/b", (path) => mkdir(path)), ["conf/b directory: a directory"]],
  ["a link to the same content", () => swap("conf/b", (path) => symlink("../a.conf", path)), ["conf/b symlink: a symbolic link"]],
  ["a link to nothing", () => swap("conf/b", (path) => symlink("/nowhere", path)), ["conf/b symlink: a symbolic link"]],
  ["a pipe", () => swap("conf/b", async (path) => execFileSync("mkfifo", [path])), ["conf/b other: a device, socket or pipe"]],
  ["a directory that is gone", () => rm(inStack("conf/deep"), { recursive: true }), ["conf/deep/d missing: nothing"]],
  [
    "a directory that is a link now",
    async () => [await rename(inStack("conf"), join(base, "conf")), await symlink(join(base, "conf"), inStack("conf"))],
    ["b", "c", "deep/d"].map((path) => `conf/${path} blocked: conf was replaced by a symbolic link`),
  ],
  [
    "a directory that is a file now",
    () => swap("conf/deep", (path) => writeFile(path, "")),
    ["conf/deep/d blocked: conf/deep was replaced by a file"],
  ],
  ["the stack's directory", () => rm(inStack("."), { recursive: true }), FILES.map(({ path }) => `${path} missing: nothing`)],
];
for (const [what, edit, expected] of EDITS) {
  test(`${what} is told, and no longer once it is put right`, async () => {
    await place();
    assert.deepEqual(await look(), []);
    await edit();
    assert.deepEqual(await look(), expected);
    assert.deepEqual(await look(), expected, "the same is told again");
  });
}

async function swap(path: string, by: (path: string) => Promise<unknown>): Promise<void> {
  await rm(inStack(path), { recursive: true });
  await by(inStack(path));
}

test("a link in place of the stack's directory is told and not followed", async () => {
  await place();
  await rename(inStack("."), join(base, "elsewhere"));
  await symlink(join(base, "elsewhere"), inStack("."));
  assert.deepEqual(
    [...new Set((await placer.inspect("web", FILES)).map(({ state, found }) => `${state}: ${found}`))],
    ["blocked: the stack's directory was replaced"],
  );
});

test("a stack that was never placed has nothing, also without a state directory", async () => {
  assert.deepEqual((await look()).length, FILES.length);
  await mkdir(join(base, "state"));
  assert.deepEqual((await look()).length, FILES.length);
});

test("a content whose time and size were set back is found all the same", async () => {
  await place();
  const old = new Date("2020-01-01T00:00:00Z");
  await utimes(inStack("a.conf"), old, old);
  assert.deepEqual(await look(), []);
  await writeFile(inStack("a.conf"), "ONE\n");
  await utimes(inStack("a.conf"), old, old);
  assert.deepEqual(await look(), ["a.conf edited: 4 bytes of other content"]);
});

test("only what has another stat is read again, and nothing that was not asked for is looked at", async () => {
  await place();
  const root = await openTrusted(inStack("."));
  const seen: SeenFiles = new Map();
  try {
    // What has just been written might change once more without another time; a stat that is remembered is believed.
    await inspectPlaced(root, FILES, seen);
    assert.deepEqual([...seen], [], "too young to be remembered");
    await mkdir(dirname(inStack("data/x")), { recursive: true });
    await writeFile(inStack("data/x"), "data");
    await waitUntil("the files are old enough", () =>
      FILES.every(({ path }) => Date.now() - statSync(inStack(path)).ctimeMs > 2_100),
    );
    assert.deepEqual(await inspectPlaced(root, FILES, seen), []);
    assert.deepEqual([...seen.keys()].sort(), FILES.map(({ path }) => path).sort());
    const [first] = seen;
    assert.ok(first);
    seen.set(first[0], { ...first[1], oid: "believed" });
    const edited = await inspectPlaced(root, FILES, seen);
    assert.deepEqual(
      edited.map(({ path, oid }) => [path, oid]),
      [[first[0], "believed"]],
    );
  } finally {
    await root.close();
  }
});

test("what was read once and is reached by a link now is told, although it is the same file", async () => {
  await place();
  await waitUntil("the files are old enough", () =>
    FILES.every(({ path }) => Date.now() - statSync(inStack(path)).ctimeMs > 2_100),
  );
  assert.deepEqual(await look(), []);
  assert.deepEqual(await look(), [], "by stat alone");
  for (const path of ["conf/deep", "conf", "."]) {
    await rename(inStack(path), join(base, "elsewhere"));
    await symlink(join(base, "elsewhere"), inStack(path));
    assert.match((await look()).join(), /blocked: .*replaced/, path);
    await rm(inStack(path));
    await rename(join(base, "elsewhere"), inStack(path));
    assert.deepEqual(await look(), [], path);
  }
  await chmod(inStack("a.conf"), 0o600);
  assert.deepEqual(await look(), ["a.conf mode: mode 600"]);
});

test("what was changed is told as a diff", async () => {
  await place();
  const placed = { path: "a.conf", executable: false, content: Buffer.from("one\n") };
  const describeIt = () => placer.describeEdit("web", placed, (text) => text.replaceAll("hidden", "***"));
  await writeFile(inStack("a.conf"), "one\nhidden\n");
  assert.equal(await describeIt(), "--- a.conf as placed\n+++ a.conf as found\n@@ -1,1 +1,2 @@\n one\n+***");
  await writeFile(inStack("a.conf"), "x".repeat(70_000));
  assert.equal(await describeIt(), "4 bytes were placed, 70000 bytes are found");
  await swap("a.conf", (path) => symlink("/etc/hostname", path));
  assert.equal(await describeIt(), undefined);
  await rm(inStack("a.conf"));
  assert.equal(await describeIt(), undefined);
  await rm(inStack("."), { recursive: true });
  assert.equal(await describeIt(), undefined);
});
