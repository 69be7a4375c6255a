import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readHostEnv } from "../../agent/desired/read-host-env.ts";
import { renderFinding } from "../../agent/model/finding.ts";

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "host-env-"));
  await mkdir(join(directory, "env/deep"), { recursive: true });
});
after(async () => await rm(directory, { recursive: true, force: true }));

async function put(name: string, mode = 0o600, text = "A=1\n"): Promise<void> {
  await writeFile(join(directory, name), text, { mode: 0o600 });
  await chmod(join(directory, name), mode);
}

async function read(name: string): Promise<string> {
  const { content, findings } = await readHostEnv(join(directory, "env"), name);
  if (content) return new TextDecoder().decode(content);
  return findings.map((finding) => renderFinding(finding).replaceAll(directory, "")).join("\n");
}

test("a file of the agent's own, mode 600 or stricter, is read", async () => {
  await put("env/a.env");
  await put("env/deep/b.env", 0o400, "B=2\n");
  assert.equal(await read("a.env"), "A=1\n");
  assert.equal(await read("deep/b.env"), "B=2\n");
});

test("a file that others can read or change is refused with the command that helps", async () => {
  await put("env/open.env", 0o640);
  assert.equal(
    await read("open.env"),
    "/env/open.env:1:1: the file has mode 640, so that others can read or change it; run: chmod 600 /env/open.env (host-env-file)",
  );
});

test("a file of another user is refused", { skip: process.getuid?.() !== 0 && "only root can give a file away" }, async () => {
  await put("env/theirs.env");
  await chown(join(directory, "env/theirs.env"), 1234, 0);
  assert.equal(
    await read("theirs.env"),
    "/env/theirs.env:1:1: the file belongs to user 1234, who could change it at any time; run: chown root /env/theirs.env (host-env-file)",
  );
});

test("links are not followed, in the name and on the way", async () => {
  await put("secret.env");
  await symlink(join(directory, "secret.env"), join(directory, "env/link.env"));
  await symlink(directory, join(directory, "env/way"));
  const refused = "the path leads through a symbolic link or a file; put the file itself in this place (host-env-file)";
  assert.equal(await read("link.env"), `/env/link.env:1:1: ${refused}`);
  assert.equal(await read("way/secret.env"), `/env/way/secret.env:1:1: ${refused}`);
});

test("what is no file is refused without waiting for it", async () => {
  execFileSync("mkfifo", ["-m", "600", join(directory, "env/pipe")]);
  assert.equal(await read("pipe"), "/env/pipe:1:1: expected a regular file with NAME=value lines (host-env-file)");
  assert.equal(await read("deep"), "/env/deep:1:1: expected a regular file with NAME=value lines (host-env-file)");
});

test("a file that is too large, missing, or elsewhere is refused", async () => {
  await put("env/large.env", 0o600, "x".repeat(1024 * 1024 + 1));
  assert.equal(
    await read("large.env"),
    "/env/large.env:1:1: the file has 1048577 bytes; at most 1048576 (1 MiB) are read (host-env-file)",
  );
  assert.equal(
    await read("no.env"),
    "/env/no.env:1:1: the file does not exist on this host; create it, for example with: install -m 600 /dev/null /env/no.env (host-env-file)",
  );
  for (const name of ["../secret.env", "deep/../a.env", "a\0.env"]) {
    assert.match(await read(name), /expected a path below \/env without \.\. \(host-env-file\)$/);
  }
});
