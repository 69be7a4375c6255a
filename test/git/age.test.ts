import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import { assertSound, commit, createRepository, git, listWithGit, manyFiles, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;
const polls = 600;
const pushes = 150;

/** A history of one-line changes on top of `main`, made at once and not pushed: the ids in order. */
function prepareHistory(repository: string, count: number): readonly string[] {
  const commits = Array.from({ length: count }, (_, index) => {
    const from = index === 0 ? `from ${git(repository, ["rev-parse", "main"])}\n` : "";
    const change = `M 100644 inline desired-state/stack-${index % 20}/file-${index % 20}\ndata <<END\nchange ${index}\nEND\n\n`;
    return `commit refs/heads/later\ncommitter C <c@example.org> ${1_700_001_000 + index} +0000\ndata 2\nx\n${from}${change}`;
  });
  git(repository, ["fast-import", "--quiet"], commits.join(""));
  return git(repository, ["rev-list", "--reverse", "main..later"]).split("\n");
}

function measureStore(directory: string): { readonly files: number; readonly packs: number; readonly bytes: number } {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((path) => join(directory, path));
  const files = paths.filter((path) => statSync(path).isFile());
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  return { files: files.length, packs: files.filter((path) => path.endsWith(".pack")).length, bytes };
}

test(`after ${polls} polls and ${pushes} pushes a poll and a fetch must cost what they did, and the store be as small`, async (t) => {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  commit(repository, { files: manyFiles(400) });
  const history = prepareHistory(repository, pushes);
  const server = await startGitHttpServer(t, { root });
  const gitDirectory = join(root, "store");
  const open = () => openSource({ url: `${server.url}/repo.git`, branch: "main", gitDirectory });
  const source = open();

  async function count<T>(
    task: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly requests: number; readonly bytes: number }> {
    const [requests, bytes] = [server.requests.length, server.bytes()];
    const result = await task();
    return { result, requests: server.requests.length - requests, bytes: server.bytes() - bytes };
  }
  const poll = () => count(() => source.readTip(never));
  const fetch = async () => {
    const { result: tip } = await poll();
    return count(() => source.fetch(tip, never));
  };

  await fetch();
  const first = measureStore(gitDirectory);
  const young = await poll();
  const costs = new Set<string>();
  const fetched: number[] = [];
  const sizes: ReturnType<typeof measureStore>[] = [];
  let done = 1;
  const note = ({ requests, bytes }: { readonly requests: number; readonly bytes: number }) => {
    costs.add(`${requests} request, ${bytes} bytes`);
    done += 1;
  };
  for (const revision of history) {
    git(repository, ["update-ref", "refs/heads/main", revision]);
    const { result: tip, ...cost } = await poll();
    note(cost);
    assert.equal(tip.revision, revision);
    const { requests, bytes } = await count(() => source.fetch(tip, never));
    assert.equal(requests, 1);
    fetched.push(bytes);
    sizes.push(measureStore(gitDirectory));
  }
  while (done < polls) note(await poll());

  assert.deepEqual([...costs], [`1 request, ${young.bytes} bytes`]);
  assert.equal(server.connections(), 1);
  const restarted = await count(() => open().readTip(never));
  assert.deepEqual([restarted.requests, restarted.bytes], [1, young.bytes]);

  const last = sizes.at(-1) ?? first;
  const most = {
    fetched: Math.max(...fetched),
    packs: Math.max(...sizes.map(({ packs }) => packs)),
    files: Math.max(...sizes.map(({ files }) => files)),
    bytes: Math.max(...sizes.map(({ bytes }) => bytes)),
  };
  t.diagnostic(
    `a poll ${young.bytes} bytes; a fetch at most ${most.fetched}; the store first ${first.bytes}, at most ${most.bytes}, last ${last.bytes} bytes`,
  );
  t.diagnostic(`at most ${most.packs} packs and ${most.files} files`);
  // No push brings everything again, however many there were.
  assert.ok(most.fetched < 3000, `${most.fetched} bytes`);
  assert.ok(most.packs <= 10, `${most.packs} packs`);
  assert.ok(most.files <= first.files + 2 * 10, `${most.files} files`);
  assert.ok(most.bytes <= 2 * first.bytes + 4 * 1024 * 1024, `${most.bytes} bytes`);
  const revision = history.at(-1) ?? "";
  assert.deepEqual((await source.readTree(revision, ""))?.files, listWithGit(repository, revision));
  assertSound(gitDirectory);
});
