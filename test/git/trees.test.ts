import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceLimits } from "../../agent/git/source-options.ts";
import {
  commit,
  commitTree,
  createRepository,
  type RawEntry,
  temporaryDirectory,
  writeBlob,
  writeRawTree,
} from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const blob = writeBlob(repository, "content");
  const server = await startGitHttpServer(t, { root });
  /** Reads a directory of the branch's tip over HTTP. */
  async function read(path = "", limits: Partial<SourceLimits> = {}) {
    const options = { url: `${server.url}/repo.git`, branch: "main", gitDirectory: join(root, "store"), limits };
    const source = openSource(options);
    const tip = await source.readTip(never);
    await source.fetch(tip, never);
    return { source, tree: await source.readTree(tip.revision, path) };
  }
  return { repository, blob, read };
}

/** Commits `entries` as the directory `stacks/web`, so that messages have a path to name. */
function commitBelow(repository: string, entries: readonly RawEntry[]): void {
  const web = writeRawTree(repository, entries);
  const stacks = writeRawTree(repository, [{ mode: "40000", name: "web", oid: web }]);
  commitTree(repository, writeRawTree(repository, [{ mode: "40000", name: "stacks", oid: stacks }]));
}

test("symbolic links, submodules and executables must be reported as what they are", async (t) => {
  const { repository, blob, read } = await setUp(t);
  const entries = [
    { mode: "100755", name: "run", oid: blob },
    { mode: "100664", name: "shared", oid: blob },
    { mode: "120000", name: "link", oid: writeBlob(repository, "/etc/passwd") },
    { mode: "160000", name: "submodule", oid: "1".repeat(40) },
  ];
  const sorted = entries.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  commitTree(repository, writeRawTree(repository, sorted));
  const { tree } = await read();
  assert.deepEqual(
    tree?.files.map(({ path, mode }) => `${path} ${mode}`),
    ["link 120000", "run 100755", "shared 100644", "submodule 160000"],
  );
});

test("names that are only unusual must be read", async (t) => {
  const { repository, read } = await setUp(t);
  const names = ["back\\slash", "git~1", ".gitignore", "..data", "a b", "ünï", "C:\\x", "-rf", "$(x)", "'\""];
  commit(repository, { files: Object.fromEntries(names.map((name) => [name, "1"])) });
  const { tree } = await read();
  assert.deepEqual(tree?.files.map(({ path }) => path).sort(), names.sort());
});

const hostile: Record<string, { readonly name: string | Uint8Array; readonly message: RegExp }> = {
  "the parent directory": { name: "..", message: /^"stacks\/web\/\.\." leads to another directory$/ },
  "the directory itself": { name: ".", message: /leads to another directory/ },
  "a Git directory": { name: ".git", message: /"stacks\/web\/\.git" would be a Git directory/ },
  "a Git directory in capitals": { name: ".GiT", message: /would be a Git directory/ },
  "a path": { name: "../../../etc/cron.d/x", message: /contains a slash/ },
  "an absolute path": { name: "/etc/passwd", message: /contains a slash/ },
  "a line break": { name: "a\nb", message: /"stacks\/web\/a\\nb" contains a control character/ },
  "a terminal's control character": { name: "a\u001b[2J", message: /contains a control character/ },
  "bytes that are not UTF-8": { name: Buffer.from([0x66, 0xff, 0xfe]), message: /"stacks\/web\/f.." is not UTF-8/ },
};

for (const [description, { name, message }] of Object.entries(hostile)) {
  test(`a file that is named like ${description} must be refused`, async (t) => {
    const { repository, blob, read } = await setUp(t);
    for (const mode of ["100644", "40000"]) {
      const oid = mode === "40000" ? writeRawTree(repository, [{ mode: "100644", name: "x", oid: blob }]) : blob;
      commitBelow(repository, [{ mode, name, oid }]);
      await assert.rejects(read("stacks"), { code: "source-refused", handling: "stalled", message });
    }
  });
}

test("a name that is there twice must be refused", async (t) => {
  const { repository, blob, read } = await setUp(t);
  commitBelow(repository, [
    { mode: "100644", name: "x", oid: blob },
    { mode: "120000", name: "x", oid: writeBlob(repository, "/etc") },
  ]);
  await assert.rejects(read("stacks"), {
    code: "source-refused",
    handling: "stalled",
    message: /"stacks\/web\/x" is there twice/,
  });
});

