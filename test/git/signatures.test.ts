import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import type { Source } from "../../agent/ports.ts";
import { commit, createRepository, git, gitBytes, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";
import { commitSigned, createSigner, tagSigned, writeSigners } from "./signed-fixture.ts";

const never = new AbortController().signal;

async function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const server = await startGitHttpServer(t, { root });
  const [ann, eve] = [createSigner(root, "ann"), createSigner(root, "eve")];
  const allowedSigners = writeSigners(root, [ann]);
  const open = (more: Partial<SourceOptions> = {}, url = `${server.url}/repo.git`) =>
    openSource({ url, gitDirectory: join(root, "store"), allowedSigners, ...more });
  return { root, repository, server, ann, eve, allowedSigners, open, ways: [open(), open({}, repository)] };
}

/** Follows the tip, and says why it must not be converged. */
async function judge(source: Source, accepted?: string): Promise<string | undefined> {
  const tip = await source.readTip(never);
  await source.fetch(tip, never);
  return source.judge(tip, accepted, never);
}

test("a commit that an allowed signer signed must pass, and no other", async (t) => {
  const { repository, ann, eve, ways } = await setUp(t);
  for (const source of ways) {
    const good = commitSigned(repository, ann, "1");
    assert.equal(await judge(source), undefined);
    const unsigned = commit(repository, { files: { a: "2" } });
    assert.equal(await judge(source), `the commit ${unsigned.slice(0, 12)} is not signed (repository.allowedSigners)`);
    commitSigned(repository, eve, "3");
    assert.match((await judge(source)) ?? "", /is signed by the key SHA256:[A-Za-z0-9+/]{43}, which \/.* does not allow \(/);
    // The signature of another commit, and one that is none.
    const body = gitBytes(repository, ["cat-file", "commit", good]).toString("latin1");
    for (const [from, to, reason] of [
      ["with a body", "with another", /has a signature of SHA256:\S{43} that does not fit it/],
      [
        /gpgsig -----BEGIN SSH SIGNATURE-----/,
        "gpgsig -----BEGIN PGP SIGNATURE-----",
        /is signed with OpenPGP, and repository\.gpgKeyring does not say by whom it may be \(repository\.allowedSigners\)$/,
      ],
      [/gpgsig /, "gpgsig-sha256 ", /is not signed/],
      [/(BEGIN SSH SIGNATURE-----\n) \S+/, "$1 AAAA", /is signed by the key|does not fit/],
    ] as const) {
      const forged = git(
        repository,
        ["hash-object", "-t", "commit", "-w", "--stdin"],
        Buffer.from(body.replace(from, to), "latin1"),
      );
      git(repository, ["update-ref", "refs/heads/main", forged]);
      assert.match((await judge(source)) ?? "", reason, String(from));
    }
    git(repository, ["update-ref", "-d", "refs/heads/main"]);
  }
});

test("a merge, whose other side carries signatures of its own, must be judged by its own", async (t) => {
  const { repository, ann, eve, open } = await setUp(t);
  const [first, second] = [commitSigned(repository, ann, "1"), commitSigned(repository, eve, "2")];
  tagSigned(repository, eve, "side", second);
  const tree = git(repository, ["rev-parse", `${second}^{tree}`]);
  const tag = git(repository, ["cat-file", "tag", "side"])
    .split("\n")
    .map((line, index) => (index === 0 ? `mergetag ${line}` : ` ${line}`));
  const who = "Test <a@x> 1700000000 +0000";
  const text = [
    `tree ${tree}`,
    `parent ${first}`,
    `parent ${second}`,
    `author ${who}`,
    `committer ${who}`,
    ...tag,
    "",
    "merge",
    "",
  ];
  const merge = git(repository, ["hash-object", "-t", "commit", "-w", "--stdin"], text.join("\n"));
  git(repository, ["update-ref", "refs/heads/main", merge]);
  assert.match((await judge(open())) ?? "", /is not signed/);
});

test("a key that was allowed for a time only must be taken as Git takes it", async (t) => {
  const { root, repository, open } = await setUp(t);
  const limited = createSigner(root, "limited", 'valid-after="20260101",valid-before="20260201" ');
  const other = createSigner(root, "other", 'namespaces="file" ');
  writeSigners(root, [limited, other]);
  commitSigned(repository, limited, "1", "2026-01-15T12:00:00Z");
  assert.equal(await judge(open()), undefined);
  commitSigned(repository, limited, "2", "2026-03-15T12:00:00Z");
  assert.match((await judge(open())) ?? "", /does not allow/);
  commitSigned(repository, other, "3");
  assert.match((await judge(open())) ?? "", /does not fit|does not allow/);
});

test("a file of signers that cannot be read must be an error, and one that is empty allow nobody", async (t) => {
  const { root, repository, ann, open } = await setUp(t);
  commitSigned(repository, ann, "1");
  await assert.rejects(judge(open({ allowedSigners: join(root, "none") })), {
    code: "source-refused",
    handling: "transient",
    message: /none cannot be read \(ENOENT\)$/,
  });
  writeFileSync(join(root, "empty"), "");
  assert.match((await judge(open({ allowedSigners: join(root, "empty") }))) ?? "", /does not allow/);
});

test("with tags, the tag object must be signed, and be that of this tag", async (t) => {
  const { root, repository, server, ann, eve, allowedSigners } = await setUp(t);
  const revision = commit(repository, { files: { a: "1" } });
  for (const url of [`${server.url}/repo.git`, repository]) {
    const source = openSource({ url, gitDirectory: join(root, "tags"), tag: "v*", allowedSigners });
    git(repository, ["tag", "-f", "v1.0.0", revision]);
    assert.match((await judge(source)) ?? "", /^the tag v1\.0\.0 is not signed: it is no annotated tag/);
    git(repository, ["tag", "-f", "-a", "-m", "x", "v1.0.0", revision]);
    assert.match((await judge(source)) ?? "", /^the tag v1\.0\.0 is not signed \(/);
    tagSigned(repository, eve, "v1.0.0", revision);
    assert.match((await judge(source)) ?? "", /^the tag v1\.0\.0 is signed by the key .* does not allow/);
    tagSigned(repository, ann, "v1.0.0", revision);
    assert.equal(await judge(source), undefined);
    const other = commit(repository, { files: { a: url } });
    const tip = { ...(await source.readTip(never)), revision: other };
    if (url !== repository) git(repository, ["push", "-q", join(root, "tags"), `${other}:refs/heads/other`]);
    assert.match(
      (await source.judge(tip, undefined, never)) ?? "",
      /^the tag v1\.0\.0 leads to \w+, and the server said otherwise$/,
    );
    git(repository, ["update-ref", "refs/tags/v9.0.0", git(repository, ["rev-parse", "v1.0.0"])]);
    assert.match((await judge(source)) ?? "", /^the tag v9\.0\.0 is the tag object of v1\.0\.0/);
    git(repository, ["tag", "-d", "v9.0.0", "v1.0.0"]);
  }
});

test("who may sign must be known by name and content of the files, and read only when they change", async (t) => {
  const { root, repository, ann, eve, allowedSigners } = await setUp(t);
  const gpgKeyring = join(root, "keyring");
  const options = { url: repository, gitDirectory: join(root, "unused") };
  assert.equal(await openSource({ ...options, allowForcePush: false }).signers(), undefined);
  const source = openSource({ ...options, allowedSigners, gpgKeyring });
  const missing = await source.signers();
  writeFileSync(gpgKeyring, "keys");
  const first = await source.signers();
  assert.notEqual(first, missing);
  assert.equal(await source.signers(), first);
  writeFileSync(gpgKeyring, "keys");
  writeSigners(root, [ann]);
  assert.equal(await source.signers(), first, "the same content, written again");
  assert.equal(await openSource({ ...options, allowedSigners, gpgKeyring }).signers(), first, "in another process");
  writeSigners(root, [ann, eve]);
  assert.notEqual(await source.signers(), first);
  writeSigners(root, [ann]);
  assert.equal(await source.signers(), first);
  for (const other of [{ allowedSigners }, { gpgKeyring }, { allowedSigners: gpgKeyring, gpgKeyring: allowedSigners }])
    assert.notEqual(await openSource({ ...options, ...other }).signers(), first);
});
