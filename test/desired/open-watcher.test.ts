import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { openWatcher } from "../../agent/desired/open-watcher.ts";
import type { FileWatcher } from "../../agent/ports/file-watcher.ts";
import { waitUntil } from "../engine/wait-until.ts";

const PATHS = ["compose.yaml", "conf/a", "conf/deep/er/b"];
let base: string;
let root: string;
let watcher: FileWatcher;
let told: string[];
// The watcher keeps no process alive.
let keepAlive: NodeJS.Timeout;

beforeEach(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "watch-")));
  root = join(base, "stacks/web");
  for (const path of PATHS) write(path, "one\n");
  write("data/very/deep/file", "data");
  write("conf/data", "data");
  told = [];
  keepAlive = setInterval(() => undefined, 1_000);
  watcher = openWatcher();
  assert.equal(await watch({ [root]: PATHS }), undefined);
  told.length = 0;
});
afterEach(async () => {
  clearInterval(keepAlive);
  await watcher.close();
  rmSync(base, { recursive: true, force: true });
});

const at = (path: string): string => join(root, path);
function write(path: string, text: string): void {
  mkdirSync(join(at(path), ".."), { recursive: true });
  writeFileSync(at(path), text);
}
const watch = (files: Readonly<Record<string, readonly string[]>>) =>
  watcher.watch(new Map(Object.entries(files)), (directory) => told.push(directory));

/** What is told because of something; at least one word is waited for. */
async function toldAfter(act: () => void): Promise<void> {
  told.length = 0;
  act();
  await waitUntil("it is told", () => told.includes(root));
}

/** Nothing is told because of something: of what comes after it, everything is. */
async function silentAfter(paths: readonly string[], act: () => void): Promise<void> {
  const marker = join(base, "marker");
  mkdirSync(marker, { recursive: true });
  await watch({ [root]: paths, [marker]: ["end"] });
  told.length = 0;
  act();
  writeFileSync(join(marker, "end"), String(told.length));
  await waitUntil("the marker is told", () => told.includes(marker));
  assert.deepEqual(
    told.filter((directory) => directory !== marker),
    [],
  );
}

const ACTS: readonly (readonly [string, () => void])[] = [
  ["writing", () => appendFileSync(at("conf/a"), "two\n")],
  ["writing the same content", () => writeFileSync(at("conf/a"), "one\n")],
  ["chmod", () => chmodSync(at("compose.yaml"), 0o600)],
  ["deleting", () => rmSync(at("conf/deep/er/b"))],
  [
    "an editor that renames",
    () => {
      writeFileSync(at("conf/.a.swp"), "two\n");
      renameSync(at("conf/.a.swp"), at("conf/a"));
    },
  ],
  [
    "a directory in its place",
    () => {
      rmSync(at("conf/a"));
      mkdirSync(at("conf/a"));
    },
  ],
  [
    "a link in its place",
    () => {
      rmSync(at("conf/a"));
      symlinkSync("/etc/hostname", at("conf/a"));
    },
  ],
  ["a directory that goes", () => rmSync(at("conf"), { recursive: true })],
  ["a directory on the way that is renamed", () => renameSync(at("conf/deep"), at("conf/shallow"))],
  [
    "a directory that becomes a link",
    () => {
      renameSync(at("conf"), at("old"));
      symlinkSync("old", at("conf"));
    },
  ],
  ["the root that goes", () => rmSync(root, { recursive: true })],
];
for (const [what, act] of ACTS) {
  test(`${what} is told, and what happens to the file after it was put back too`, async () => {
    await toldAfter(act);
    // Putting it back, as the placer does.
    await toldAfter(() => {
      for (const path of ["conf", ...PATHS]) {
        const link = execFileSync("sh", ["-c", '[ -L "$1" ] && echo yes || true', "sh", at(path)], { encoding: "utf8" });
        if (link !== "") rmSync(at(path));
      }
      if (existsSync(at("conf/a/.")) || !existsSync(at("conf/a"))) rmSync(at("conf/a"), { recursive: true, force: true });
      for (const path of PATHS) write(path, "one\n");
    });
    for (const path of PATHS) {
      // That a directory came back is learned a moment after it did.
      await waitUntil(`${path} is watched again`, async () => {
        told.length = 0;
        appendFileSync(at(path), "again\n");
        await waitUntil("it is told", () => told.length > 0, { timeoutMs: 200 });
        return true;
      });
    }
  });
}

test("a container's data beside placed files is not told, also when there is much of it", async () => {
  await silentAfter(PATHS, () => {
    for (let index = 0; index < 200; index += 1) {
      write(`data/very/deep/${index}`, "data");
      write(`conf/data-${index}`, "data");
    }
    mkdirSync(at("conf/data.d/x"), { recursive: true });
  });
});

test("no more directories are watched than those on the way to placed files", () => {
  for (let index = 0; index < 50; index += 1) mkdirSync(at(`data/d${index}/x`), { recursive: true });
  const watches = countWatches();
  // The root, conf, conf/deep and conf/deep/er.
  assert.equal(watches, 4);
});

test("files that are no longer watched are not told, and new ones are", async () => {
  await silentAfter(["compose.yaml", "new/file"], () => appendFileSync(at("conf/a"), "x"));
  await toldAfter(() => write("new/file", "x"));
  await watch({});
  assert.equal(countWatches(), 0);
});

test("a root that is not there yet is told when its file comes", async () => {
  const env = join(base, "etc/env");
  await watch({ [env]: ["web.env"] });
  for (const act of [
    () => mkdirSync(join(base, "etc")),
    () => mkdirSync(env),
    () => writeFileSync(join(env, "web.env"), "A=1"),
  ]) {
    told.length = 0;
    act();
    await waitUntil("it is told", () => told.includes(env));
  }
});

test("nothing is told once it is closed", async () => {
  await watcher.close();
  told.length = 0;
  appendFileSync(at("conf/a"), "x");
  assert.equal(countWatches(), 0);
  assert.deepEqual(told, []);
});

test("the limit of watches is told in one line, what can be watched is, and it works once there is room", () => {
  const program = `
    import { appendFileSync, writeFileSync } from "node:fs";
    import { openWatcher } from ${JSON.stringify(join(import.meta.dirname, "../../agent/desired/open-watcher.ts"))};
    const [root] = process.argv.slice(1);
    const watcher = openWatcher();
    const watch = () => watcher.watch(new Map([[root, ${JSON.stringify(PATHS)}]]), () => undefined);
    const first = await watch();
    writeFileSync("/proc/sys/user/max_inotify_watches", "100");
    const second = await watch();
    console.log(JSON.stringify([first, second ?? "none"]));
    await watcher.close();
  `;
  // A limit of its own needs a user namespace of its own.
  const script = 'echo 2 > /proc/sys/user/max_inotify_watches && exec "$@"';
  const command = [process.execPath, "--input-type=module", "-e", program, "--", root];
  const output = execFileSync("unshare", ["--user", "--map-root-user", "sh", "-c", script, "sh", ...command], {
    encoding: "utf8",
  });
  const [first, second] = JSON.parse(output) as string[];
  assert.match(first ?? "", /^\/.*: the limit of inotify watches is reached \(fs\.inotify\.max_user_watches\)$/);
  assert.equal(second, "none");
});

/** Watches of inotify that this process holds. */
function countWatches(): number {
  const text = execFileSync("sh", ["-c", `cat /proc/${process.pid}/fdinfo/* 2>/dev/null || true`], { encoding: "utf8" });
  return text.split("\n").filter((line) => line.startsWith("inotify ")).length;
}
