import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import { runSignatureTool } from "../../agent/git/signature-tool.ts";
import type { SourceOptions } from "../../agent/git/source-options.ts";
import type { Source } from "../../agent/ports.ts";
import { commit, createRepository, git, temporaryDirectory } from "./git-fixture.ts";
import { openGpg } from "./gpg-fixture.ts";
import { commitSigned, commitWith, createSigner, tagSigned, writeSigners } from "./signed-fixture.ts";

const never = new AbortController().signal;

function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const gpg = openGpg(t);
  const gpgKeyring = join(root, "signers");
  const open = (more: Partial<SourceOptions> = {}) =>
    openSource({ url: repository, gitDirectory: join(root, "unused"), gpgKeyring, ...more });
  const sign = (...[key, options]: [Parameters<typeof gpg.sign>[0], Parameters<typeof gpg.sign>[2]?]) => {
    return (payload: Buffer) => gpg.sign(key, payload, options);
  };
  return { root, repository, gpg, gpgKeyring, open, sign };
}

/** Follows the tip, and says why it must not be converged. */
async function judge(source: Source, accepted?: string): Promise<string | undefined> {
  const tip = await source.readTip(never);
  await source.fetch(tip, never);
  return source.judge(tip, accepted, never);
}

test("a commit that a key of the keyring signed must pass, and no other, and nothing be left behind", async (t) => {
  const { root, repository, gpg, gpgKeyring, open } = setUp(t);
  const [usual, temporary] = [process.env["TMPDIR"], join(root, "tmp")];
  mkdirSync(temporary);
  process.env["TMPDIR"] = temporary;
  t.after(() => {
    if (usual === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = usual;
  });
  const [ann, bob, eve] = [gpg.createKey("ann"), gpg.createKey("bob"), gpg.createKey("eve")];
  gpg.addSubkey(bob);
  const armored = Buffer.concat([gpg.export([ann]), Buffer.from("\n"), gpg.export([bob])]);
  for (const keyring of [armored, gpg.export([ann, bob], { armor: false })]) {
    writeFileSync(gpgKeyring, keyring);
    for (const key of [ann, bob]) {
      const signed = commitSigned(repository, key, key.fingerprint);
      assert.equal(await judge(open()), undefined);
      const body = git(repository, ["cat-file", "commit", signed]).replace("with a body", "with another");
      const forged = git(repository, ["hash-object", "-t", "commit", "-w", "--stdin"], `${body}\n`);
      git(repository, ["update-ref", "refs/heads/main", forged]);
      assert.match((await judge(open())) ?? "", /^the commit \w{12} has a signature of [0-9A-F]{16} that does not fit it \(/);
    }
    commitSigned(repository, eve, "3");
    assert.match(
      (await judge(open())) ?? "",
      new RegExp(
        `is signed by the key ${eve.fingerprint}, which ${gpgKeyring} does not hold; if it may sign, add what ` +
          `gpg --export --armor ${eve.fingerprint.slice(-16)} prints \\(repository\\.gpgKeyring\\)$`,
      ),
    );
    commit(repository, { files: { a: "4" } });
    assert.match((await judge(open())) ?? "", /is not signed \(repository\.gpgKeyring\)$/);
    git(repository, ["update-ref", "-d", "refs/heads/main"]);
  }
  assert.deepEqual(readdirSync(temporary), []);
});

test("with both kinds configured, either must do; with one, the other must be refused with the setting it needs", async (t) => {
  const { root, repository, gpg, gpgKeyring, open } = setUp(t);
  const [forge, ann] = [gpg.createKey("forge"), createSigner(root, "ann")];
  writeFileSync(gpgKeyring, gpg.export([forge]));
  const allowedSigners = writeSigners(root, [ann]);
  const first = commitSigned(repository, ann, "1");
  assert.equal(await judge(open({ allowedSigners })), undefined);
  assert.match(
    (await judge(open())) ?? "",
    /is signed with SSH, and repository\.allowedSigners does not say by whom it may be \(repository\.gpgKeyring\)$/,
  );
  const second = commitSigned(repository, forge, "2");
  assert.equal(await judge(open({ allowedSigners }), first), undefined);
  commit(repository, { files: { a: "3" } });
  const reason = /is not signed \(repository\.allowedSigners, repository\.gpgKeyring\)$/;
  assert.match((await judge(open({ allowedSigners }), second)) ?? "", reason);
  git(repository, ["update-ref", "refs/heads/main", first]);
  assert.match((await judge(open({ allowedSigners }), second)) ?? "", /the history was rewritten/, "an old one replayed");
  assert.match((await judge(open({ allowedSigners, allowForcePush: false }), second)) ?? "", /the history was rewritten/);
  git(repository, ["update-ref", "refs/heads/main", commitSigned(repository, forge, "4")]);
  assert.match((await judge(open(), "1".repeat(40))) ?? "", /the history was rewritten/, "with a keyring alone too");
  assert.equal(await judge(open({ allowForcePush: true }), second), undefined);
});

test("a key that has expired must count for what was signed before, a revoked one for nothing", async (t) => {
  const { repository, gpg, gpgKeyring, open, sign } = setUp(t);
  const dates = { createdAt: "20240101T000000", expires: "20240201T000000" };
  const [old, gone, both] = [gpg.createKey("old", dates), gpg.createKey("gone"), gpg.createKey("both", dates)];
  const owner = gpg.createKey("owner", { createdAt: "20240101T000000" });
  gpg.addSubkey(owner, dates);
  const heir = gpg.createKey("heir", dates);
  gpg.addSubkey(heir, { createdAt: "20240101T000000" });
  const inTime = { at: "20240115T000000" };
  const signed = [sign(old, inTime), sign(gone), sign(both, inTime), sign(owner, inTime), sign(heir, inTime)] as const;
  const commitAt = (which: (payload: Buffer) => string, date: string) => commitWith(repository, which, date);
  writeFileSync(gpgKeyring, gpg.export([old, gone, both, owner, heir]));
  const good = signed.map((which, index) => commitAt(which, index === 1 ? "2026-01-15T00:00:00Z" : "2024-01-15T00:00:00Z"));
  const judgeCommit = async (oid: string) => {
    git(repository, ["update-ref", "refs/heads/main", oid]);
    return judge(open());
  };
  for (const oid of good) assert.equal(await judgeCommit(oid), undefined);
  for (const index of [0, 3, 4] as const) {
    commitAt(signed[index], "2024-03-01T00:00:00Z");
    const reason = /is signed by the key [0-9A-F]{40}, which had expired on 2024-02-01; extend the key and export it again,/;
    assert.match((await judge(open())) ?? "", reason, "by the date of the commit");
  }
  const late = gpg.createKey("late", { createdAt: "20240101T000000" });
  commitAt(sign(late, { at: "20240301T000000" }), "2024-01-15T00:00:00Z");
  gpg.run(["--faked-system-time", "20240115T000000", "--quick-set-expire", late.fingerprint, "20240201T000000"]);
  writeFileSync(gpgKeyring, gpg.export([late]));
  assert.match((await judge(open())) ?? "", /which had expired on 2024-02-01/, "by the date of the signature");
  for (const key of [gone, both]) gpg.revoke(key);
  writeFileSync(gpgKeyring, gpg.export([old, gone, both, owner, heir]));
  for (const oid of good.slice(1, 3))
    assert.match(
      (await judgeCommit(oid)) ?? "",
      /is signed by the key [0-9A-F]{40}, which is revoked in \/.*; sign it again with/,
    );
});

test("a keyring that cannot be used must be an error with a remedy, whatever is wrong with it", async (t) => {
  const { root, repository, gpg, gpgKeyring, open } = setUp(t);
  const ann = gpg.createKey("ann");
  commitSigned(repository, ann, "1");
  const armored = gpg.export([ann]).toString();
  const hint = /^write it with gpg --export --armor KEY… and name it in repository\.gpgKeyring$/;
  for (const [what, content, message, remedy] of [
    ["nothing", "", /signers holds no public key \(repository\.gpgKeyring\)$/, hint],
    ["text", "test@example.org ssh-ed25519 AAAA\n", /signers is no file of exported OpenPGP keys, or is damaged/, hint],
    ["half of it", armored.replace(/\n[^\n]*\n=/, "\n="), /is no file of exported OpenPGP keys, or is damaged/, hint],
    ["half of it, binary", gpg.export([ann], { armor: false }).subarray(0, 90), /is no file of exported OpenPGP keys/, hint],
    ["a signature", gpg.run(["--dearmor"], Buffer.from(gpg.sign(ann, Buffer.from("x")))), /holds no public key/, hint],
    ["a private key", gpg.export([ann], { secret: true }), /holds a private key, which no host should have/, /^make it again/],
    ["one, binary", gpg.export([ann], { secret: true, armor: false }), /holds a private key/, /^make it again with gpg --export/],
  ] as const) {
    writeFileSync(gpgKeyring, content);
    await assert.rejects(judge(open()), { code: "source-refused", handling: "transient", message, hint: remedy }, what);
  }
  await assert.rejects(judge(open({ gpgKeyring: join(root, "none") })), {
    code: "source-refused",
    handling: "transient",
    message: /none cannot be read \(ENOENT\)$/,
    hint: "check repository.gpgKeyring and who may read it",
  });
});

test("what is no plain signature of the commit must be refused, however gpgv takes it", async (t) => {
  const { repository, gpg, gpgKeyring, open, sign } = setUp(t);
  const [ann, bob] = [gpg.createKey("ann"), gpg.createKey("bob", { algorithm: "rsa2048" })];
  const old = gpg.createKey("old", { createdAt: "20230101T000000" });
  writeFileSync(gpgKeyring, gpg.export([ann, bob, old]));
  const armor = (bytes: Uint8Array) =>
    `-----BEGIN PGP SIGNATURE-----\n\n${Buffer.from(bytes).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END PGP SIGNATURE-----`;
  const binary = (text: string) => gpg.run(["--dearmor"], Buffer.from(text));
  const whole = (args: readonly string[]) => (payload: Buffer) =>
    armor(gpg.run([...args, "--local-user", ann.fingerprint, "--sign", "--output", "-"], payload));
  for (const [what, make, reason] of [
    ["another commit's", () => gpg.sign(ann, Buffer.from("another")), /has a signature of [0-9A-F]{16} that does not fit it/],
    ["a signed message", whole([]), /has an OpenPGP signature that cannot be read/],
    ["the same, not compressed", whole(["-z0"]), /has an OpenPGP signature that cannot be read/],
    ["a clear one", (payload: Buffer) => gpg.run(["--clearsign"], payload).toString(), /is signed with neither SSH nor OpenPGP/],
    ["noise", () => armor(Buffer.from("noise")), /has an OpenPGP signature that cannot be read/],
    [
      "two",
      (payload: Buffer) => armor(Buffer.concat([ann, bob].map((key) => binary(gpg.sign(key, payload))))),
      /has more than one OpenPGP signature/,
    ],
    ["SHA-1", sign(bob, { args: ["--digest-algo", "SHA1"] }), /has a signature of [0-9A-F]{40} by a hash that can be forged/],
    [
      "one that has ended",
      sign(old, { at: "20240101T000000", args: ["--default-sig-expire", "1d"] }),
      /has a signature of [0-9A-F]{40} that was good until 2024-01-02 only/,
    ],
  ] as const) {
    commitWith(repository, make);
    assert.match((await judge(open())) ?? "", reason, what);
  }
  commitWith(repository, sign(ann, { args: ["--textmode"] }));
  assert.equal(await judge(open()), undefined, "one of text, which GitLab makes");
});

test("a key from the future must be told as what cannot be told now", async (t) => {
  const { repository, gpg, gpgKeyring, open, sign } = setUp(t);
  const late = gpg.createKey("late", { createdAt: "20990101T000000" });
  writeFileSync(gpgKeyring, gpg.export([late]));
  commitWith(repository, sign(late, { at: "20990102T000000" }));
  await assert.rejects(judge(open()), {
    code: "source-refused",
    handling: "transient",
    message: /^a signature of the key [0-9A-F]{40} cannot be checked: .*in the future/,
    hint: "check this host's clock, and its version of gpgv",
  });
});

test("with tags, the tag object must be signed by a key of the keyring", async (t) => {
  const { repository, gpg, gpgKeyring, open } = setUp(t);
  const [ann, eve] = [gpg.createKey("ann"), gpg.createKey("eve")];
  writeFileSync(gpgKeyring, gpg.export([ann]));
  const revision = commit(repository, { files: { a: "1" } });
  tagSigned(repository, eve, "v1.0.0", revision);
  assert.match(
    (await judge(open({ tag: "v*" }))) ?? "",
    /^the tag v1\.0\.0 is signed by the key [0-9A-F]{40}, which .* does not hold/,
  );
  tagSigned(repository, ann, "v1.0.0", revision);
  assert.equal(await judge(open({ tag: "v*" })), undefined);
});

test("a program that is missing must be named, with what to install", async () => {
  await assert.rejects(runSignatureTool({ command: "no-such-gpgv", from: "GnuPG" }, [], undefined, never), {
    code: "source-refused",
    handling: "transient",
    message: "a signature cannot be checked: no-such-gpgv is not installed",
    hint: "install GnuPG",
  });
});
