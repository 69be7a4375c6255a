import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, link, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { openPlacer } from "../../agent/desired/place-files.ts";
import type { FileContent } from "../../agent/model/file-content.ts";
import type { Placer } from "../../agent/ports.ts";

let base: string;
let stateDir: string;
let placer: Placer;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "placer-"));
  stateDir = join(base, "state");
  placer = openPlacer({ stateDir });
});
afterEach(async () => await rm(base, { recursive: true, force: true }));

const file = (path: string, text = "text\n", executable = false): FileContent => ({
  path,
  executable,
  content: new TextEncoder().encode(text),
});
const inStack = (path: string): string => join(stateDir, "stacks/web", path);
const readText = (path: string) => readFile(inStack(path), "utf8");
const modeOf = async (path: string) => ((await stat(inStack(path))).mode & 0o7777).toString(8);
const inodeOf = async (path: string) => (await lstat(inStack(path))).ino;
const list = async (path = ""): Promise<string[]> => (await readdir(inStack(path), { recursive: true })).sort();

/** Something that is not ours, as a container would leave it. */
async function plant(path: string, text = "data"): Promise<void> {
  await mkdir(dirname(inStack(path)), { recursive: true });
  await writeFile(inStack(path), text);
}

const refusal = (message: string) => ({
  name: "HoldfastError",
  code: "place-failed",
  message: `${message}: a file or directory of the repository belongs there`,
  handling: "transient",
  hint: "Move it away; Holdfast neither follows nor deletes what it did not place.",
});

test("files are placed with Git's executable bit, whatever the umask", async () => {
  const umask = process.umask(0o077);
  try {
    assert.deepEqual(await placer.place("web", [file("a.txt"), file("bin/run", "#!/bin/sh\n", true), file("empty", "")], []), [
      "a.txt",
      "bin/run",
      "empty",
    ]);
  } finally {
    process.umask(umask);
  }
  assert.equal(placer.directoryOf("web"), join(stateDir, "stacks/web"));
  assert.equal(await readText("bin/run"), "#!/bin/sh\n");
  assert.deepEqual(await Promise.all(["", "a.txt", "bin", "bin/run", "empty"].map(modeOf)), ["755", "644", "755", "755", "644"]);
});

test("what is equal is left alone, and what differs is replaced in its directory", async () => {
  const files = [file("conf/a"), file("conf/b"), file("conf/c")];
  await placer.place("web", files, []);
  const [directory, a] = [await inodeOf("conf"), await inodeOf("conf/a")];
  assert.deepEqual(await placer.place("web", files, []), []);
  await chmod(inStack("conf/c"), 0o600);
  assert.deepEqual(await placer.place("web", [file("conf/a"), file("conf/b", "TEXT\n"), file("conf/c")], []), [
    "conf/b",
    "conf/c",
  ]);
  assert.equal(await readText("conf/b"), "TEXT\n");
  assert.deepEqual([await inodeOf("conf"), await inodeOf("conf/a")], [directory, a]);
  assert.deepEqual(await list(), ["conf", "conf/a", "conf/b", "conf/c"]);
});

test("removing deletes the named files only", async () => {
  await placer.place("web", [file("a"), file("conf/b"), file("conf/c")], []);
  await plant("data/db");
  assert.deepEqual(await placer.place("web", [file("a")], ["conf/b", "conf/c", "conf/gone", "no/such"]), ["conf/b", "conf/c"]);
  // An empty directory may still be mounted.
  assert.deepEqual(await list(), ["a", "conf", "data", "data/db"]);
});

test("a stack that goes takes its empty directories along, and leaves data", async () => {
  await placer.place("web", [file("a"), file("conf/deep/b"), file("data/.gitkeep", "")], []);
  await plant("data/db");
  assert.deepEqual(await placer.place("web", [], ["a", "conf/deep/b", "data/.gitkeep"]), ["a", "conf/deep/b", "data/.gitkeep"]);
  assert.deepEqual(await list(), ["data", "data/db"]);
  assert.deepEqual(await placer.place("gone", [], ["a"]), []);
  await placer.place("other", [file("x/a")], []);
  await placer.place("other", [], ["x/a"]);
  assert.deepEqual(await readdir(join(stateDir, "stacks")), ["web"]);
});

test("a file may become a directory, and a directory a file", async () => {
  await placer.place("web", [file("x", "1"), file("y/a/b", "1")], []);
  assert.deepEqual(await placer.place("web", [file("x/a", "2"), file("y", "2")], ["x", "y/a/b"]), ["x", "y/a/b", "x/a", "y"]);
  assert.deepEqual([await readText("x/a"), await readText("y")], ["2", "2"]);
});

