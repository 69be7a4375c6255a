import assert from "node:assert/strict";
import { test } from "node:test";
import { branchRef } from "../../agent/git/branch-ref.ts";
import { parseAdvertisement, parseLsRefs } from "../../agent/git/ls-refs.ts";
import { openSource } from "../../agent/git/open-source.ts";
import { parseLocation } from "../../agent/git/parse-location.ts";
import { encodePktLine } from "../../agent/git/pkt-line.ts";
import { knownHostsFiles, sshArguments } from "../../agent/git/ssh-arguments.ts";
import { retryAtMs } from "../../agent/lib/retry-at.ts";

test("addresses must be told apart", () => {
  for (const [text, kind, shown] of [
    ["https://git.lan/me/infra.git", "http", "https://git.lan/me/infra.git"],
    ["http://git.lan:3000/me/infra/?a=b#c", "http", "http://git.lan:3000/me/infra"],
    ["file:///srv/git/infra.git", "local", "file:///srv/git/infra.git"],
    ["/srv/git/infra.git", "local", "/srv/git/infra.git"],
  ] as const) {
    assert.partialDeepStrictEqual(parseLocation(text), { kind, shown });
  }
});

test("addresses that cannot be used must be refused when the agent starts", () => {
  const texts = [
    "",
    "infra",
    "./infra",
    "git.lan:me/infra.git",
    "ssh://git.lan/x",
    "ssh://git@git.lan",
    "ssh://git@git.lan/",
    "ssh://git@/x",
    "ssh://git@git.lan:0/x",
    "ssh://git@git.lan:99999/x",
    "ssh://git:password@git.lan/x",
    "ssh://git@-oProxyCommand=id/x",
    "ssh://-oProxyCommand=id@git.lan/x",
    "ssh://git@git.lan/x%0ay",
    "ssh://git@git.lan/%zz",
    "ssh://gi%20t@git.lan/x",
    "ssh://git@git.lan%20x/x",
    "git@git.lan:",
    "git@git.lan:-x",
    "git@-oProxyCommand=id:x",
    "-oProxyCommand=id@git.lan:x",
    "git@git lan:x",
    "git@git.lan:x\ny",
    "ftp://git.lan/x",
    "file://host/x",
    "https://",
  ];
  for (const text of texts) {
    assert.throws(() => parseLocation(text), { code: "configuration-invalid", handling: "stalled" }, text);
  }
});

test("addresses of ssh must be read as Git reads them", () => {
  for (const [text, address] of [
    ["ssh://git@git.lan/me/infra.git", { user: "git", host: "git.lan", port: 22, path: "/me/infra.git" }],
    ["ssh://git@git.lan:2222/me/infra.git", { user: "git", host: "git.lan", port: 2222, path: "/me/infra.git" }],
    ["git+ssh://git@git.lan/x%20y", { user: "git", host: "git.lan", port: 22, path: "/x y" }],
    ["ssh://ann@[::1]:22/~/x", { user: "ann", host: "::1", port: 22, path: "~/x" }],
    ["git@github.com:me/infra.git", { user: "git", host: "github.com", port: 22, path: "me/infra.git" }],
    ["git@[fe80::1]:/srv/x", { user: "git", host: "fe80::1", port: 22, path: "/srv/x" }],
    ["git@git.lan:22/x", { user: "git", host: "git.lan", port: 22, path: "22/x" }],
  ] as const) {
    assert.deepEqual(parseLocation(text), { kind: "ssh", address, shown: text });
  }
});

test("ssh must be called with one word for the path, no configuration and no way to ask", () => {
  const address = { user: "git", host: "git.lan", port: 2222, path: "it's `a` $b!;c" };
  const files = knownHostsFiles("/etc/holdfast/100%/key", undefined);
  const args = sshArguments({ address, keyFile: "/etc/holdfast/100%/key", knownHostsFiles: files, connectMs: 1500 });
  assert.deepEqual(args.slice(-7), ["-p", "2222", "-l", "git", "--", "git.lan", "git-upload-pack 'it'\\''s `a` $b'\\!';c'"]);
  assert.deepEqual(args.slice(0, 2), ["-F", "none"]);
  for (const setting of [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    'UserKnownHostsFile="/etc/holdfast/100%%/known_hosts"',
    'GlobalKnownHostsFile="/etc/ssh/ssh_known_hosts"',
    'IdentityFile="/etc/holdfast/100%%/key"',
    "IdentitiesOnly=yes",
    "ConnectTimeout=2",
  ]) {
    assert.ok(args.includes(setting), setting);
  }
  assert.deepEqual(knownHostsFiles("/a/key", "/b/hosts"), { own: "/b/hosts", common: "none" });
});

