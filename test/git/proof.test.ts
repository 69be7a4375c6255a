import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import { commit, createRepository, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";
import { commitSigned, createSigner, tagSigned, writeSigners } from "./signed-fixture.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const server = await startGitHttpServer(t, { root });
  const [ann, eve] = [createSigner(root, "ann"), createSigner(root, "eve")];
  const allowedSigners = writeSigners(root, [ann]);
  const gitDirectory = join(root, "store");
  const open = (more: Partial<SourceOptions> = {}) =>
    openSource({ url: `${server.url}/repo.git`, gitDirectory, allowedSigners, ...more });
  return { root, repository, ann, eve, open, gitDirectory };
}

/** What is kept of the tip, as JSON on a disk. */
async function prove(source: ReturnType<typeof openSource>) {
  const tip = await source.readTip(never);
  await source.fetch(tip, never);
  return { revision: tip.revision, proof: JSON.parse(JSON.stringify(await source.prove(tip))) };
}

test("what was kept of a signed commit must be judged by who may sign now, without the repository", async (t) => {
  const { root, repository, ann, eve, open, gitDirectory } = await setUp(t);
  for (const url of [undefined, repository]) {
    commitSigned(repository, ann, "1");
    const { revision, proof } = await prove(open(url === undefined ? {} : { url }));
    rmSync(gitDirectory, { recursive: true, force: true });
    const nowhere = open({ url: "http://127.0.0.1:1/gone.git" });
    assert.equal(await nowhere.judgeProof(revision, proof, never), undefined);
    writeSigners(root, [eve]);
    assert.match(
      (await nowhere.judgeProof(revision, proof, never)) ?? "",
      /^the commit [0-9a-f]{12} is signed by the key SHA256:\S{43}, which .* does not allow/,
    );
    writeSigners(root, [ann]);
  }
});

test("what was changed of it on the disk, or is that of another commit, must not pass", async (t) => {
  const { repository, ann, open } = await setUp(t);
  commitSigned(repository, ann, "1");
  const old = await prove(open());
  commitSigned(repository, ann, "2");
  const source = open();
  const { revision, proof } = await prove(source);
  const refused = { message: /is not that commit$/ };
  await assert.rejects(source.judgeProof(revision, old.proof, never), refused);
  await assert.rejects(source.judgeProof(revision, { ...proof, commit: "" }, never), refused);
  assert.equal(await source.judgeProof(revision, proof, never), undefined);
});

test("a revision that nobody signed, or of which nothing was kept, must pass only where nobody has to sign", async (t) => {
  const { repository, open, root } = await setUp(t);
  commit(repository, { files: { a: "1" } });
  const source = open();
  const { revision, proof } = await prove(source);
  assert.match((await source.judgeProof(revision, proof, never)) ?? "", /is not signed/);
  assert.equal(await source.judgeProof(revision, undefined, never), "who signed it was not kept");
  const free = openSource({ url: repository, gitDirectory: join(root, "other") });
  assert.equal(await free.judgeProof(revision, proof, never), undefined);
  assert.equal(await free.judgeProof(revision, undefined, never), undefined);
});

test("a signed tag must be what is judged where tags are followed", async (t) => {
  const { root, repository, ann, eve, open } = await setUp(t);
  const revision = commit(repository, { files: { a: "1" } });
  tagSigned(repository, ann, "v1.0.0", revision);
  const source = open({ tag: "v*" });
  const kept = await prove(source);
  assert.equal(kept.revision, revision);
  assert.equal(await source.judgeProof(revision, kept.proof, never), undefined);
  tagSigned(repository, ann, "v1.1.0", commit(repository, { files: { a: "2" } }));
  const other = await prove(open({ tag: "v*", gitDirectory: join(root, "again") }));
  const mixed = { ...kept.proof, tag: other.proof.tag, ref: other.proof.ref };
  assert.match(
    (await source.judgeProof(revision, mixed, never)) ?? "",
    /^the tag v1\.1\.0 leads to [0-9a-f]{12}, and the server said otherwise$/,
  );
  writeSigners(root, [eve]);
  assert.match(
    (await source.judgeProof(revision, kept.proof, never)) ?? "",
    /^the tag v1\.0\.0 is signed by the key .* does not allow/,
  );
});