test("a link in place of a file is neither followed nor replaced", async () => {
  await writeFile(join(base, "victim"), "untouched");
  await placer.place("web", [file("conf/a")], []);
  await rm(inStack("conf/a"));
  await symlink(join(base, "victim"), inStack("conf/a"));
  await assert.rejects(
    placer.place("web", [file("conf/a", "evil"), file("b")], []),
    refusal(`${inStack("conf/a")} is a symbolic link`),
  );
  assert.equal(await readFile(join(base, "victim"), "utf8"), "untouched");
  await assert.rejects(stat(inStack("b")), { code: "ENOENT" }, "nothing is written when something is in the way");
  assert.deepEqual(await placer.place("web", [file("b")], ["conf/a"]), ["b"]);
  assert.ok((await lstat(inStack("conf/a"))).isSymbolicLink());
});

test("a link in place of a directory is not followed, for writing and for removing", async () => {
  await mkdir(join(base, "elsewhere/deep"), { recursive: true });
  await writeFile(join(base, "elsewhere/deep/a"), "untouched");
  await placer.place("web", [file("conf/deep/a")], []);
  await rename(inStack("conf"), inStack("old"));
  await symlink(join(base, "elsewhere"), inStack("conf"));
  await assert.rejects(placer.place("web", [file("conf/deep/a", "evil")], []), refusal(`${inStack("conf")} is a symbolic link`));
  await assert.rejects(placer.place("web", [file("conf/new/b", "evil")], []), refusal(`${inStack("conf")} is a symbolic link`));
  assert.deepEqual(await placer.place("web", [file("z")], ["conf/deep/a"]), ["z"]);
  assert.deepEqual(await placer.place("web", [], ["conf/deep/a"]), []);
  assert.equal(await readFile(join(base, "elsewhere/deep/a"), "utf8"), "untouched");
  assert.deepEqual(await readdir(join(base, "elsewhere")), ["deep"]);
});

test("a link in place of the stack's own directory is not followed", async () => {
  await mkdir(join(base, "elsewhere"));
  await mkdir(join(stateDir, "stacks"), { recursive: true });
  await symlink(join(base, "elsewhere"), join(stateDir, "stacks/web"));
  await assert.rejects(placer.place("web", [file("a")], []), {
    code: "place-failed",
    handling: "transient",
    message: `cannot place ${join(stateDir, "stacks/web")}: a symbolic link or a file stands where one of its directories belongs`,
  });
  assert.deepEqual(await readdir(join(base, "elsewhere")), []);
});

test("a link in place of the temporary file is removed, not written through", async () => {
  await writeFile(join(base, "victim"), "untouched");
  await placer.place("web", [file("seed")], []);
  // The name does not depend on the content: sha256("a"), shortened.
  await symlink(join(base, "victim"), inStack(".holdfast-ca978112ca1bbdca"));
  await placer.place("web", [file("a")], []);
  assert.equal(await readFile(join(base, "victim"), "utf8"), "untouched");
  assert.deepEqual(await list(), ["a", "seed"]);
});

test("directories, pipes and files in the way are named together", async () => {
  await plant("a/data");
  await plant("b");
  execFileSync("mkfifo", [inStack("c")]);
  await assert.rejects(
    placer.place("web", [file("a"), file("b/x"), file("c")], []),
    refusal(`${inStack("a")} is a directory, ${inStack("b")} is a file, ${inStack("c")} is a device, socket or pipe`),
  );
  assert.equal(await readText("a/data"), "data");
});

test("a link that comes and goes while files are placed never leads out", async () => {
  await mkdir(join(base, "elsewhere"));
  await placer.place("web", [file("conf/seed")], []);
  let stop = false;
  const attack = (async () => {
    while (!stop) {
      await rename(inStack("conf"), inStack("aside")).catch(() => undefined);
      await symlink(join(base, "elsewhere"), inStack("conf")).catch(() => undefined);
      await rm(inStack("conf")).catch(() => undefined);
      await rename(inStack("aside"), inStack("conf")).catch(() => undefined);
    }
  })();
  for (let round = 0; round < 200; round++)
    await placer.place("web", [file("conf/a", `${round}`), file("conf/b", `${round}`)], []).catch(() => undefined);
  stop = true;
  await attack;
  assert.deepEqual(await readdir(join(base, "elsewhere")), []);
});

for (const path of ["../a", "/a", "a/../../b", "a//b", "./a", "a/", "", "a\0b"]) {
  test(`the path ${JSON.stringify(path)} is refused`, async () => {
    const expected = {
      code: "place-failed",
      handling: "stalled",
      message: `${JSON.stringify(path)} is not a path below a stack's directory`,
    };
    await assert.rejects(placer.place("web", [file(path)], []), expected);
    await assert.rejects(placer.place("web", [], [path]), expected);
    await assert.rejects(placer.place(path, [file("a")], []), expected);
  });
}