test("ssh without a key, or with a path that ssh cannot be given, must be refused when the agent starts", () => {
  const options = { url: "git@git.lan:me/infra.git", branch: "main", gitDirectory: "/nowhere" };
  assert.throws(() => openSource(options), { code: "configuration-invalid", message: /needs repository\.sshKeyFile$/ });
  for (const sshKeyFile of ['/etc/"key', "/etc/${HOME}", "/etc/\\key", "/etc/key\n"]) {
    assert.throws(() => openSource({ ...options, sshKeyFile }), {
      code: "configuration-invalid",
      message: /cannot be given the path/,
    });
  }
});

test("names that Git allows for branches must be taken, and no others", () => {
  for (const name of ["main", "feature/x", "release-1.2", "ünï", "a@b"]) assert.equal(branchRef(name), `refs/heads/${name}`);
  const refused = ["", "@", "..", "a..b", "../../HEAD", "/a", "a/", "a//b", "-a", ".a", "a/.b", "a.lock", "a.", "a b", "a\nb"];
  for (const name of [...refused, "a~", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{b", "refs/heads/main"]) {
    assert.throws(() => branchRef(name), { code: "configuration-invalid" }, name);
  }
});

const oid = "1".repeat(40);

function bytes(...lines: string[]): Uint8Array {
  return Buffer.from(lines.join(""));
}

test("answers about refs must be read in both versions", () => {
  const line = encodePktLine(`${oid} refs/heads/main\n`);
  assert.deepEqual(parseLsRefs(bytes(line, "0000")), { kind: "refs", refs: [{ name: "refs/heads/main", oid }] });
  assert.deepEqual(parseLsRefs(bytes("0000")), { kind: "refs", refs: [] });
  const service = `${encodePktLine("# service=git-upload-pack\n")}0000`;
  assert.deepEqual(parseAdvertisement(bytes(service, encodePktLine("version 2\n"), "0000"), ""), { kind: "version-2" });
  const first = encodePktLine(`${oid} HEAD\0multi_ack agent=x\n`);
  const peeled = encodePktLine(`${"2".repeat(40)} refs/tags/v1^{}\n`);
  const tag = encodePktLine(`${oid} refs/tags/v1\n`);
  const version1 = bytes(service, first, line, tag, peeled, encodePktLine(`shallow ${oid}`), "0000");
  assert.deepEqual(parseAdvertisement(version1, "refs/heads/"), { kind: "refs", refs: [{ name: "refs/heads/main", oid }] });
  const tags = { kind: "refs", refs: [{ name: "refs/tags/v1", oid, peeled: "2".repeat(40) }] };
  assert.deepEqual(parseAdvertisement(version1, "refs/tags/"), tags);
  assert.deepEqual(parseLsRefs(bytes(encodePktLine(`${oid} refs/tags/v1 peeled:${"2".repeat(40)}\n`), "0000")), tags);
  assert.deepEqual(parseLsRefs(bytes(encodePktLine("ERR no\n"))), { kind: "error", text: "no" });
});

test("answers that are broken off or something else must be called malformed", () => {
  const line = encodePktLine(`${oid} refs/heads/main\n`);
  const sha256 = encodePktLine(`${"1".repeat(64)} refs/heads/main\n`);
  for (const text of [
    "",
    line,
    line.slice(0, 20),
    "00",
    "0003",
    "zzzz",
    "<html>",
    `${encodePktLine("hello")}0000`,
    `${sha256}0000`,
  ]) {
    assert.deepEqual(parseLsRefs(bytes(text)), { kind: "malformed" }, text);
  }
});

test("a wish to be left alone must be bounded and understood in both forms", () => {
  const nowMs = Date.UTC(2026, 0, 1);
  assert.equal(retryAtMs(429, "30", nowMs), nowMs + 30_000);
  assert.equal(retryAtMs(503, new Date(nowMs + 60_000).toUTCString(), nowMs), nowMs + 60_000);
  assert.equal(retryAtMs(429, "999999", nowMs), nowMs + 3_600_000);
  for (const value of [undefined, "", "soon", "-1", new Date(nowMs - 1000).toUTCString()])
    assert.equal(retryAtMs(429, value, nowMs), 0);
  assert.equal(retryAtMs(200, "30", nowMs), 0);
});