test("a mode that Git does not write must be refused", async (t) => {
  const { repository, blob, read } = await setUp(t);
  commitBelow(repository, [{ mode: "104755", name: "x", oid: blob }]);
  await assert.rejects(read("stacks"), { code: "source-refused", handling: "stalled", message: /has a mode/ });
});

/** As `read`, from the repository itself: Git's own server sends no such tree. */
async function readLocally(repository: string) {
  const source = openSource({ url: repository, branch: "main", gitDirectory: "/nonexistent" });
  return source.readTree((await source.readTip(never)).revision, "stacks");
}

test("a name that is empty must be refused", async (t) => {
  const { repository, blob } = await setUp(t);
  commitBelow(repository, [{ mode: "100644", name: "", oid: blob }]);
  await assert.rejects(readLocally(repository), { code: "source-refused", handling: "stalled", message: /is empty/ });
});

test("a directory that is none must be refused, and not taken for damage", async (t) => {
  const { repository, blob } = await setUp(t);
  commitBelow(repository, [{ mode: "40000", name: "x", oid: blob }]);
  await assert.rejects(readLocally(repository), {
    code: "source-refused",
    handling: "stalled",
    message: /is a blob, not a tree/,
  });
});

test("what stands beside the directory must not be judged", async (t) => {
  const { repository, blob, read } = await setUp(t);
  const stacks = writeRawTree(repository, [{ mode: "100644", name: "x", oid: blob }]);
  const root = writeRawTree(repository, [
    { mode: "100644", name: Buffer.from([0xff]), oid: blob },
    { mode: "100644", name: "a\\b", oid: blob },
    { mode: "40000", name: "stacks", oid: stacks },
  ]);
  commitTree(repository, root);
  assert.equal((await read("stacks")).tree?.files.length, 1);
});

test("more files than the limit must be refused", async (t) => {
  const { repository, read } = await setUp(t);
  const names = Array.from({ length: 10_001 }, (_, index) => [`desired-state/f${index}`, "1"]);
  commit(repository, { files: { ...Object.fromEntries(names), "other/a": "1" } });
  await assert.rejects(read("desired-state"), {
    code: "source-too-large",
    handling: "stalled",
    message: /^"desired-state" has more than 10000 files$/,
  });
  assert.equal((await read("other")).tree?.files.length, 1);
});

test("directories that multiply without a file must not be walked for ever", async (t) => {
  const { repository, read } = await setUp(t);
  let oid = writeRawTree(repository, []);
  for (let level = 0; level < 20; level += 1) {
    const names = Array.from({ length: 10 }, (_, index) => `d${index}`);
    oid = writeRawTree(
      repository,
      names.map((name) => ({ mode: "40000", name, oid })),
    );
  }
  commitTree(repository, oid);
  await assert.rejects(read("", { files: 1000 }), { code: "source-too-large", message: /more than 1000 files/ });
});

test("directories deeper, and paths longer, than the limit must be refused", async (t) => {
  const { repository, read } = await setUp(t);
  commit(repository, { files: { [`${"d/".repeat(33)}a`]: "1" } });
  await assert.rejects(read(), { code: "source-too-large", message: /more than 32 directories deep/ });
  commit(repository, { files: { [`${"d".repeat(200)}/a`]: "1" }, orphan: true });
  await assert.rejects(read("", { pathLength: 100 }), { code: "source-too-large", message: /more than 100 bytes/ });
});

test("a file larger than the limit must be refused by its id", async (t) => {
  const { repository, read } = await setUp(t);
  commit(repository, { files: { exact: "x".repeat(1000), larger: "x".repeat(1001) } });
  const { source, tree } = await read("", { blobBytes: 1000 });
  const [exact, larger] = (tree?.files ?? []).map(({ oid }) => oid);
  assert.equal((await source.readBlob(exact ?? "")).length, 1000);
  await assert.rejects(source.readBlob(larger ?? ""), {
    code: "source-too-large",
    handling: "stalled",
    message: `the file ${larger} has 1001 bytes, the limit is 1000`,
  });
});