test("a full disk is a readable error that is tried again, and leaves the old file whole", async () => {
  await mkdir(stateDir);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", stateDir]);
  try {
    await placer.place("web", [file("a", "old")], []);
    await assert.rejects(placer.place("web", [file("a", "x".repeat(100_000))], []), {
      code: "place-failed",
      handling: "transient",
      message: `cannot place ${inStack("a")}: no space is left on the device`,
      hint: "Free some space; it is tried again.",
    });
    assert.equal(await readText("a"), "old");
    assert.deepEqual(await list(), ["a"]);
  } finally {
    execFileSync("umount", [stateDir]);
  }
});

const again = (path: string, text: string, over: Partial<FileContent> = {}): FileContent => ({
  ...file(path, text),
  putBack: true,
  ...over,
});

test("a link or an empty directory in place of a file that was placed before goes, and what it led to stays", async () => {
  await mkdir(join(base, "elsewhere"));
  await writeFile(join(base, "victim"), "untouched");
  await placer.place("web", [file("a"), file("b"), file("c")], []);
  for (const path of ["a", "b", "c"]) await rm(inStack(path));
  await symlink(join(base, "victim"), inStack("a"));
  await symlink(join(base, "elsewhere"), inStack("b"));
  await mkdir(inStack("c"));
  assert.deepEqual(await placer.place("web", [again("a", "1"), again("b", "2"), again("c", "3")], []), ["a", "b", "c"]);
  assert.deepEqual([await readText("a"), await readText("b"), await readText("c")], ["1", "2", "3"]);
  assert.equal(await readFile(join(base, "victim"), "utf8"), "untouched");
  assert.deepEqual(await readdir(join(base, "elsewhere")), []);
});

test("a directory with content in place of a file that was placed before stays, and nothing else is changed", async () => {
  await placer.place("web", [file("a"), file("b")], []);
  for (const path of ["a", "b"]) await rm(inStack(path));
  await plant("a/mine");
  await symlink("/etc/hostname", inStack("b"));
  await assert.rejects(placer.place("web", [again("a", "1"), again("b", "2")], []), refusal(`${inStack("a")} is a directory`));
  assert.equal(await readText("a/mine"), "data");
  assert.ok((await lstat(inStack("b"))).isSymbolicLink());
});

test("a link in place of a directory stays, also above a file that was placed before", async () => {
  await placer.place("web", [file("conf/a")], []);
  await rename(inStack("conf"), join(base, "moved"));
  await symlink(join(base, "moved"), inStack("conf"));
  await assert.rejects(placer.place("web", [again("conf/a", "x")], []), refusal(`${inStack("conf")} is a symbolic link`));
  assert.equal(await readFile(join(base, "moved/a"), "utf8"), "text\n");
});

test("a file that is written in place keeps its inode, whether it grows, shrinks or changes its mode", async () => {
  await placer.place("web", [file("a", "four")], []);
  const inode = await inodeOf("a");
  for (const [text, executable] of [
    ["longer than four", false],
    ["", false],
    ["x", true],
    ["x", false],
  ] as const) {
    await placer.place("web", [{ ...file("a", text, executable), inPlace: true }], []);
    assert.deepEqual([await readText("a"), await modeOf("a"), await inodeOf("a")], [text, executable ? "755" : "644", inode]);
  }
});

test("a file that is written in place and has another name elsewhere, or is missing, becomes a file of its own", async () => {
  await placer.place("web", [file("a", "old")], []);
  await link(inStack("a"), join(base, "other"));
  await placer.place("web", [{ ...file("a", "new"), inPlace: true }], []);
  assert.deepEqual([await readText("a"), await readFile(join(base, "other"), "utf8")], ["new", "old"]);
  await rm(inStack("a"));
  await placer.place("web", [{ ...file("a", "fresh"), inPlace: true }], []);
  assert.deepEqual([await readText("a"), await list()], ["fresh", ["a"]]);
});

test("a full disk leaves a file whole that is written in place", async () => {
  await mkdir(stateDir);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", stateDir]);
  try {
    await placer.place("web", [file("a", "old")], []);
    const large = { ...file("a", "x".repeat(100_000)), inPlace: true };
    await assert.rejects(placer.place("web", [large], []), { code: "place-failed", message: /no space is left/ });
    assert.equal(await readText("a"), "old");
  } finally {
    execFileSync("umount", [stateDir]);
  }
});

test("a file that somebody else may have made is kept, and made when there is none", async () => {
  await plant("state", "theirs");
  const files = ["state", "fresh"].map((path) => ({ ...file(path, "ours"), keep: true }));
  assert.deepEqual(await placer.place("web", files, []), ["fresh"]);
  assert.deepEqual([await readText("state"), await readText("fresh")], ["theirs", "ours"]);
});
